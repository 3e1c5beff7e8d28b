"""python -m autograder release: make what students get."""

from __future__ import annotations

import argparse
from typing import Any

from autograder.commands.arguments import add_command, read_path

__all__ = ["add_parser"]

HELP = """\
Writes what students get from this master copy: OUT/training-neural-networks-1/ and
OUT/training-neural-networks-1.zip, with the same files. Instead of solutions, functions and cells
to write raise NotImplementedError; answers and outputs are empty. Hidden tests, hidden cells and
the grader are left out. The same master copy gives the same bytes. An earlier release in OUT is
replaced, unless somebody has changed it.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "release", run, "make what students get", HELP)
    parser.add_argument("out", type=read_path, metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list differences, exit code 1 if any"
    )


def run(options: argparse.Namespace) -> int:
    """Write a release or compare one, and return the exit code."""
    from autograder.release.building import NAME, find_differences, write_release

    if options.check:
        differences = find_differences(options.out)
        print("\n".join(differences) or f"{options.out} is up to date")
        return 1 if differences else 0
    count = write_release(options.out)
    print(f"wrote {count} files to {options.out / NAME} and to {NAME}.zip beside it")
    return 0
