"""python -m autograder compare: whose total differs between two results, and why."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.console import Console

from autograder.commands.arguments import add_command, read_path

__all__ = ["add_parser"]

HELP = """\
Says whose total differs between two results of a class, by how much, and why: another submission
counts, tests ended otherwise, tests have other points, marks and corrections, lateness, or rules.
A and B are each the --out of grade, or a gradebook.sqlite; copy the folder before you change
something, and compare it afterwards. One line a student, the largest change first, then how many
totals of how many have changed.

Nothing is written. Rules and points are those by which A and B were last written, marks those that
`grade` or `rescore` have read.
"""
EPILOG = """\
--json prints one object: a, b; rules and judging (lines about what differs for all); changed, of
(numbers of students); students. A student has student, name, before and after (totals; null:
nothing to count), possible (of A and B), change, and reasons, each with its kind:
  only in A, only in B, rules
  submission, lateness, status: before, after
  verdicts, points: tests (part, test, hidden, before and after: outcomes; points and possible,
                    of A and B)
  marks: items (item; before, after: null, or points, comment, by)
  points of items: items (item; before, after: points that are possible)

exit code: 0 if nothing differs, 1 if something does, 2 if A or B cannot be read.

examples:
  python -m autograder compare BEFORE RESULTS
  python -m autograder compare BEFORE RESULTS --json > changes.json"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "compare", run, "say whose total differs, and why", HELP)
    parser.epilog = EPILOG
    parser.add_argument("a", type=read_path, metavar="A", help="results before")
    parser.add_argument("b", type=read_path, metavar="B", help="results after")
    parser.add_argument("--json", action="store_true", help="print the same facts as JSON")


def run(options: argparse.Namespace) -> int:
    """Compare two results, and return the exit code."""
    from autograder.commands.reading import read_class
    from autograder.reports.comparison import Side, compare, print_comparison

    sides = []
    for path in (options.a, options.b):
        found = read_class(path)
        sides.append(Side(str(path), found.scores, found.course, found.dependencies))
    facts = compare(*sides)
    if options.json:
        print(json.dumps(facts, indent=1))
    else:
        print_comparison(facts, Console(highlight=False))
    return 1 if facts["students"] or facts["rules"] else 0
