"""python -m autograder prove: try the tests on the mistake bank."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from autograder.commands.arguments import add_command, read_seed

__all__ = ["add_parser"]

HELP = """\
Runs the public and the hidden tests of its topic on every variant in the mistake bank
(autograder/bank). Prints which tests catch it, and how many mistakes are recognised by their
answers. The exit code is 1 if a wrong variant passes or is taken for another one, or if a right
one fails.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "prove", run, "try the tests on the mistake bank", HELP)
    parser.add_argument("--seed", type=read_seed, default=231, help="of the random inputs")


def run(options: argparse.Namespace) -> int:
    """Prove the tests, and return the exit code."""
    from autograder.proving import print_proofs, prove

    return 0 if print_proofs(prove(options.seed), Console()) else 1
