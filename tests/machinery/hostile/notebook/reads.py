"""Cells that try to read solutions, or to write where they may not."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case
from tests.machinery.hostile.cells import FAILED, OTHER, succeed_if, told
from tests.machinery.hostile.files.documents import delete_one

__all__ = ["CASES"]

CASES = {
    "finds_solutions": Case(
        "no file and no object that a worker reaches holds the teacher's functions",
        cells=told(
            succeed_if(
                "import gc, os, types\nread, worked = 0, False\n"
                "for folder, folders, files in os.walk('/'):\n"
                "    folders[:] = {*folders} - {'usr', 'proc', 'site-packages'}\n"
                "    for name in files:\n"
                "        path = os.path.join(folder, name)\n"
                "        if name.endswith('.py') and os.access(path, os.R_OK):\n"
                "            with open(path, 'rb') as file:\n"
                "                worked |= b'def affine_' + b'forward(' in file.read()\n"
                "            read += 1\n"
                "gc.unfreeze()\n"
                "codes = [o.__code__ for o in gc.get_objects() if type(o) is types.FunctionType]\n"
                "worked |= 'affine_forward' in [code.co_name for code in codes]\n"
                "can_call = affine_forward(np.ones((1, 2)), np.ones((2, 1)), np.ones(1))[0][0, 0]"
            ),
            "read, len(codes) > 1000, can_call == 3",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": r"fired: \(\d{2,}, True, \S*True"},
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
