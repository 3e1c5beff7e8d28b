"""Say before handing in what the grader will not be able to run of a notebook's cells."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from assignment.support.project.cells import SOLUTION, Located, Outlined, StudentCell, get_source
from assignment.support.project.definitions import find_definition
from assignment.support.project.manifest import GIVEN_FILES, load_parts
from assignment.support.testing.debuggers import find_stopping

__all__ = ["describe_code"]

KNOWN = {  # what requirements.txt installs, as far as cells import it
    "IPython",
    "PIL",
    "assignment",
    "joblib",
    "matplotlib",
    "mpl_toolkits",
    "numpy",
    "pytest",
    "tqdm",
    *sys.stdlib_module_names,
}
MAGIC = re.compile(r"^([ \t]*)(?=\S)(?:[%!?](?:[^\n]*\\\n)*[^\n]*|[^\n#'\"]*\?[ \t]*)$", re.M)
ONLY_IPYTHON = re.compile(r"^[ \t]*(?:>>> |In \[|%%)|=[ \t]*[%!]", re.M)  # reads it another way


def describe_code(
    name: str, outline: Sequence[Outlined], located: Located, cells: Sequence[StudentCell]
) -> list[str]:
    """Return lines on cells to complete that cannot be graded as they are, and unknown modules."""
    lines = []
    trees = [_read(cells[place].source) for place in located.own]
    for one in outline:
        if one.role == SOLUTION and one.id in located.found:
            source = get_source(located.found[one.id], cells, one.key)
            trees.append(_read(source))
            lines += [f"{name}: {one.id}: {why}" for why in _explain(source, trees[-1], one.key)]
    whole = [tree for tree in trees if isinstance(tree, ast.Module)]
    imported = [module for tree in whole for module in _find_imports(tree)]
    return lines + [_describe_import(name, module) for module in dict.fromkeys(imported)]


def _explain(source: str, tree: ast.Module | SyntaxError | None, key: str) -> Iterator[str]:
    """Say why a cell to complete cannot be right, and what in it stops the grader."""
    if isinstance(tree, ast.Module):
        yield from find_stopping(tree)
    if ONLY_IPYTHON.search(source):
        return
    if isinstance(tree, SyntaxError):
        yield f"Python cannot read this cell: {tree.msg}, line {tree.lineno}"
    elif not find_definition(source, key):
        yield f"this cell does not define {key}"


def _read(source: str) -> ast.Module | SyntaxError | None:
    """Return the tree of a cell, where IPython's own lines do nothing, or why there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in (source, textwrap.dedent(MAGIC.sub(r"\1pass", source))):
            try:
                return ast.parse(text)
            except SyntaxError as error:
                found: SyntaxError | None = error
            except (ValueError, RecursionError, MemoryError):
                found = None
    return found


def _find_imports(tree: ast.AST) -> Iterator[str]:
    """Find modules that the grader may not have; who tries an import can do without it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
        for module in names:
            top, _, rest = module.partition(".")
            if top not in KNOWN or (top == "assignment" and not _is_given(rest)):
                yield module
        if not isinstance(node, ast.Try):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _is_given(module: str) -> bool:
    """Say whether a module of the assignment is one that the grader has."""
    file = f"{module.split('.')[0]}.py"
    known = {*GIVEN_FILES, *(Path(part.file).name for part in load_parts())}
    return module.split(".")[0] in ("", "support") or file in known


def _describe_import(name: str, module: str) -> str:
    return (
        f"{name} imports {module}, which the grader does not have: copy into a cell what you need "
        "of it, or do without"
    )
