"""Run the public tests on the saved files of the student."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from assignment.support.project.manifest import ROOT, select_parts
from assignment.support.project.pristine import find_changes
from assignment.support.testing.debuggers import refuse_debuggers
from assignment.support.testing.failures import DEFAULT_SEED
from assignment.support.testing.loading import set_aside_student_code
from assignment.support.testing.messages import find_line
from assignment.support.testing.plugin import PartScores
from assignment.support.testing.pytest_session import run_pytest

__all__ = ["CheckError", "run_public_tests"]


PUBLIC = ROOT / "tests" / "public"


class CheckError(RuntimeError):
    """The tests themselves could not run; the message quotes pytest."""


def run_public_tests(
    part_ids: Sequence[str],
    seed: int = DEFAULT_SEED,
    announce: Callable[[str], None] = lambda part_id: None,
) -> PartScores:
    """Run the public tests of some parts on the saved files of the student.

    Parameters
    ----------
    part_ids : sequence of str
        Parts, or names of groups of parts; all parts if it is empty.
    seed : int
        Seed of all random inputs.
    announce : function
        Called with the id of each part before its tests run.

    Returns
    -------
    scores : PartScores

    Raises
    ------
    UnknownPart
        There is no such part.
    CheckError
        pytest could not run the tests.
    KeyboardInterrupt
        The user pressed Ctrl-C. The message says what was running.
    """
    files = dict.fromkeys(PUBLIC / part.tests for part in select_parts(part_ids))
    options = ["-pno:cacheprovider", "--tb=short"]
    options.append("-pno:unraisableexception")  # it collects garbage in the whole notebook, twice
    options.append("-pno:debugging")  # its prompt would be hidden with the rest of the output
    options += [f"--seed={seed}", *(f"--part={part_id}" for part_id in part_ids)]
    scores = PartScores()
    watch = Watch(scores, announce)
    with set_aside_student_code(), refuse_debuggers(), _take_output() as output:
        code = run_pytest([*files], options, [scores, watch])
    if watch.was_stopped:
        raise KeyboardInterrupt(watch.tell())
    ran = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if not ran or not scores.tested():
        raise CheckError(f"the check could not run:{_find_reason(output.getvalue())}")
    return scores


def _find_reason(output: str) -> str:
    """Return pytest's last error if given files were changed, else its whole output."""
    reasons = re.findall(r"^(?:E  +|ERROR: |\S+: error: )(.+)", output, re.M)
    return f" {reasons[-1]}" if reasons and find_changes() else f"\n{output}"


@contextlib.contextmanager
def _take_output() -> Iterator[io.StringIO]:
    output = io.StringIO()
    for name in [name for name in sys.modules if name.startswith("tests.public.")]:
        del sys.modules[name]  # they hold the functions of the last check
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield output


class Watch:
    """A pytest plugin that records which part is being tested, and where Ctrl-C stopped it."""

    def __init__(self, scores: PartScores, announce: Callable[[str], None]) -> None:
        self.scores = scores
        self.announce = announce
        self.part_id = ""
        self.line = ""
        self.was_stopped = False

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Announce the next part."""
        part_id = self.scores.find_part(nodeid)
        if part_id and part_id != self.part_id:
            self.part_id = part_id
            self.announce(part_id)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[Any]) -> None:
        """Record the student's line at Ctrl-C; pytest also calls this when it ends itself early."""
        self.was_stopped = not isinstance(excinfo.value, pytest.Session.Interrupted)
        self.line = find_line(excinfo.value) or ""

    def tell(self) -> str:
        """Return in one line what was running."""
        what = f"testing {self.part_id}" if self.part_id else "importing your files"
        return f"stopped while {what}" + (f", at {self.line}" if self.line else "")
