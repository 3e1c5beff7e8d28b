"""Find the earlier statements of a notebook that a cell needs."""

from __future__ import annotations

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

BUILTINS = frozenset(dir(builtins))
OTHER_LANGUAGE = re.compile(  # cells that are no Python; of what goes into a file, a module is
    r"\s*%%(bash|sh|script|cmd|system|sx|html|HTML|javascript|js|latex|markdown|svg|SVG|perl|ruby"
    r"|(writefile|file)(?![^\n]*\.py\s*\n)|pypy|python2)\b|\s*%%!"
)
TIMED = re.compile(r"%time +(?=\S)")
BRANCHING = (ast.If, ast.For, ast.While, ast.Try, ast.With)
PYTHONS_OWN = {"__conditional_annotations__"}  # Python 3.14 adds this name to a symbol table
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

__all__ = ["BUILTINS", "Statement", "find_bound", "find_names", "read_statements", "select_needed"]


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a cell, and the names that it reads and writes."""

    source: str
    uses: frozenset[str]  # names that it reads, also global ones in the bodies of functions
    binds: frozenset[str]  # names that it always assigns
    changes: frozenset[str]  # names whose value it may change, x in x[0] = 1 or x.append(1)
    imports: frozenset[str]  # later statements are assumed not to change these
    may_bind: frozenset[str]  # names that it assigns in one of its branches
    line: int = 1  # of the cell, where it begins


@functools.cache  # the zygote fills it with the teacher's cells, for all workers
def read_statements(source: str) -> list[Statement]:
    """Return the statements of a cell without its magics; none if it has a syntax error."""
    if OTHER_LANGUAGE.match(source):
        return []
    translations = (str, _leave_magics_out, lambda text: _transform(_leave_magics_out(text)))
    for translate in translations:  # a plain line may begin with %, as a string's or an operator
        try:
            text = translate(source)
            return [_describe(text, node) for node in ast.parse(text).body]
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # of ast or symtable
            continue
    return []


def _leave_magics_out(source: str) -> str:
    lines = [TIMED.sub("", line) for line in source.split("\n")]  # %time runs a statement
    return "\n".join("" if line.startswith(("%", "!")) else line for line in lines)


def _transform(source: str) -> str:
    return str(TransformerManager().transform_cell(source))


def find_names(source: str) -> frozenset[str]:
    """Return all names that a cell reads."""
    return frozenset[str]().union(*(statement.uses for statement in read_statements(source)))


def find_bound(statements: Iterable[Statement]) -> frozenset[str]:
    """Return all names that statements bind, perhaps in one of their branches."""
    return frozenset[str]().union(*(one.binds | one.may_bind for one in statements))


def select_needed(
    statements: Sequence[Statement], names: frozenset[str], settled: frozenset[str] = frozenset()
) -> list[int]:
    """Return the positions of the statements that these names depend on, in order.

    Nothing is looked for that is settled: names that have their values from elsewhere.
    """
    imported = frozenset[str]().union(*(statement.imports for statement in statements))
    chosen: set[int] = set()
    while True:  # repeat, since a function may read names that are bound below it
        wanted = set(names).union(*(statements[i].uses for i in chosen))
        wanted -= BUILTINS | settled
        found = set(_select_backwards(statements, wanted, imported, settled))
        if found <= chosen:
            return sorted(chosen)
        chosen |= found


def _select_backwards(
    statements: Sequence[Statement],
    wanted: set[str],
    imported: frozenset[str],
    settled: frozenset[str],
) -> Iterator[int]:
    for i in reversed(range(len(statements))):
        statement = statements[i]
        if wanted & (statement.binds | (statement.changes - imported)):
            yield i
            wanted = (wanted - statement.binds) | (statement.uses - settled)


def _describe(source: str, node: ast.stmt) -> Statement:
    text = ast.get_source_segment(source, node) or ""
    decorators = getattr(node, "decorator_list", [])
    if decorators:  # the segment would begin at the def
        lines = source.splitlines(keepends=True)
        text = "".join(lines[decorators[0].lineno - 1 : node.end_lineno])
    # Python 3.12 inlines comprehensions: symtable reports their variables as the statement's.
    # Generators keep their scope.
    plain = ast.unparse(_Generators().visit(ast.parse(text)))
    table = symtable.symtable(plain, "cell", "exec")
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    changes = set(_find_changes(node))
    may_bind: set[str] = set()
    if isinstance(node, BRANCHING):  # may or may not bind
        changes, bound, may_bind = changes | bound, set(), bound
    uses = set(_find_read(table)) - PYTHONS_OWN | changes | set(_find_counters(node))
    if isinstance(node, ast.AugAssign):
        uses |= bound
    imports = {s.get_name() for s in table.get_symbols() if s.is_imported()}
    used, binds, changed, imported, perhaps = map(
        frozenset, (uses, bound, changes, imports, may_bind)
    )
    return Statement(text, used, binds, changed, imported, perhaps, node.lineno)


class _Generators(ast.NodeTransformer):
    """Turns comprehensions into generators of the same names."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Return a node with all comprehensions in it replaced."""
        if isinstance(node, ast.DictComp):
            pair = ast.Tuple([node.key, node.value], ast.Load())
            node = ast.GeneratorExp(pair, node.generators)
        elif isinstance(node, (ast.ListComp, ast.SetComp)):
            node = ast.GeneratorExp(node.elt, node.generators)
        return self.generic_visit(node)


def _find_read(table: symtable.SymbolTable) -> Iterator[str]:
    """Find the global names that a statement reads, in inner functions too."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _find_read(inner)


def _find_counters(node: ast.stmt) -> Iterator[str]:
    """Find the global names that functions read only in statements such as n += 1."""
    inside = list(ast.walk(node))
    shared = {name for one in inside if isinstance(one, ast.Global) for name in one.names}
    for one in inside:
        if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name):
            yield from {one.target.id} & shared


def _find_changes(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, DEFINITIONS):
        return
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Subscript, ast.Attribute)) and isinstance(inner.ctx, ast.Store):
            yield from _find_base(inner)
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            yield from _find_base(inner.value.func)


def _find_base(node: ast.expr) -> Iterator[str]:
    """Find the variable that an item, attribute or method call belongs to."""
    plain = isinstance(node, ast.Name)
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name) and not plain:
        yield node.id
