"""Inside the wall: a student's files, imported from memory."""

from __future__ import annotations

from typing import Any

from assignment.support.testing.loading import StudentFiles

__all__ = ["PACKAGE", "Sources"]

PACKAGE = "assignment"


class Sources(StudentFiles):
    """Finds the student's files in memory; what the course gives comes from its own folder.

    Parameters
    ----------
    files : dict of bytes or str
        File name -> source, or the reason why there is none.
    """

    stopped_by = ()  # nobody presses Ctrl-C here

    def __init__(self, files: dict[str, Any]) -> None:
        super().__init__(files, PACKAGE)
