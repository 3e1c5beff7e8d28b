"""A student fixes a function while the notebook runs: the next cell must call the new one.

IPython 9 renews the name in the notebook itself; IPython 8, the last one for Python 3.10, renews
only the function object, so that there @shapes has to help.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# the function was imported by name before it was fixed, as notebooks do
NOTEBOOK = """
import os, shutil, sys, time
from IPython.core.interactiveshell import InteractiveShell

mended, path = sys.argv[1:]
shell = InteractiveShell.instance()


def run(cell):
    result = shell.run_cell(cell)
    result.raise_error()
    return result.result


run("%load_ext autoreload")
run("%autoreload 2")
run("import numpy as np")
run("from assignment.affine import affine_forward")
call = "float(affine_forward(np.zeros((1, 2)), np.zeros((2, 1)), np.array([3.0]))[0].item())"
print(run(call))
shutil.copy(mended, path)
os.utime(path, (time.time() + 60, time.time() + 60))  # the clock of a file system may be coarse
print(run(call))
"""


def test_fixed_function_is_called_although_it_was_imported_by_name(tmp_path):
    shutil.copytree(ROOT / "assignment", tmp_path / "assignment")
    path = tmp_path / "assignment" / "affine.py"
    right = path.read_text(encoding="utf-8")
    wrong = right.replace("out += b", "out -= b")
    assert wrong != right
    path.write_text(wrong, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, ROOT / "assignment" / "affine.py", path],
        cwd=tmp_path,
        env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    values = [line for line in done.stdout.splitlines() if line in ("-3.0", "3.0")]
    assert values == ["-3.0", "3.0"], done.stdout
