"""Import the student's files so that broken code affects only the functions that need it.

A file is run statement by statement. A statement that Python cannot read, or that raises, is
skipped. Each function that is missing afterwards is replaced by one that raises the reason. So is a
function whose last definition cannot be read: an earlier one, which may be right, is not the
student's answer.
"""

from __future__ import annotations

import ast
import bisect
import codeop
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from assignment.support.project.manifest import GIVEN_FILES, ROOT, load_parts
from assignment.support.testing.messages import PROBLEM, explain_import

__all__ = ["CannotUse", "StudentFiles", "load_student_code", "set_aside_student_code"]

PACKAGE = "assignment"
MAX_REASON = 500
STUDENTS = re.compile(rf"{PACKAGE}\.(?!support\b|contracts$|__main__$)")  # names of modules
STARTS_STATEMENT = re.compile(r"[^\s#)\]}]")
DEFINES = re.compile(r"@|(?:async +)?def\b|class\b")
DEFINED = re.compile(r"^(?:async +)?(?:def|class)\s+(\w+)", re.M)
# Comments and strings; group 1 is there in a string that may have several lines.
TEXTS = re.compile(
    r"#[^\n]*|(\"\"\"|''')(?:\\.|(?!\1)[^\\])*\1|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.S,
)
INDENTED = re.compile(r"^[ \t]+[^\s#]", re.M)
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class CannotUse(Exception):
    """A function of the student is missing, or Python cannot import its file.

    Parameters
    ----------
    reason : str
    is_absent : bool
        Whether the file is missing, or Python imports it and it does not define the function.
    """

    def __init__(self, reason: str, is_absent: bool) -> None:
        super().__init__(reason)
        self.is_absent = is_absent


class StudentFiles(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the student's files, and runs the statements that Python can read.

    Parameters
    ----------
    contents : mapping of str to bytes or str
        File name -> source as bytes, or the reason why the file cannot be used as a string. A file
        of the manifest without an entry counts as missing.
    folder : str
        Folder of the files, for tracebacks.
    """

    stopped_by: tuple[type[BaseException], ...] = (KeyboardInterrupt,)  # the user pressed Ctrl-C

    def __init__(self, contents: Mapping[str, bytes | str], folder: str) -> None:
        missing = dict.fromkeys(part.file for part in load_parts())
        self.contents: dict[str, bytes | str | None] = {**missing, **contents}
        self.files = {f"{PACKAGE}.{name.removesuffix('.py')}": name for name in self.contents}
        self.folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a module that the manifest or the submission names."""
        if name not in self.files:
            return None
        origin = f"{self.folder}/{self.files[name]}"
        return importlib.machinery.ModuleSpec(name, self, origin=origin)

    def get_source(self, name: str) -> str:
        """Return the text of a file, for tracebacks."""
        content = self.contents[self.files[name]]
        return _decode(content) if isinstance(content, bytes) else ""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run one file; its functions that are missing afterwards raise CannotUse."""
        file = self.files[module.__name__]
        content = self.contents[file]
        if content is None:
            _fill_in(module, file, f"{PACKAGE}/{file} is missing", is_absent=True)
        elif isinstance(content, str):
            _fill_in(module, file, content)
        else:
            module.__dict__[PROBLEM] = problem = self._run(module, file, content)
            _fill_in(module, file, problem)

    def _run(self, module: types.ModuleType, file: str, content: bytes) -> str:
        """Run the statements of a file; return the first problem, or ""."""
        problems: list[str] = []

        def note(error: BaseException) -> None:
            problems.append(explain_import(error, file)[:MAX_REASON])

        module.__file__ = filename = f"{self.folder}/{file}"
        for step in _compile(_decode(content, note), filename, note):
            if isinstance(step, _Broken):
                if step.name in module.__dict__:
                    reason = explain_import(step.error, file)[:MAX_REASON]
                    module.__dict__[step.name] = _make_raiser(reason, is_absent=False)
                continue
            try:
                exec(step, module.__dict__)
            except self.stopped_by:
                raise
            except BaseException as error:  # an import may raise anything
                note(error)
        return problems[0] if problems else ""


Note = Callable[[BaseException], None]


def _decode(content: bytes, note: Note = lambda error: None) -> str:
    try:
        return importlib.util.decode_source(content)
    except (SyntaxError, UnicodeError) as error:
        note(error)
        return content.decode("utf-8", errors="replace")


class _Broken(NamedTuple):
    """A definition that Python cannot read: it replaces those above it."""

    name: str
    error: BaseException


class _Piece(NamedTuple):
    """A top-level statement, or lines that are none."""

    defines: bool  # whether it starts a definition: then it is not a line of the function above
    name: str  # that it defines, "" for none
    statement: ast.stmt | None
    error: BaseException | None = None  # why it cannot be read


def _compile(source: str, filename: str, note: Note) -> list[types.CodeType | _Broken]:
    """Compile the top-level statements of a file, and note why others cannot be compiled.

    An unreadable line may belong to the function above it, for example after a lost indent or a
    failed merge. Half a function must not run, so this function is then left out as well.
    """
    compile_statement = codeop.Compile()  # remembers earlier __future__ imports
    steps: list[types.CodeType | _Broken | None] = []
    above, name_above = None, ""  # a function that the next lines may belong to
    for piece in _read_statements(source, filename, note):
        code, error = None, piece.error
        if piece.statement is not None:
            tree: Any = ast.Module([piece.statement], [])
            try:
                code = compile_statement(tree, filename, "exec")
            except Exception as problem:  # "return outside function"
                note(problem)
                error = problem
        broken = _Broken(piece.name, error) if code is None and error and piece.name else None
        if piece.defines:
            above = len(steps) if code and _may_be_cut(piece.statement) else None
            name_above = piece.name
        elif error is not None and above is not None:
            steps[above] = _Broken(name_above, error)
            above = None
        steps.append(code or broken)
    return [step for step in steps if step is not None]


def _may_be_cut(statement: ast.stmt | None) -> bool:
    """Return whether more lines of this function or class may follow: not after a return."""
    if isinstance(statement, FUNCTIONS):
        return not isinstance(statement.body[-1], (ast.Return, ast.Raise))
    return isinstance(statement, ast.ClassDef)


def _read_statements(source: str, filename: str, note: Note) -> Iterator[_Piece]:
    """Yield the top-level statements of a file, and where one is unreadable, why."""
    try:
        pieces = [(0, source, 0)]
        tree = ast.parse(source, filename)
    except UNREADABLE as error:
        note(error)
        pieces, tree = list(_split(source)), None
    quoted = _find_quoted(source) if tree is None else []
    for start, text, place in pieces:
        found = tree or _parse(text, filename, start)
        if isinstance(found, ast.Module):
            for statement in found.body:
                defines = isinstance(statement, (*FUNCTIONS, ast.ClassDef))
                yield _Piece(defines, getattr(statement, "name", "") if defines else "", statement)
            continue
        defines = bool(DEFINES.match(text))
        if defines or INDENTED.search(text):  # else no code is lost
            named = DEFINED.search(text) if defines and not _is_quoted(place, quoted) else None
            yield _Piece(defines, named[1] if named else "", None, found)


def _parse(text: str, filename: str, start: int) -> ast.Module | BaseException:
    """Return the statements in some lines of a file, or why they cannot be read."""
    try:
        tree = ast.parse(text, filename)
    except UNREADABLE as error:
        if isinstance(error, SyntaxError) and error.lineno:
            error.lineno += start
        return error
    if start:
        ast.increment_lineno(tree, start)
    return tree


def _split(source: str) -> Iterator[tuple[int, str, int]]:
    """Split a file before each top-level statement, but not between decorator and function.

    Yields the number of lines above, the text, and its place in the file.
    """
    lines = source.splitlines(keepends=True)
    places = list(itertools.accumulate(map(len, lines), initial=0))
    starts = [
        i
        for i, line in enumerate(lines)
        if STARTS_STATEMENT.match(line) and not (i and lines[i - 1].startswith("@"))
    ]
    for start, end in zip(starts, [*starts[1:], len(lines)]):
        yield start, "".join(lines[start:end]), places[start]


def _find_quoted(source: str) -> list[tuple[int, int]]:
    """Return where strings of several lines begin and end: an old version may stand in one."""
    return [found.span() for found in TEXTS.finditer(source) if found[1]]


def _is_quoted(place: int, quoted: list[tuple[int, int]]) -> bool:
    i = bisect.bisect(quoted, (place, 0)) - 1
    return i >= 0 and place < quoted[i][1]


def _fill_in(
    module: types.ModuleType, file: str, reason: str = "", is_absent: bool = False
) -> None:
    """Add each function of the manifest that a module lacks; the added ones raise CannotUse."""
    for name in [name for part in load_parts() if part.file == file for name in part.functions]:
        if name not in module.__dict__:
            absent = is_absent or not reason
            raiser = _make_raiser(reason or f"{PACKAGE}/{file} has no {name}", absent)
            setattr(module, name, raiser)


def _make_raiser(reason: str, is_absent: bool) -> Callable[..., Any]:
    def raise_cannot_use(*args: Any, **kwargs: Any) -> Any:
        raise CannotUse(reason, is_absent)

    return raise_cannot_use


def load_student_code() -> dict[str, str]:
    """Import every file of the manifest from the project's folder.

    Afterwards all functions of the manifest can be imported. A call of a missing one raises
    CannotUse, with one line that says what is wrong.

    Returns
    -------
    problems : dict of str
        File name -> first problem, for the files that Python itself could not import.
    """
    folder = ROOT / PACKAGE
    own = [path for path in folder.glob("*.py") if path.name not in GIVEN_FILES]
    files = StudentFiles({path.name: path.read_bytes() for path in own}, folder.as_posix())
    # before Python's own finder, after any finder of the grader
    sys.meta_path.insert(sys.meta_path.index(importlib.machinery.PathFinder), files)
    try:
        for part in load_parts():
            _fill_in(importlib.import_module(part.module), part.file)
    finally:
        sys.meta_path.remove(files)
    loaded = {file: sys.modules[name] for name, file in files.files.items() if name in sys.modules}
    problems = {file: vars(module).get(PROBLEM) for file, module in loaded.items()}
    return {file: problem for file, problem in problems.items() if problem}


@contextmanager
def set_aside_student_code() -> Iterator[None]:
    """Import the student's files afresh inside this context; restore the old modules afterwards.

    So a notebook keeps the functions that it has imported.
    """
    before = _take_out()
    try:
        yield
    finally:
        _take_out()
        sys.modules.update(before)
        for name, module in before.items():
            setattr(sys.modules[PACKAGE], name.rpartition(".")[2], module)


def _take_out() -> dict[str, types.ModuleType]:
    """Remove the student's modules from sys.modules and from the package, and return them."""
    taken = {name: sys.modules.pop(name) for name in list(sys.modules) if STUDENTS.match(name)}
    for name in taken:
        vars(sys.modules[PACKAGE]).pop(name.rpartition(".")[2], None)
    return taken
