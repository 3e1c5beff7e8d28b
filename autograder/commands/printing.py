"""Print the results of a class."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from autograder.reports.class_page import print_page, print_table
from autograder.results import Written

__all__ = ["print_results"]


def print_results(written: Written, sorted_by: str | None, console: Console) -> int:
    """Print the page of a class and, if it is sorted by something, the long table.

    Returns
    -------
    exit_code : int
        1 if a test ended by the grader's own fault, else 0.
    """
    if written.title:
        console.print(Text(written.title), style="bold")
    print_page(written.scores, written.remarks, console)
    if sorted_by:
        console.print()
        print_table(written.scores, sorted_by, console)
    return 1 if any(score.grade and score.grade.faults for score in written.scores) else 0
