"""Find the line of each key in a TOML file, which the standard library does not tell."""

from __future__ import annotations

import re
import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Path", "find_lines"]

Path = tuple[str, ...]  # the names of the tables around a key, and its own

TOKEN = re.compile(
    r"""
      (?P<string> \"{3} (?:\\.|[^\\])*? \"{3} \"{0,2} | '{3} .*? '{3} '{0,2}
                | " (?:\\.|[^"\\\n])* " | ' [^'\n]* ' )
    | (?P<comment> \# [^\n]* )
    | (?P<newline> \n )
    | (?P<mark> [][{}=,.] )
    | (?P<bare> [^\s\[\]{}=,.#"']+ )
    """,
    re.X | re.S,
)


def find_lines(text: str) -> dict[Path, int]:
    """Return the number of the line where each key and each table first stands.

    The text must be right TOML. Lines count from 1.
    """
    return _Scan(text).run()


class _Scan:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        line, end = 1, 0
        for match in TOKEN.finditer(text):
            line += text.count("\n", end, match.start())
            if match.lastgroup != "comment":
                self.tokens.append((str(match.lastgroup), match[0], line))
            end = match.start()
        self.at = 0
        self.lines: dict[Path, int] = {}

    def run(self) -> dict[Path, int]:
        table: Path = ()
        while self.at < len(self.tokens):
            kind, text, _ = self.tokens[self.at]
            if kind == "newline":
                self.at += 1
            elif text == "[" and kind == "mark":
                self._skip_marks("[")
                table = self._read_key(())
                self._skip_marks("]")
            else:
                self._read_value(self._read_key(table))
        return self.lines

    def _peek(self) -> str:
        """Return the next token if it is a mark or the end of a line, else ""."""
        if self.at == len(self.tokens):
            return "\n"
        kind, text, _ = self.tokens[self.at]
        return text if kind in ("mark", "newline") else ""

    def _skip_marks(self, marks: str) -> None:
        while self.at < len(self.tokens) and self._peek() and self._peek() in marks:
            self.at += 1

    def _read_key(self, table: Path) -> Path:
        path = table
        while True:
            kind, text, line = self.tokens[self.at]
            name = tomllib.loads(f"name = {text}")["name"] if kind == "string" else text
            path = (*path, name)
            self.lines.setdefault(path, line)
            self.at += 1
            if self._peek() != ".":
                return path
            self.at += 1

    def _read_value(self, path: Path) -> None:
        self._skip_marks("=")
        if self._peek() == "{":
            self._read_table(path)
        elif self._peek() == "[":
            self._read_list(path)
        else:  # a text, number or time: 1.5 is three tokens, and 2026-12-01 23:59:00 two
            while self._peek() in ("", "."):
                self.at += 1

    def _read_table(self, path: Path) -> None:
        self._skip_marks("{\n")
        while self._peek() != "}":
            self._read_value(self._read_key(path))
            self._skip_marks(",\n")
        self.at += 1

    def _read_list(self, path: Path) -> None:
        self.at += 1  # of the list in a list, only the first bracket
        self._skip_marks("\n")
        while self._peek() != "]":
            self._read_value(path)
            self._skip_marks(",\n")
        self.at += 1
