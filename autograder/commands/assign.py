"""python -m autograder assign: settle whose a file is."""

from __future__ import annotations

import argparse
from typing import Any

from autograder.commands.arguments import add_command, add_results

__all__ = ["add_parser"]

HELP = """\
Settles whose work a file is, where its name does not tell, or tells it wrong. FILE is as `grade`
has listed it, and STUDENT a name, login, e-mail address or id of the roster; several students are a
group. Grades and marks of the file go with it: nothing is judged or marked again. The next run of
`grade` knows it, too. The exit code is 0, or 2 if there is no such file or student.

  python -m autograder assign RESULTS "hw final.zip" jane.doe
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "assign", run, "settle whose a file is", HELP)
    add_results(parser)
    parser.add_argument("file", metavar="FILE", help="as grade has listed it")
    parser.add_argument("students", metavar="STUDENT", nargs="+", help="whose it is")


def run(options: argparse.Namespace) -> int:
    """Settle it, and return the exit code."""
    from autograder.results import assign

    written, before = assign(options.results, options.file, options.students)
    for remark in written.remarks:
        print(remark)
    was = f", and no longer of {', '.join(before)}" if before else ""
    print(f"{options.file} is the work of {', '.join(options.students)}{was}")
    return 0
