"""Find where a cell defines a name, and whether that is a stub, from its text alone.

The text is looked at line by line: a cell that Python cannot read has definitions, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["drop_stubs", "find_definition"]

STUB = re.compile(r"^([ \t]*)raise NotImplementedError\b", re.M)
RETURN = re.compile(r"^[ \t]*return\b", re.M)
OPENS = re.compile(
    r"(?:async +)?(?P<own>def|class)\b|(?:if|elif|else|try|except|finally|with|for|while)\b"
)
MAX_LINE, MAX_SOURCE = 500, 200_000  # characters that are looked at: a student may write any text


def find_definition(source: str, name: str) -> str:
    """Say whether a cell defines a name at its top: "solved", "stub" or "" for not at all.

    The top includes the branches of an `if`. The last definition that is no stub counts.
    """
    kinds = [kind for kind, _, _ in _find_definitions(source, name)]
    return "solved" if "solved" in kinds else "".join(kinds[:1])


def drop_stubs(source: str, name: str) -> str:
    """Return a cell without the stubs of a name that it also defines rightly."""
    lines = source.split("\n")
    spans = list(_find_definitions(source, name))
    if any(kind == "solved" for kind, _, _ in spans):
        for _, start, end in (span for span in spans if span[0] == "stub"):
            lines[start:end] = [""] * (end - start)
    return "\n".join(lines)


def _find_definitions(source: str, name: str) -> Iterator[tuple[str, int, int]]:
    """Yield for each definition whether it is "solved" or a "stub", and its first and last line."""
    word = re.escape(name)
    opens = re.compile(rf"(?:async +)?(?:def|class) +{word}\b")
    binds = re.compile(rf"(?:\w+ *[,=] *)*{word} *(?:, *\w+ *)*(?::[^=]+)?=(?!=)|.* as {word}$")
    lines = source[:MAX_SOURCE].split("\n") if name in source else []
    depths: list[tuple[int, bool]] = []  # of the blocks that a line stands in: is it a function's?
    for number, line in enumerate(lines):
        text = line[:MAX_LINE].strip()
        if not text or text.startswith("#"):
            continue
        depth = _depth(line)
        while depths and depths[-1][0] >= depth:
            depths.pop()
        if name in text and not any(is_function for _, is_function in depths):
            if opens.match(text):
                end = _find_end(lines, number, depth)
                yield _judge_body(lines[number:end]), number, end
            elif (depth == 0 or depths) and binds.match(text):
                yield "solved", number, number + 1
        if block := OPENS.match(text):
            depths.append((depth, block["own"] is not None))


def _find_end(lines: Sequence[str], start: int, depth: int) -> int:
    for number in range(start + 1, len(lines)):
        text = lines[number].lstrip()
        if text and not text.startswith(("#", ")")) and len(lines[number]) - len(text) <= depth:
            return number
    return len(lines)


def _judge_body(lines: Sequence[str]) -> str:
    """Say whether a definition raises at the depth of its body, before it returns: a stub does."""
    text = "\n".join(lines)
    raises, returns = STUB.search(text), RETURN.search(text)
    if raises is None or (returns is not None and returns.start() < raises.start()):
        return "solved"
    # Right code, too, may raise in a branch.
    depths = [
        _depth(line) for line in lines[1:] if line.strip() and _depth(line) > _depth(lines[0])
    ]
    return "stub" if len(raises[1]) <= min(depths) else "solved"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
