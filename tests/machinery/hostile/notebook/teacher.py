"""Cells that misuse the way by which workers call the teacher's functions."""

from __future__ import annotations

from tests.machinery.hostile.cases import KERNEL, WIRE, Case
from tests.machinery.hostile.cells import TOLD, in_cell, told_in_cell

__all__ = ["CASES"]

ASK = (
    KERNEL + WIRE + "def ask(**call):\n"
    "    return wire.unpack(kernel._teacher.ask(wire.pack(call, [])))[0]\n"
)
FORWARD = '{"name": ["assignment.affine", "affine_forward"]}'
NOTHING = '{"tuple": [{"tuple": []}, {"dict": []}]}'
REFUSED = {"rung-1": "called something other than a function that it may call"}

CASES = {
    "asks_for_values_below": Case(
        "nobody is told what the solution of a cell leaves in the cells below it",
        cells=told_in_cell(
            ASK + 'got = ask(number=0, do="given", cell="notes-sweep", index=5)\n'
            'fired = got.get("error", got).get("text", got)'
        ),
        outcomes=TOLD,
        evidence={"per-image": "fired: no values of this cell"},
    ),
    "asks_for_the_code": Case(
        "a teacher's function can be called, and shows nothing else",
        cells=in_cell(ASK + f'ask(number=0, do="get", on={FORWARD}, name="__code__")'),
        outcomes={"rung-1": "crashed"},
        evidence=REFUSED,
    ),
    "calls_without_a_number": Case(
        "a malformed call does not reach the teacher's functions",
        cells=in_cell(ASK + f'ask(do="call", on={FORWARD}, arguments={NOTHING})'),
        outcomes={"rung-1": "crashed"},
        evidence=REFUSED,
    ),
}
