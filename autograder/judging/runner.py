"""Run one collected case with pytest's own protocol, and return how it ended."""

from __future__ import annotations

import contextlib
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
        try:
            self._run_protocol(item, nextitem)
        except Exception as error:  # the alarm rang, or a hook raised, outside of the test itself
            self._error = self._error or error
            self._reset(item)
        if isinstance(self._error, (KeyboardInterrupt, SystemExit)):
            raise self._error
        return Ended(self._error, self._timed_out)

    def _run_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        signal.signal(signal.SIGPROF, self._time_out)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        try:
            runtestprotocol(item, log=False, nextitem=nextitem)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _time_out(self, *_: Any) -> None:
        self._timed_out = True
        raise LimitReached("what your function returned takes too long to check")

    def tear_down(self, item: pytest.Item) -> None:
        """Tear down the module fixtures that the last case left alive."""
        item.session._setupstate.teardown_exact(None)

    def _reset(self, item: pytest.Item) -> None:
        """Tear down all fixtures of a case that pytest has left: the next one must start clean."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        with contextlib.suppress(Exception):
            self.tear_down(item)
        item.session._setupstate.stack.clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the first exception of a case, before anything looks at it."""
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        # Nobody reads pytest's text of it, which quotes what the student's function returned.
        item.repr_failure = lambda *args, **kwargs: ""  # type: ignore[method-assign]
        return (yield)
