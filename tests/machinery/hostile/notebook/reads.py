"""Cells that try to read solutions, or to write where they may not."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case
from tests.machinery.hostile.cells import FAILED, OTHER, succeed_if, told
from tests.machinery.hostile.files.documents import delete_one

__all__ = ["CASES"]

CASES = {
    "raises_solutions": Case(
        "the teacher's functions can be called, but no result shows their source",
        cells={
            "rung-1": "import inspect, pathlib\nimport assignment.normalization as teacher\n"
            "raise ValueError(inspect.getsource(teacher))",
            "rung-2": "text = inspect.getsource(teacher)\nprint(text)\ndisplay(text)\n"
            "class Stolen(Exception): pass\nStolen.__name__ = text\n"
            "def back_through_xhat(dxhat, s, istd, axis):\n    raise Stolen(text)",
        },
        outcomes={"rung-1": "crashed", "rung-2": "crashed"},
        evidence={"rung-1": 'ValueError: """Batch, layer', "rung-2": '"""Batch, layer'},
    ),
    "writes": Case(
        "files of the course cannot be written",
        cells=told(
            succeed_if(
                "import assignment, pathlib\nworked, refused = False, 0\n"
                "root = pathlib.Path(assignment.__file__).parents[1]\n"
                "for name in ('assignment/affine.py', 'autograder/wire.py', 'cells.json', 'new'):\n"
                "    try:\n"
                "        (root / name).write_text('import os')\n"
                "        worked = True\n"
                "    except OSError:\n"
                "        refused += 1"
            ),
            "refused",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: 4"},
    ),
    "reads_the_disk": Case(
        "notebooks, hidden cells, tests and other submissions cannot be read",
        cells=told(
            succeed_if(
                "import os, pathlib\nworked, seen = False, 0\n"
                "ours = {'06_layernorm.ipynb', 'gradebook.sqlite', 'test_affine.py'}\n"
                "ours |= {'oracles.py'}\n"
                "for folder, folders, files in os.walk('/'):\n"
                "    folders[:] = [x for x in folders if x not in ('usr', 'site-packages')]\n"
                "    worked |= bool(ours & set(files))\n"
                "    seen += len(files)\n"
                "worked |= bool({'notebooks', 'tests'} & set(os.listdir('/course')))\n"
                "cells = pathlib.Path('/course/cells.json').read_text()\n"
                "worked |= 'print_numbers' in cells or 'SOLUTION' in cells"
            ),
            "seen",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": r"fired: \d{3,}"},
    ),
    "reads_the_memory": Case(
        "hidden cells are not in the memory of the process",
        cells=told(
            succeed_if(
                "import gc\n"
                "known = [x for o in gc.get_objects() for x in gc.get_referents(o)]\n"
                "texts = [x for x in known if type(x) is str]\n"
                "part = 'print_' + 'numbers(gra' + 'dients='\n"
                "worked = any(part in text for text in texts)"
            ),
            "len(texts)",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": r"fired: \d{3,}"},
    ),
    "reads_what_is_missing": Case(
        "the solution of a cell that was not handed in is not in memory",
        cells=told(
            succeed_if(
                "import gc\n"
                "notebooks = [o for o in gc.get_objects() if type(o).__name__ == 'Notebook']\n"
                "sources = [s.source for notebook in notebooks for s in notebook.statements]\n"
                "worked = not sources or any('def back_through' + '_xhat(' in s for s in sources)"
            ),
            "len(sources)",
        ),
        outcomes={**FAILED, "rung-2": "not written"},
        edit=delete_one,
        evidence={"rung-1": OTHER, "per-image": r"fired: \d+"},
    ),
}
