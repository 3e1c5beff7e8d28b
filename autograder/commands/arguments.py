"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["add_command", "add_course", "add_results", "add_table", "read_path", "read_seed"]
__all__ += ["read_share"]

SORTED_BY = ("name", "points", "status")


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help: str, description: str
) -> argparse.ArgumentParser:
    """Add a command to those of a command line, as argparse's add_subparsers returns them."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add the folder of results."""
    parser.add_argument("results", type=read_path, metavar="RESULTS", help="the --out of grade")


def add_course(parser: argparse.ArgumentParser) -> None:
    """Add the file with the rules."""
    parser.add_argument(
        "--course",
        type=read_path,
        metavar="FILE",
        help="rules of the course (default: course.toml in or beside SUBMISSIONS, or that of the "
        "run before); docs/course.toml explains them",
    )


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the wish for a long table."""
    parser.add_argument(
        "--table",
        nargs="?",
        const="name",
        choices=SORTED_BY,
        help="also print a line for each student, sorted by name if nothing else is said",
    )


def read_path(text: str) -> Path:
    """Return a path; refuse "", for example from an unset variable: it means the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: name a folder")
    return Path(text)


def read_seed(text: str) -> int:
    """Return a seed as NumPy takes it."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def read_share(text: str) -> float:
    """Return a number from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return share
