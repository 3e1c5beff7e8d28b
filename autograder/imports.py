"""Inside the wall: import a student's files from memory, as much of each as Python can read."""

from __future__ import annotations

import ast
import codeop
import importlib.abc
import importlib.machinery
import linecache
import re
import types
from collections.abc import Iterator
from typing import Any, cast

from assignment.support.manifest import load_parts
from assignment.support.student_code import explain, make_raiser

__all__ = ["PACKAGE", "Sources"]

PACKAGE = "assignment"
MAX_REASON = 500
STARTS_STATEMENT = re.compile(r"[^\s#)\]}]")


class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the student's files in memory; what the course gives comes from its own folder.

    Parameters
    ----------
    files : dict of bytes or str
        File name -> source, or the reason why there is none.
    """

    def __init__(self, files: dict[str, Any]) -> None:
        names = {part.file for part in load_parts()} | set(files)
        self.files = {f"{PACKAGE}.{name.removesuffix('.py')}": name for name in names}
        self.contents = {name: f"assignment/{name} is missing" for name in names} | files

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Claim the modules that the manifest or the submission names."""
        if name not in self.files:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=f"{PACKAGE}/{self.files[name]}")

    def exec_module(self, module: types.ModuleType) -> None:
        """Run one file statement by statement; one that fails does not cost the others.

        Functions of the manifest that are missing afterwards raise CannotUse when they are called.
        """
        file = self.files[module.__name__]
        content = self.contents[file]
        reason = content if isinstance(content, str) else _run_file(module, file, content)
        reason = reason or f"assignment/{file} has no {{}}"
        for part in load_parts():
            if part.file == file:
                for name in part.functions:
                    if name not in module.__dict__:
                        setattr(module, name, make_raiser(reason.replace("{}", name)))


def _run_file(module: types.ModuleType, file: str, content: bytes) -> str:
    """Return what was wrong first, or nothing."""
    filename = f"{PACKAGE}/{file}"
    source = content.decode("utf-8", errors="replace")
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    compile_statement = codeop.Compile()  # knows which __future__ statements came before
    problems: list[str] = []
    for statement in _read_statements(source, file, problems):
        try:
            code = compile_statement(cast(Any, ast.Module([statement], [])), filename, "exec")
            exec(code, module.__dict__)
        except BaseException as error:  # whatever a file may do when it is imported
            problems.append(explain(error, file)[:MAX_REASON])
    return problems[0] if problems else ""


def _read_statements(source: str, file: str, problems: list[str]) -> Iterator[ast.stmt]:
    filename = f"{PACKAGE}/{file}"
    try:
        yield from ast.parse(source, filename).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problems.append(explain(error, file)[:MAX_REASON])
        for start, text in _split(source):
            try:
                tree = ast.parse(text, filename)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            yield from ast.increment_lineno(tree, start).body


def _split(source: str) -> Iterator[tuple[int, str]]:
    """Cut a file before each statement that begins a line; decorators stay with their function."""
    lines = source.splitlines(keepends=True)
    starts = [
        i
        for i, line in enumerate(lines)
        if STARTS_STATEMENT.match(line) and not (i and lines[i - 1].startswith("@"))
    ]
    for start, end in zip(starts, [*starts[1:], len(lines)]):
        yield start, "".join(lines[start:end])
