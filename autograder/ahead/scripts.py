"""The script of a case: the requests it made of the teacher's functions, likely to recur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograder.protocol.wire import unpack

__all__ = ["Foreseen", "Script", "Scripts"]


class Foreseen(NamedTuple):
    """A request that a case will probably make."""

    request: bytes
    # Whether to send it only after all earlier replies: it may contain the right answers to earlier
    # requests, from which it was made.
    waits: bool


Script = Sequence[Foreseen]


class Scripts:
    """The scripts of all cases, by the case's id."""

    def __init__(self) -> None:
        self._scripts: dict[str, list[Foreseen]] = {}

    def find(self, case_id: str) -> list[Foreseen]:
        """Return the script of a case, empty if there is none."""
        return self._scripts.get(case_id, [])

    def write(self, case_id: str, requests: Sequence[bytes]) -> None:
        """Keep the requests of a case as its script, unless it has one.

        A request that repeats the one before reveals nothing new, and need not wait.
        """
        if case_id in self._scripts:
            return
        contents = [_read_content(request) for request in requests]
        repeats = [i > 0 and content == contents[i - 1] for i, content in enumerate(contents)]
        waits = [i > 0 and not repeats[i] for i in range(len(requests))]
        self._scripts[case_id] = list(map(Foreseen, requests, waits))

    def cut(self, case_id: str, length: int) -> None:
        """Keep only the first requests of a script: the others depend on the answers."""
        del self._scripts[case_id][length:]


def _read_content(request: bytes) -> Any:
    """Return what a request says, without its number."""
    tree, buffers = unpack(request)
    return {**tree, "number": None}, buffers
