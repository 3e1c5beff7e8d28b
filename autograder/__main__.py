"""The teacher's command line: python -m autograder COMMAND."""

from __future__ import annotations

import argparse
import io
import sys

from autograder.commands import assign, compare, grade, prove, release, rescore, show, similar
from autograder.errors import GraderError

COMMANDS = (release, grade, rescore, show, compare, assign, similar, prove)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _make_parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # which may not be able to show each name
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(options.run(options))
    except GraderError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        resumes = "; the same command resumes from here" if options.command == "grade" else ""
        print(f"\nstopped{resumes}", file=sys.stderr)
        return 130


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
