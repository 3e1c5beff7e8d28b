"""Make up a class in which everybody writes in a style of their own, and some copy.

An honest student's functions begin as the teacher's, as one of the two styles of the tests, or as
right variants of the bank. What the student writes differs from them as the work of two people
does: names, spellings of one operation, more or fewer intermediate results, comments, mistakes.
A copy is the work of another student, with little or much changed to hide it.
"""

from __future__ import annotations

import ast
import copy
import inspect
import random
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT, load_parts
from autograder.bank import Right, load_bank

__all__ = [
    "make_class",
    "make_copy",
    "make_honest",
    "rename_and_reorder",
    "touch_up",
    "write_class",
]

Work = dict[str, bytes]  # file in assignment/ -> content

STYLES = ROOT / "tests" / "machinery" / "styles"
SHARE_PLAIN, SHARE_OTHER, SHARE_BANK = 0.3, 0.06, 0.15
SHARE_WRONG, SHARE_NOT_WRITTEN = 0.12, 0.08  # of an honest student's functions
WORDS = [
    "n",
    "num",
    "count",
    "size",
    "total",
    "acc",
    "res",
    "result",
    "tmp",
    "temp",
    "val",
    "value",
    "arr",
    "mat",
    "vec",
    "inp",
    "inputs",
    "data",
    "batch",
    "mu",
    "avg",
    "mean_x",
    "m",
    "v",
    "var_x",
    "s",
    "std",
    "sigma",
    "inv",
    "norm",
    "normed",
    "x_norm",
    "xhat",
    "x_hat",
    "centered",
    "diff",
    "grad",
    "dX",
    "upstream",
    "d",
    "g",
    "delta",
    "scores",
    "logits",
    "probs",
    "p",
    "e",
    "exps",
    "shifted",
    "mask",
    "keep",
    "w1",
    "weights",
    "flat",
    "rows",
    "cols",
    "old",
    "new",
    "step",
    "update",
    "velocity",
    "lr",
    "rate",
    "i",
    "j",
    "k",
    "idx",
    "name",
    "layer",
    "out_",
    "y_",
    "z",
    "a",
    "b",
    "c",
    "q",
    "r",
    "t",
    "u",
    "first",
    "second",
]
COMMENTS = (
    "see the notes", "TODO check the shape", "(N, D)", "sum over the batch", "chain rule",
    "from the lecture", "why does this work?", "vectorised", "same as above", "gradient check ok",
)  # fmt: skip


def make_class(
    size: int, verbatim: int, renamed: int, seed: int, share: float = 1
) -> tuple[dict[str, Work], set[frozenset[str]]]:
    """Return the files of each student, and the pairs of which one has copied from the other.

    Parameters
    ----------
    size : int
        Students in all.
    verbatim, renamed : int
        Copies in which comments and blank lines differ, and those with new names and order.
    share : float
        Of the functions that are copied; the rest of a copy is the student's own.
    """
    rng = random.Random(seed)
    works = {f"student-{i:04}": make_honest(rng) for i in range(size)}
    chosen = rng.sample(sorted(works), 2 * (verbatim + renamed))
    pairs = set()
    for i in range(verbatim + renamed):
        owner, copier = chosen[2 * i : 2 * i + 2]
        hide = touch_up if i < verbatim else rename_and_reorder
        works[copier] = make_copy(works[owner], works[copier], hide, share, rng)
        pairs.add(frozenset((owner, copier)))
    return works, pairs


def make_honest(rng: random.Random) -> Work:
    """Return the work of a student who has copied nothing."""
    habits = _Habits(rng)
    work = {}
    for file, tree in _read_masters().items():
        luck = rng.random()
        plain, other = _read_styles()
        style = plain if luck < SHARE_PLAIN else other if luck < SHARE_PLAIN + SHARE_OTHER else {}
        tree = copy.deepcopy(style.get(file, tree))
        tree.body = [_choose(node, rng) for node in tree.body]
        tree = habits.visit(tree)
        tree.body = [_rename(node, rng, 0.8) for node in tree.body]
        text = ast.unparse(ast.fix_missing_locations(tree))
        work[file] = _comment(text, rng, rng.choice([0, 0.05, 0.2])).encode()
    if any(b"helpers" in content for content in work.values()):
        work["helpers.py"] = (STYLES / "other" / "assignment" / "helpers.py").read_bytes()
    return work


def make_copy(
    source: Work,
    own: Work,
    hide: Callable[[str, random.Random], str],
    share: float,
    rng: random.Random,
) -> Work:
    """Return a student's work in which a share of the functions is another's, hidden somehow."""
    work = dict(own)
    for file in sorted(source):
        if share == 1:
            work[file] = hide(source[file].decode(), rng).encode()
        elif file in own:
            tree, theirs = (ast.parse(text.decode()) for text in (own[file], source[file]))
            found = {
                n.name: n for n in theirs.body if isinstance(n, ast.FunctionDef | ast.ClassDef)
            }
            tree.body = [
                found[name]
                if (name := getattr(node, "name", "")) in found and rng.random() < share
                else node
                for node in tree.body
            ]
            copied = ast.unparse(tree)
            work[file] = hide(copied, rng).encode()
    return work


def touch_up(text: str, rng: random.Random) -> str:
    """Change comments, blank lines and docstrings, and nothing else."""
    lines = [re.sub(r"  # .*", "", line) for line in text.split("\n")]
    lines = [
        line.replace('"""', '"""My own: ', 1) if line.count('"""') == 2 else line for line in lines
    ]
    text = "\n\n".join("\n".join(lines).split("\n\n"))
    text = re.sub(r"\n( +)(return|for|if) ", r"\n\n\1\2 ", text)
    return _comment(text, rng, 0.15)


def rename_and_reorder(text: str, rng: random.Random) -> str:
    """Give all local variables other names, and move statements and functions where possible."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.If | ast.With):
            node.body = _reorder(node.body, rng)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    rest = [n for n in tree.body if not isinstance(n, ast.FunctionDef)]
    rng.shuffle(functions)
    tree.body = [_rename(node, rng, 1) for node in [*rest, *functions]]
    return _comment(ast.unparse(tree), rng, 0.1)


@cache
def _read_masters() -> dict[str, ast.Module]:
    files = dict.fromkeys(part.file for part in load_parts())
    return {file: _read(ROOT / "assignment" / file) for file in files}


@cache
def _read_styles() -> tuple[dict[str, ast.Module], ...]:
    folders = [STYLES / name / "assignment" for name in ("plain", "other")]
    return tuple({path.name: _read(path) for path in folder.glob("*.py")} for folder in folders)


def _read(path: Path) -> ast.Module:
    """Parse a file, without the teacher's docstrings below the first line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)):
            node.body[0] = ast.Expr(ast.Constant(text.split("\n")[0]))
    return tree


@cache
def _read_bank() -> dict[str, list[ast.stmt]]:
    """Return the bank's right variants by the function that they are variants of."""
    found: dict[str, list[ast.stmt]] = {}
    for variant in load_bank():
        for name, code in variant.functions.items() if isinstance(variant, Right) else ():
            node: Any = ast.parse(textwrap.dedent(inspect.getsource(code))).body[0]
            node.name, node.decorator_list = name, []
            found.setdefault(name, []).append(node)
    return found


def _choose(node: ast.stmt, rng: random.Random) -> ast.stmt:
    """Return a function, a variant of it, a wrong one, or one that is not written."""
    if not isinstance(node, ast.FunctionDef):
        return node
    luck = rng.random()
    if luck < SHARE_BANK and node.name in _read_bank():
        return copy.deepcopy(rng.choice(_read_bank()[node.name]))
    if luck > 1 - SHARE_NOT_WRITTEN:
        node.body = ast.parse(f"raise NotImplementedError('{node.name}: not written yet')").body
    elif luck > 1 - SHARE_NOT_WRITTEN - SHARE_WRONG:
        _spoil(node, rng)
    return node


def _spoil(node: ast.AST, rng: random.Random) -> None:
    swapped = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
    places = [n for n in ast.walk(node) if isinstance(n, ast.BinOp) and type(n.op) in swapped]
    if places:
        place = rng.choice(places)
        place.op = swapped[type(place.op)]()


class _Habits(ast.NodeTransformer):
    """How one student spells what can be spelled in several ways; now and then another way."""

    METHODS = ("sum", "mean", "max", "min", "reshape", "dot", "copy", "argmax", "astype")

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.likes: dict[str, float] = {}
        self.count = 0

    def likely(self, habit: str) -> bool:
        """Say whether to do it here: each student does it mostly, sometimes or never."""
        share = self.likes.setdefault(habit, self.rng.choice([0, 0, 0.15, 0.5, 0.9]))
        return self.rng.random() < share

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self.likely("swap"):
            node.left, node.right = node.right, node.left
        if isinstance(node.op, ast.MatMult) and self.likely("dot"):
            return _call(_numpy("dot"), node.left, node.right)
        if isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2":
            if self.likely("times itself"):
                return ast.BinOp(node.left, ast.Mult(), copy.deepcopy(node.left))
            if self.likely("square"):
                return _call(_numpy("square"), node.left)
        if isinstance(node.op, ast.Div) and self.likely("reciprocal"):
            inverse = ast.BinOp(ast.Constant(1.0), ast.Div(), node.right)
            return ast.BinOp(node.left, ast.Mult(), inverse)
        if isinstance(node.op, ast.Sub) and self.likely("plus minus"):
            return ast.BinOp(node.left, ast.Add(), ast.UnaryOp(ast.USub(), node.right))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and self.likely("minus one"):
            return ast.BinOp(ast.Constant(-1), ast.Mult(), node.operand)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        f = node.func
        if isinstance(f, ast.Name) and f.id == "len" and self.likely("shape"):
            shape = ast.Attribute(node.args[0], "shape", ast.Load())
            return ast.Subscript(shape, ast.Constant(0), ast.Load())
        if isinstance(f, ast.Attribute) and f.attr in self.METHODS:
            is_numpy = isinstance(f.value, ast.Name) and f.value.id == "np"
            if is_numpy and node.args and self.likely("methods"):
                node.func = ast.Attribute(node.args.pop(0), f.attr, ast.Load())
            elif not is_numpy and f.attr != "astype" and self.likely("functions"):
                node.args.insert(0, f.value)
                node.func = _numpy(f.attr)
        for keyword in node.keywords[:1]:
            if keyword.arg == "axis" and len(node.keywords) == 1 and self.likely("positional"):
                node.args.append(keyword.value)
                node.keywords = []
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == "T" and self.likely("transpose"):
            return _call(_numpy("transpose"), node.value)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self.likely("turn round"):
            return ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and self.likely("written out"):
            value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            return ast.Assign([node.target], value)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if node.value is None or isinstance(node.value, ast.Name) or not self.likely("result"):
            return node
        return [self.name(node.value), ast.Return(ast.Name(f"part_{self.count}", ast.Load()))]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        both = (node.targets[0], node.value)
        if all(isinstance(one, ast.Tuple) for one in both) and self.likely("one a line"):
            pairs = zip(both[0].elts, both[1].elts)  # type: ignore[attr-defined]
            return [ast.Assign([target], value) for target, value in pairs]
        if isinstance(node.value, ast.BinOp) and self.likely("small steps"):
            side = self.rng.choice(["left", "right"])
            part = getattr(node.value, side)
            if isinstance(part, ast.BinOp | ast.Call):
                before = self.name(part)
                setattr(node.value, side, ast.Name(f"part_{self.count}", ast.Load()))
                return [before, node]
        return node

    def name(self, value: ast.expr) -> ast.stmt:
        """Return a statement that gives a value a name."""
        self.count += 1
        return ast.Assign([ast.Name(f"part_{self.count}", ast.Store())], value)

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if node.orelse and not isinstance(node.orelse[0], ast.If) and self.likely("turn round"):
            return ast.If(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if self.likely("no docstring") and ast.get_docstring(node) and len(node.body) > 1:
            node.body = node.body[1:]
        if self.likely("assert") and node.args.args:
            name = node.args.args[0].arg
            check = self.rng.choice([f"assert {name} is not None", f"print({name!r})"])
            node.body = [*node.body[:1], *ast.parse(check).body, *node.body[1:]]
        return node


def _numpy(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def _call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])


def _rename(node: ast.stmt, rng: random.Random, share: float) -> ast.stmt:
    """Give a share of the local variables of a function other names."""
    if not isinstance(node, ast.FunctionDef):
        return node
    arguments = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    bound = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | arguments
    words = [word for word in WORDS if word not in used]
    rng.shuffle(words)
    chosen = [name for name in sorted(bound - arguments) if rng.random() < share]
    names = dict(zip(chosen, words))
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            inner.id = names.get(inner.id, inner.id)
    return node


def _reorder(body: list[ast.stmt], rng: random.Random) -> list[ast.stmt]:
    """Exchange statements that stand beside each other, where neither needs the other."""
    body = list(body)
    for _ in range(2):
        for i in range(len(body) - 1):
            if rng.random() < 0.5 and _are_independent(body[i], body[i + 1]):
                body[i : i + 2] = body[i + 1], body[i]
    return body


def _are_independent(a: ast.stmt, b: ast.stmt) -> bool:
    if not all(isinstance(one, ast.Assign) for one in (a, b)):
        return False
    names = [[n for n in ast.walk(one) if isinstance(n, ast.Name)] for one in (a, b)]
    written = [{n.id for n in found if isinstance(n.ctx, ast.Store)} for found in names]
    touched = [{n.id for n in found} for found in names]
    return not (written[0] & touched[1] or written[1] & touched[0])


def _comment(text: str, rng: random.Random, share: float) -> str:
    """Write comments beside some lines."""
    lines = []
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        if line.strip() and '"""' not in line and rng.random() < share:
            remark = rng.choice(COMMENTS)
            line = (
                f"{line}  # {remark}" if rng.random() < 0.5 else f"{' ' * indent}# {remark}\n{line}"
            )
        lines.append(line)
    return "\n".join(lines) + "\n"


def write_class(works: Mapping[str, Work], folder: Path, students: Sequence[str] = ()) -> None:
    """Write submissions as folders."""
    for student in students or sorted(works):
        for file, content in works[student].items():
            path = folder / student / "assignment" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
