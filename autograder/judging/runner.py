"""Run one collected case with pytest's own protocol, and tell how it ended."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from autograder.wall.handle import LimitReached

__all__ = ["Runner"]


class Runner:
    """The pytest plugin that runs one collected case and tells how it ended."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.error: BaseException | None = None
        self.text = ""
        self.has_rung = False

    def run(self, item: pytest.Item, nextitem: pytest.Item | None = None) -> BaseException | None:
        """Run a case with pytest's own protocol; return the first exception.

        The wall limits how long answers take; the alarm, what a test makes of them over here.
        """
        self.error = None
        signal.signal(signal.SIGALRM, self._ring)
        signal.alarm(self.seconds)
        try:
            runtestprotocol(item, log=False, nextitem=nextitem)
        finally:
            signal.alarm(0)
        if isinstance(self.error, (KeyboardInterrupt, SystemExit)):
            raise self.error
        return self.error

    def _ring(self, *_: Any) -> None:
        self.has_rung = True
        raise LimitReached("what your function returned takes too long to look at")

    def tear_down(self, item: pytest.Item) -> None:
        """End what a case with a next one has left standing."""
        item.session._setupstate.teardown_exact(None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the first exception of a case, and the report's text."""
        report = yield
        if call.excinfo is not None and self.error is None:
            self.error = call.excinfo.value
            self.text = report.longreprtext
        return report
