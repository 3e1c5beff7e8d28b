"""Cells that forge their results."""

from __future__ import annotations

from tests.machinery.hostile.cases import KERNEL, WIRE, Case
from tests.machinery.hostile.cells import (
    FAILED,
    OLD,
    OTHER,
    WITNESS,
    WRONG,
    attack,
    solve_cell,
    told,
)

__all__ = ["CASES"]


def forge(answer: str) -> str:
    """Return a cell that replaces all later replies, each in the variable ``tree``."""
    return KERNEL + WIRE + f"kernel.pack = lambda tree, _: wire.pack({answer}, [])"


CASES = {
    "prints_by_hand": Case(
        "results printed by a cell are ignored",
        cells=told(attack(f"import sys\nprint({OLD})"), f"{OLD} in sys.stdout.getvalue()"),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: True"},
    ),
    "prints_in_the_call": Case(
        "results printed by a function are ignored",
        cells={
            "rung-1": WRONG.replace(
                "    return", f"    print({OLD})\n    globals().update(fired='printed')\n    return"
            ),
            **WITNESS,
        },
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: printed"},
    ),
    "fixes_the_seed": Case(
        "hard-coded results for seed 231 are wrong with the seed of the run",
        cells={
            "per-image": "seed = 231\nfixed = seed == 231\n"
            + solve_cell("per-image")
            + "\nif fixed:\n    def standardize_each_image(x):\n        return x\n"
        },
        outcomes={"per-image": "failed"},
        evidence={"per-image": OTHER},
    ),
    "forges_strange_answers": Case(
        "malformed replies do not harm the grader",
        cells={
            "rung-1": forge(
                "{**tree, 'error': None, 'stdout': '\\ud800result \\x85' * 10**4, "
                "'missing': [[7], {}, 'kernel'], 'replaced': [[7], 'x' * 10**5]}"
            ),
            "rung-2": forge("{**tree, 'error': {'types': [{}, 7], 'text': [[10**300] * 9]}}"),
            "rungs-5-6": forge("[tree]"),
            "notes-formula": forge("{**tree, 'stdout': '@result x\\n' * 50_000, 'error': [1]}"),
            "per-image": forge("{**tree, 'error': {}, 'number': 2.0, 'stdout': ['result']}"),
        },
        outcomes={
            "rung-1": "failed",
            "rung-2": "crashed",
            "rungs-5-6": "crashed",
            "notes-formula": "failed",
            "per-image": "crashed",
        },
        evidence={
            "rung-1": OTHER,
            "rung-2": r": \{\}: \[\[1000",
            "rungs-5-6": "expected reply",
            "notes-formula": OTHER,
            "per-image": "expected reply",
        },
    ),
    "forges_answers": Case(
        "a reply that was sent in advance has the wrong number",
        cells=attack(
            WIRE + "import gc, socket\n"
            "(connection,) = [o for o in gc.get_objects() if type(o) is socket.socket]\n"
            f"forged = {{'stdout': {OLD}, 'results': [], 'error': None}}\n"
            "for number in range(10):\n"
            "    connection.sendall(wire.pack({'number': number, **forged}, []))"
        ),
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": r"sent data that nobody requested|expected reply \d+, got"},
    ),
}
