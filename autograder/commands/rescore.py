"""python -m autograder rescore: apply points, rules and marks to stored verdicts."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from autograder.commands.arguments import add_command, add_course, add_results, add_table

__all__ = ["add_parser"]

HELP = """\
Writes the results of a class anew from its stored verdicts, in seconds: with the points that the
tests have today, with course.toml (weights, tests that are left out, the late rule, the share for
follow-through marks, hints) and with marks.csv. Nothing is judged. If something has changed that
verdicts depend on, it says what, and for how many students `grade` would judge again.
The exit code is 1 if a test ended by the grader's own fault, 2 if nothing could be written.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    what = "apply points, rules and marks anew, without judging"
    parser = add_command(commands, "rescore", run, what, HELP)
    add_results(parser)
    add_course(parser)
    add_table(parser)


def run(options: argparse.Namespace) -> int:
    """Write the results anew, and return the exit code."""
    from autograder.commands.printing import print_results
    from autograder.results import rescore

    written = rescore(options.results, options.course)
    return print_results(written, options.table, Console(highlight=False))
