"""The notebook runner on small notebooks of each kind."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tools import notebook_runs, run_notebooks

ROOT = Path(__file__).resolve().parents[3]

NOTEBOOKS = {
    "1_passing": [
        "import os, sys, time\ntime.sleep(1)  # it ends after the others",
        "   ",
        "print(sys.executable, os.getcwd(), os.environ['OPENBLAS_NUM_THREADS'])",
        "assert 'from_home' not in globals()",
    ],
    "2_failing": ["x = 1", "# the sum\nx + [y]", "print('never reached')"],
    "3_dying": ["import os\nos._exit(0)"],
    "4_multiline": ["raise ValueError('[bold]first[/bold]\\nsecond')"],
}


def write(path, *sources):
    """Write a notebook of code cells, with ids by position."""
    cells = [nbformat.v4.new_code_cell(text, id=f"id-{i}") for i, text in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def outputs(path):
    return [cell.outputs for cell in nbformat.read(path, as_version=4).cells]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run all of NOTEBOOKS at once, in a home folder with its own kernel and start-up file."""
    folder, home = tmp_path_factory.mktemp("note books"), tmp_path_factory.mktemp("home")
    for name, sources in NOTEBOOKS.items():
        write(folder / f"{name}.ipynb", *sources)
    startup = home / "profile_default" / "startup" / "1.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("from_home = True")
    kernel = home / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["false"], "display_name": "x", "language": "python"}))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    text = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(text):
        patch.setenv("IPYTHONDIR", str(home))
        patch.setenv("JUPYTER_PATH", str(home))
        code = run_notebooks.main([str(folder), "--out", str(folder / "out")])
    return SimpleNamespace(folder=folder, before=before, code=code, text=text.getvalue())


def test_one_failure_makes_the_exit_code_1(ran):
    assert ran.code == 1


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("1_passing", ["3", "passed"]),
        ("2_failing", ["1 of 3", "failed at cell 2 [id-1]: NameError: name 'y' is not defined"]),
        ("3_dying", ["0 of 1", "failed at cell 1 [id-0]: its kernel died"]),
        ("4_multiline", ["0 of 1", "failed at cell 1 [id-0]: ValueError: [bold]first[/bold]"]),
    ],
)
def test_the_table_shows_how_far_each_came(ran, name, row):
    (line,) = [line for line in ran.text.splitlines() if name in line and "│" in line]
    cells, _, verdict = [column.strip() for column in line.split("│")[2:-1]]
    assert cells == row[0]
    assert verdict.startswith(row[1])


def test_an_exception_is_shown_in_one_line(ran):
    assert "first[/bold]" in ran.text
    assert "│ second" not in ran.text


def test_the_table_is_sorted_by_name(ran):
    rows = [line.split()[1] for line in ran.text.splitlines() if line.startswith("│ ")]
    assert [name for name in rows if name in NOTEBOOKS] == list(NOTEBOOKS)


def test_the_first_line_of_the_failing_cell_follows(ran):
    lines = ran.text.splitlines()
    (row,) = [i for i, line in enumerate(lines) if "│ 2_failing" in line]
    assert "# the sum" in lines[row + 1]


def test_sources_are_unchanged_and_copies_hold_the_outputs(ran):
    assert {path.name: path.read_bytes() for path in ran.folder.glob("*.ipynb")} == ran.before
    assert {path.name for path in (ran.folder / "out").iterdir()} == set(ran.before)
    assert outputs(ran.folder / "out" / "2_failing.ipynb")[1][0].ename == "NameError"


def test_a_kernel_is_this_interpreter_in_the_folder_of_the_notebook(ran):
    printed = outputs(ran.folder / "out" / "1_passing.ipynb")[2][0].text
    assert printed == f"{sys.executable} {ran.folder} 1\n"


def test_a_cell_that_hangs_is_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notebook_runs, "CELL_TIMEOUT_S", 1)
    path = write(tmp_path / "hanging.ipynb", "while True:\n    pass")
    assert run_notebooks.main([str(path), "--out", str(tmp_path / "out")]) == 1
    assert "failed at cell 1 [id-0]: still not done after 1 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no notebook in "),
        (["nowhere.ipynb"], "nowhere.ipynb does not exist"),
        (["text.ipynb"], "text.ipynb is not a notebook"),
        (["list.ipynb"], "list.ipynb is not a notebook"),
        (["cell.ipynb"], "cell.ipynb is not a notebook"),
        (["good.ipynb", "--out", "."], "would overwrite a notebook"),
        (["good.ipynb", "more/good.ipynb"], "would overwrite a notebook"),
        (["good.ipynb", "--out", "text.ipynb"], "cannot write to text.ipynb"),
    ],
)
def test_errors_before_a_run_are_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "text.ipynb").write_text("no JSON")
    (tmp_path / "list.ipynb").write_text("[]")
    no_source = {"cell_type": "code", "id": "a", "metadata": {}}
    cells = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [no_source]}
    (tmp_path / "cell.ipynb").write_text(json.dumps(cells))
    for name in ("good.ipynb", "more/good.ipynb"):
        write(tmp_path / name, "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_notebooks, "ROOT", tmp_path)
    assert run_notebooks.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("run_notebooks: ")
    assert message in said
    assert said.count("\n") == 1


def test_a_kernel_that_cannot_start_says_why(tmp_path, monkeypatch, capsys):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('no kernel today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = write(tmp_path / "good.ipynb", "1")
    assert run_notebooks.main([str(path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"cannot start a kernel for {path} (no kernel today)" in said
    assert said.count("\n") == 1


def test_ctrl_c_stops_the_kernels_and_shows_the_table(tmp_path):
    pid = tmp_path / "pid"
    source = (
        f"import os, time\nopen({str(pid)!r}, 'x').write(f'{{os.getpid()}}\\n')\ntime.sleep(99)"
    )
    path = write(tmp_path / "long.ipynb", "1", source)
    command = [sys.executable, "-m", "tools.run_notebooks", str(path), "--out", str(tmp_path)]
    command[-1] += "/out"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while not (pid.exists() and pid.read_text().endswith("\n")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "1 of 2" in text
    assert "stopped" in text
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
