"""What made-up students leave wrong or unwritten in their functions."""

from __future__ import annotations

import ast
import random

from assignment.support.project.manifest import load_parts

__all__ = ["empty", "spoil"]

PART_IDS = {name: part.id for part in load_parts() for name in part.functions}
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def empty(function: ast.FunctionDef) -> None:
    """Put a stub in place of what a function does."""
    stub = f"raise NotImplementedError('{PART_IDS.get(function.name)}: not written yet')"
    function.body = ast.parse(stub).body


def spoil(function: ast.FunctionDef, rng: random.Random) -> None:
    """Change one operator or one number in a function, if it has any."""
    candidates = [
        node
        for statement in function.body
        for node in ast.walk(statement)
        if (isinstance(node, ast.BinOp) and type(node.op) in SWAPPED)
        or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
    ]
    if not candidates:
        return
    node = rng.choice(candidates)
    if isinstance(node, ast.BinOp):
        node.op = SWAPPED[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = 1 - node.value  # type: ignore[operator]
