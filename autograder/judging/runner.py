"""Run one collected case with pytest's own protocol, and return how it ended."""

from __future__ import annotations

import signal
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from autograder.wall.handle import LimitReached

__all__ = ["Ended", "Runner"]


class Ended(NamedTuple):
    """How a case ended: the first exception, and whether the alarm rang."""

    error: BaseException | None
    timed_out: bool


class Runner:
    """The pytest plugin that runs one collected case.

    The wall limits the time for answers. An alarm limits the time to check them: the CPU time of
    this process, which only waits while a worker runs.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._error: BaseException | None = None
        self._timed_out = False

    def run(self, item: pytest.Item, nextitem: pytest.Item | None = None) -> Ended:
        """Run a case with pytest's own protocol."""
        self._error, self._timed_out = None, False
        signal.signal(signal.SIGPROF, self._time_out)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        try:
            runtestprotocol(item, log=False, nextitem=nextitem)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if isinstance(self._error, (KeyboardInterrupt, SystemExit)):
            raise self._error
        return Ended(self._error, self._timed_out)

    def _time_out(self, *_: Any) -> None:
        self._timed_out = True
        raise LimitReached("what your function returned takes too long to check")

    def tear_down(self, item: pytest.Item) -> None:
        """Tear down the module fixtures that the last case left alive."""
        item.session._setupstate.teardown_exact(None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the first exception of a case."""
        report = yield
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        return report
