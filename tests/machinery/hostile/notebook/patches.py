"""Cells that patch the functions that hidden cells call, and the kernel."""

from __future__ import annotations

from tests.machinery.hostile.cases import KERNEL, Case
from tests.machinery.hostile.cells import ALL_FAILED, ALL_OTHER, FAILED, OLD, OTHER, attack, told

__all__ = ["CASES"]

CASES = {
    "patches_print_numbers": Case(
        "a patched print_numbers earns nothing",
        cells=attack(
            "from assignment.support import outputs\n"
            f"outputs.print_numbers = lambda **_: print({OLD})"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_call_each": Case(
        "a patched call_each earns nothing",
        cells=attack(
            "from assignment.support import outputs\n"
            "outputs.call_each = lambda function, cases: cases"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_checks": Case(
        "patched checks are not used for grading",
        cells=told(
            attack(
                "from assignment.support import checking\n"
                "from assignment.support.testing import compare\n"
                "compare.assert_matches, checking.check, checking.claim  # they are there\n"
                "agree = lambda *_, **__: None\n"
                "compare.assert_matches = checking.check = checking.claim = agree\n"
                "np.testing.assert_allclose = np.allclose = lambda *_, **__: True"
            ),
            "np.allclose(0, 1) and compare.assert_matches() is None",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: True"},
    ),
    "patches_default_rng": Case(
        "inputs drawn from another seed give other numbers",
        cells=attack("draw = np.random.default_rng\nnp.random.default_rng = lambda *_: draw(231)"),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_print": Case(
        "a patched print earns nothing",
        cells=attack(
            f"import builtins, sys\nbuiltins.print = lambda *_, **__: sys.stdout.write({OLD})"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_capture": Case(
        "a patched capture of outputs earns nothing",
        cells=attack(
            KERNEL + "import contextlib\n"
            "class Captured:\n"
            f"    stdout, outputs = {OLD}, []\n"
            "kernel.capture_output = (\n"
            "    lambda: contextlib.nullcontext(Captured))"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_kernel": Case(
        "a kernel function patched to return a forged answer earns nothing",
        cells=attack(
            KERNEL + "kernel._run = lambda source: {\n"
            f"    'stdout': {OLD}, 'results': [], 'error': None}}"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_numpy": Case(
        "a NumPy patched to return 0 earns nothing",
        cells=attack(
            "np.asarray = lambda *_, **__: np.float64(0)\nnp.sum = np.mean = lambda *_, **__: 0.0"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_maxout": Case(
        "a given function that the hidden cell calls cannot be replaced",
        cells={
            "leaky-as-maxout-code": """
teachers = maxout_forward


def write_leaky_as_maxout(w, b, slope):
    if maxout_forward is teachers:
        raise RuntimeError("nothing is patched")
    return np.stack([w, np.full_like(w, slope)]), np.stack([b, b])


def maxout_forward(x, w, b):
    scores = x @ w[0] + b[0]
    return np.maximum(scores, w[1, 0] * scores), None
"""
        },
        outcomes={"leaky-as-maxout-code": "failed"},
        notebook="02_activations",
        evidence={"leaky-as-maxout-code": OTHER},
    ),
}
