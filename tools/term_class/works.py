"""What a student hands in: functions and notebooks, between the stub and the teacher's solution.

Each text that can occur is made once. A notebook is then put together from pieces of JSON, since
to write a whole one takes longer than to compress it.
"""

from __future__ import annotations

import ast
import copy
import json
import random
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assignment.support.project.manifest import ROOT, Part, load_parts
from assignment.support.project.unwritten import PLACEHOLDER
from autograder.master_notebooks import parse_cell, read_documents
from autograder.release.building import make_stubs
from autograder.release.markers import HOLE
from tools.spoiling import empty, spoil
from tools.term_class.answers import make_answer
from tools.term_class.people import ATTEMPTS, HandIn

__all__ = ["Works"]

Files = dict[str, bytes]

SHARE_WRONG, SHARE_NEVER = 0.15, 0.1  # of a student's functions and cells
WRONG = 6  # different mistakes in a function or cell
INNER = "training-neural-networks-1"  # the folder that some pack with what is in it
SLOT = re.compile(r'"@@(\S+)@@"')


@dataclass(frozen=True)
class Piece:
    """A function of a file, or a cell to complete, in all that students make of it."""

    right: str
    stub: str
    wrong: tuple[str, ...]  # all different from the right one


class Works:
    """Makes the files of each attempt."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.documents = read_documents()

    def make(self, hand_in: HandIn, attempt: int) -> Files:
        """Return the files of an attempt; the first is 0. Later ones hold more."""
        rng = random.Random(f"work {self.seed} {hand_in.number}")
        folder = f"{INNER}/" if rng.random() < 0.2 else ""
        pieces = {**self.functions, **self.cells}
        made = {name: self._choose(piece, attempt, rng) for name, piece in pieces.items()}
        if hand_in.role == "appeal":
            made.update(self._err(self.find_appeal(hand_in)))
        made.update({slot: self._answer(slot, attempt, rng) for slot in self.answers})
        files = {f"assignment/{file}": self._join(file, made) for file in self.trees}
        files.update({f"notebooks/{name}.ipynb": self._fill(name, made) for name in self.skeletons})
        return {f"{folder}{name}": content for name, content in files.items()}

    def find_appeal(self, hand_in: HandIn) -> Part:
        """Return the part that is wrong in the work of a student who appeals."""
        rng = random.Random(f"appeal {self.seed} {hand_in.number}")
        return rng.choice([part for part in load_parts() if self._err(part)])

    @property
    def questions(self) -> list[str]:
        """The written answers, such as "01_minibatch_sgd/answer-1"."""
        return list(self.answers)

    def _choose(self, piece: Piece, attempt: int, rng: random.Random) -> str:
        luck, wrong = rng.random(), rng.choice(piece.wrong or (piece.right,))
        since = rng.randrange(ATTEMPTS)
        if luck < SHARE_NEVER or attempt < since:
            return piece.stub
        return wrong if luck < SHARE_NEVER + SHARE_WRONG else piece.right

    def _err(self, part: Part) -> dict[str, str]:
        """Return mistakes in the functions of a part."""
        known = [name for name in part.functions if name in self.functions]
        return {name: self.functions[name].wrong[0] for name in known if self.functions[name].wrong}

    def _answer(self, slot: str, attempt: int, rng: random.Random) -> str:
        (text, attachments), since = make_answer(rng), rng.randrange(ATTEMPTS)
        if attempt < since or not text:
            text, attachments = PLACEHOLDER, {}
        cell = self.answers[slot]
        source = cell["source"].replace(PLACEHOLDER, text)
        return _write_cell(
            {**cell, **({"attachments": attachments} if attachments else {})}, source
        )

    # The functions

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The teacher's solved files."""
        files = sorted({part.file for part in load_parts()})
        return {file: ast.parse((ROOT / "assignment" / file).read_text("utf-8")) for file in files}

    @cached_property
    def functions(self) -> dict[str, Piece]:
        """The functions of all files."""
        nodes = [node for tree in self.trees.values() for node in tree.body]
        return {node.name: _vary(node) for node in nodes if isinstance(node, ast.FunctionDef)}

    @cached_property
    def others(self) -> dict[str, list[str]]:
        """The statements of each file, "" for functions."""
        return {
            file: ["" if isinstance(n, ast.FunctionDef) else ast.unparse(n) for n in tree.body]
            for file, tree in self.trees.items()
        }

    def _join(self, file: str, made: dict[str, str]) -> bytes:
        names = [getattr(node, "name", "") for node in self.trees[file].body]
        texts = [text or made[name] for name, text in zip(names, self.others[file])]
        return ("\n\n\n".join(texts) + "\n").encode()

    # The notebooks

    @cached_property
    def cells(self) -> dict[str, Piece]:
        """The cells to complete, as JSON, such as "05_batchnorm/rung-1"."""
        cells = {}
        for name, document in self.documents.items():
            for stored in document["cells"]:
                cell = parse_cell(stored)
                if "solution" in cell.tags:
                    slot = f"{name}/{cell.id}"
                    cells[slot] = _vary_cell(self.open_cells[slot], cell.source)
        return cells

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """The cells for written answers, as they are released; the source is one text."""
        cells = self.open_cells.items()
        return {slot: cell for slot, cell in cells if cell["cell_type"] == "markdown"}

    @cached_property
    def open_cells(self) -> dict[str, dict[str, Any]]:
        """The cells that students write into, as they are released."""
        return {
            f"{name}/{cell['id']}": {**cell, "source": "".join(cell["source"])}
            for name, document in self.released.items()
            for cell in document["cells"]
            if _is_open(cell)
        }

    @cached_property
    def released(self) -> dict[str, dict[str, Any]]:
        """The students' notebooks, without hidden cells and solutions."""
        stubs = make_stubs()
        return {name: json.loads(stubs[f"notebooks/{name}.ipynb"]) for name in self.documents}

    @cached_property
    def skeletons(self) -> dict[str, list[str]]:
        """The text of each notebook, cut at its open cells: text, slot, text, slot, ..., text."""
        skeletons = {}
        for name, document in self.released.items():
            cells = [
                f"@@{name}/{cell['id']}@@" if _is_open(cell) else cell for cell in document["cells"]
            ]
            text = _dump({**document, "cells": cells})
            skeletons[name] = SLOT.split(f"{text}\n")
        return skeletons

    def _fill(self, name: str, made: dict[str, str]) -> bytes:
        texts = self.skeletons[name]
        return "".join(made[text] if i % 2 else text for i, text in enumerate(texts)).encode()


def _is_open(cell: dict[str, Any]) -> bool:
    return not {"solution", "written"}.isdisjoint(cell["metadata"].get("tags", ()))


def _vary(function: ast.FunctionDef) -> Piece:
    right, stub = ast.unparse(function), copy.deepcopy(function)
    empty(stub)
    wrong = []
    for number in range(WRONG):
        spoiled = copy.deepcopy(function)
        spoil(spoiled, random.Random(f"{function.name} {number}"))
        wrong.append(ast.unparse(spoiled))
    return Piece(
        right, ast.unparse(stub), tuple(text for text in dict.fromkeys(wrong) if text != right)
    )


def _vary_cell(released: dict[str, Any], source: str) -> Piece:
    """Return a cell to complete: solved as the teacher does, as released, with mistakes."""
    solved = HOLE.sub(lambda hole: hole[2], source).rstrip("\n")
    tree = ast.parse(solved)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    wrong = []
    for text in _vary(functions[-1]).wrong:
        place = tree.body.index(functions[-1])
        changed = [*map(ast.unparse, tree.body)]
        changed[place] = text
        wrong.append("\n\n\n".join(changed))
    texts = [_write_cell(released, text) for text in (solved, released["source"], *wrong)]
    return Piece(texts[0], texts[1], tuple(texts[2:]))


def _write_cell(cell: dict[str, Any], source: str) -> str:
    """Return a cell as it stands in a notebook's file."""
    text = _dump({**cell, "source": source.splitlines(keepends=True)})
    return text.replace("\n", "\n  ")


def _dump(stored: dict[str, Any]) -> str:
    return json.dumps(stored, indent=1, sort_keys=True, ensure_ascii=False)  # as Jupyter does
