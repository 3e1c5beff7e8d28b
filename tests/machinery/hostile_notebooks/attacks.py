"""Cells that try to earn points for a wrong answer, or to find out what they may not know."""

from __future__ import annotations

from tests.machinery.hostile_notebooks.cases import WRONG, Case, solve
from tests.machinery.hostile_notebooks.documents import delete_one
from tests.machinery.test_hidden_cells import run as print_results

__all__ = ["CASES"]

FAILED = {"rung-1": "failed"}
ALL_FAILED = dict.fromkeys(
    ("rung-1", "rung-2", "rungs-5-6", "notes-formula", "per-image"), "failed"
)
# What a released notebook might hold, or that of somebody who was graded with another seed.
OLD = repr(print_results("06_layernorm/rung-1", 231))  # type: ignore[no-untyped-call]
RIGHT = solve("rung-1")


def attack(code: str) -> dict[str, str]:
    """Return a cell with a wrong answer below some code."""
    return {"rung-1": code.strip("\n") + "\n" + WRONG}


def succeed_if(condition: str) -> dict[str, str]:
    """Return a cell with a wrong answer, and a right one in the case that an attack works."""
    lines = RIGHT.replace("\n", "\n    ")
    return {"rung-1": f"{condition}\n{WRONG}\nif worked:\n    {lines}"}


def forge(answer: str) -> str:
    """Return a cell that sends something else than the answer, the tree, from then on."""
    return (
        "import sys\nfrom autograder import wire\n"
        f"sys.modules['autograder.kernel'].pack = lambda tree, _: wire.pack({answer}, [])"
    )


CASES = {
    "transformer_post": Case(
        "a transformer of inputs can print, but what?",
        attack(
            f"line = 'print(' + repr({OLD}) + ')'\n"
            "get_ipython().input_transformers_post.append(lambda lines: [line])"
        ),
        ALL_FAILED,
    ),
    "transformer_cleanup": Case(
        "or make the hidden cell ask for another seed",
        attack(
            "get_ipython().input_transformers_cleanup.append(\n"
            "    lambda lines: [line.replace('[seed, ', '[231, ') for line in lines])"
        ),
        ALL_FAILED,
    ),
    "transformer_ast": Case(
        "or another one of its tree",
        attack(
            "import ast\n"
            f"forged = ast.parse('print(' + repr({OLD}) + ')').body[0]\n"
            "class Forge(ast.NodeTransformer):\n"
            "    def visit_Expr(self, node):\n"
            "        return ast.copy_location(forged, node)\n"
            "get_ipython().ast_transformers.append(Forge())"
        ),
        ALL_FAILED,
    ),
    "transformer_right": Case(
        "one that does nothing costs nothing",
        {"rung-1": "get_ipython().input_transformers_post.append(lambda lines: lines)\n" + RIGHT},
    ),
    "magic": Case(
        "a magic of that name is not asked",
        attack(
            "shell = get_ipython()\n"
            f"shell.register_magic_function(lambda line: print({OLD}), 'line', 'print_numbers')"
        ),
        FAILED,
    ),
    "prints_by_hand": Case("printed by hand", attack(f"print({OLD})"), FAILED),
    "prints_in_the_call": Case(
        "or in the function",
        {"rung-1": WRONG.replace("    return", f"    print({OLD})\n    return")},
        FAILED,
    ),
    "fixes_the_seed": Case(
        "with seed 231 the stored numbers would be right",
        {"per-image": "seed = 231\n\n\ndef standardize_each_image(x):\n    return x\n"},
        {"per-image": "failed"},
    ),
    "patches_print_numbers": Case(
        "print_numbers may print what it wants",
        attack(
            "from assignment.support import outputs\n"
            f"outputs.print_numbers = lambda **_: print({OLD})"
        ),
        ALL_FAILED,
    ),
    "patches_call_each": Case(
        "call_each may return what it wants",
        attack(
            "from assignment.support import outputs\n"
            "outputs.call_each = lambda function, cases: cases"
        ),
        ALL_FAILED,
    ),
    "patches_checks": Case(
        "nobody asks the checks",
        attack(
            "from assignment.support import checking, compare\n"
            "compare.assert_matches = checking.check = checking.claim = lambda *_, **__: None\n"
            "np.testing.assert_allclose = np.allclose = lambda *_, **__: True"
        ),
        FAILED,
    ),
    "patches_default_rng": Case(
        "other inputs lead to other numbers",
        attack("draw = np.random.default_rng\nnp.random.default_rng = lambda *_: draw(231)"),
        ALL_FAILED,
    ),
    "patches_print": Case(
        "print may print what it wants",
        attack(f"import builtins, sys\nbuiltins.print = lambda *_, **__: sys.stdout.write({OLD})"),
        ALL_FAILED,
    ),
    "patches_stdout": Case(
        "sys.stdout is a new one in each cell",
        attack(f"import io, sys\nsys.stdout = io.StringIO({OLD})"),
        FAILED,
    ),
    "patches_display": Case(
        "what is displayed does not count",
        attack(
            "import sys\nshell = get_ipython()\n"
            f"sys.displayhook = lambda _: print({OLD})\n"
            f"shell.displayhook.write_format_data = lambda *_, **__: print({OLD})\n"
            "shell.display_pub.publish = lambda *_, **__: None"
        ),
        FAILED,
    ),
    "patches_run_cell": Case(
        "the shell may answer what it wants",
        attack(
            "class Result:\n    error_before_exec = error_in_exec = None\n"
            "shell = get_ipython()\n"
            f"shell.run_cell = lambda *_, **__: print({OLD}) or Result"
        ),
        ALL_FAILED,
    ),
    "patches_capture": Case(
        "and so may what captures outputs",
        attack(
            "import contextlib, sys\n"
            "class Captured:\n"
            f"    stdout, outputs = {OLD}, []\n"
            "sys.modules['autograder.kernel'].capture_output = (\n"
            "    lambda: contextlib.nullcontext(Captured))"
        ),
        ALL_FAILED,
    ),
    "patches_kernel": Case(
        "and the whole answer",
        attack(
            "import sys\n"
            "sys.modules['autograder.kernel']._run = lambda source: {\n"
            f"    'stdout': {OLD}, 'results': [], 'error': None}}"
        ),
        ALL_FAILED,
    ),
    "patches_hooks": Case(
        "events of IPython print into the result",
        attack(f"get_ipython().events.register('pre_run_cell', lambda *_: print({OLD}))"),
        ALL_FAILED,
    ),
    "patches_numpy": Case(
        "a NumPy that answers 0 makes 0 of it",
        attack(
            "np.asarray = lambda *_, **__: np.float64(0)\nnp.sum = np.mean = lambda *_, **__: 0.0"
        ),
        ALL_FAILED,
    ),
    "patches_maxout": Case(
        "what the hidden cell calls besides must be the teacher's",
        {
            "leaky-as-maxout-code": """
_ = maxout_forward


def write_leaky_as_maxout(w, b, slope):
    return np.stack([w, np.full_like(w, slope)]), np.stack([b, b])


def maxout_forward(x, w, b):
    scores = x @ w[0] + b[0]
    return np.maximum(scores, w[1, 0] * scores), None
"""
        },
        {"leaky-as-maxout-code": "failed"},
        notebook="02_activations",
    ),
    "raises_solutions": Case(
        "the teacher's functions are there to be called, and nothing of them comes out",
        {
            "rung-1": "import inspect, pathlib\nimport assignment.normalization as teacher\n"
            "raise ValueError(inspect.getsource(teacher))",
            "rung-2": "text = inspect.getsource(teacher)\nprint(text)\ndisplay(text)\n"
            "class Stolen(Exception): pass\nStolen.__name__ = text\n"
            "def back_through_xhat(dxhat, s, istd, axis):\n    raise Stolen(text)",
        },
        {"rung-1": "crashed", "rung-2": "crashed"},
    ),
    "writes": Case(
        "the course cannot be written to",
        succeed_if(
            "import assignment, pathlib\nworked = False\n"
            "root = pathlib.Path(assignment.__file__).parents[1]\n"
            "for name in ('assignment/affine.py', 'autograder/kernel.py', 'cells.json', 'new'):\n"
            "    try:\n"
            "        (root / name).write_text('import os')\n"
            "        worked = True\n"
            "    except OSError:\n"
            "        pass"
        ),
        FAILED,
    ),
    "reads_the_disk": Case(
        "neither notebooks nor hidden cells, tests or other submissions are there to be read",
        succeed_if(
            "import os, pathlib\nworked = False\n"
            "ours = {'06_layernorm.ipynb', 'gradebook.sqlite', 'test_affine.py', 'oracles.py'}\n"
            "for folder, folders, files in os.walk('/'):\n"
            "    folders[:] = [name for name in folders if name not in ('usr', 'site-packages')]\n"
            "    worked |= bool(ours & set(files))\n"
            "worked |= bool({'notebooks', 'tests'} & set(os.listdir('/course')))\n"
            "cells = pathlib.Path('/course/cells.json').read_text()\n"
            "worked |= 'print_numbers' in cells or 'SOLUTION' in cells"
        ),
        FAILED,
    ),
    "reads_the_memory": Case(
        "nor are they in the memory of the process",
        succeed_if(
            "import gc\n"
            "texts = [x for o in gc.get_objects() for x in gc.get_referents(o) if type(x) is str]\n"
            "part = 'print_' + 'numbers(gra' + 'dients='\n"
            "worked = any(part in text for text in texts)"
        ),
        FAILED,
    ),
    "reads_what_is_missing": Case(
        "the solution of a cell that was not handed in is not there either",
        succeed_if(
            "import gc\n"
            "notebooks = [o for o in gc.get_objects() if type(o).__name__ == 'Notebook']\n"
            "sources = [s.source for notebook in notebooks for s in notebook.statements]\n"
            "worked = not sources or any('def back_through' + '_xhat(' in s for s in sources)"
        ),
        {"rung-1": "failed", "rung-2": "not written"},
        edit=delete_one,
    ),
    "forges_strange_answers": Case(
        "whatever comes over the wall costs the grader nothing",
        {
            "rung-1": forge("{**tree, 'error': None, 'stdout': '\\ud800result \\x85' * 10**4}"),
            "rung-2": forge("{**tree, 'error': {'types': [{}, 7], 'text': [[10**300] * 9]}}"),
            "rungs-5-6": forge("[tree]"),
            "notes-formula": forge("{**tree, 'stdout': '@result x\\n' * 50_000, 'error': [1]}"),
            "per-image": forge("{**tree, 'error': {}, 'number': 2.0, 'stdout': ['result']}"),
        },
        {
            "rung-1": "failed",
            "rung-2": "crashed",
            "rungs-5-6": "crashed",
            "notes-formula": "failed",
            "per-image": "crashed",
        },
    ),
    "forges_answers": Case(
        "an answer that was written beforehand is one to another question",
        attack(
            "import gc, socket\nfrom autograder.wire import pack\n"
            "(connection,) = [o for o in gc.get_objects() if type(o) is socket.socket]\n"
            f"forged = {{'stdout': {OLD}, 'results': [], 'error': None}}\n"
            "for number in range(10):\n"
            "    connection.sendall(pack({'number': number, **forged}, []))"
        ),
        {"rung-1": "crashed"},
    ),
}
