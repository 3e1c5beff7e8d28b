"""``python -m assignment check``: into a pipe, on a terminal, and for other programs."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest

from assignment.__main__ import main
from assignment.support.project.manifest import load_parts
from autograder.release.building import NAME
from tests.machinery.students import copy_project, replace_text, run

FORBIDDEN = ("IPython", "matplotlib", "jupyter", "jupyter_core", "notebook", "autograder", "joblib")
# Points of public tests: of all parts, and of three of them.
PUBLIC, AFFINE_FORWARD, SGD_LOOP, BATCHNORM_FORWARD = 60.75, 1.0, 1.25, 3.5
COLOR = re.compile(r"\033\[\d+m")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy a solution with six mistakes of six kinds."""
    project = copy_project(tmp_path_factory.mktemp("check"))
    folder = project / "assignment"
    replace_text(folder / "affine.py", "out += b", "out -= b")
    replace_text(folder / "affine.py", "    return dx, dw, db\n", "")
    replace_text(
        folder / "losses.py", "    return loss, dx\n", "    return loss, dx.astype(np.int)\n"
    )
    replace_text(folder / "preprocessing.py", "std = x_train.std(", "std = x_train.std((")
    replace_text(folder / "hyperparameters.py", "def make_grid(", "def make_gird(")
    stub = 'raise NotImplementedError("sgd.loop: not written yet, see assignment/sgd.py")'
    with (folder / "sgd.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef minibatch_sgd(*args, **kwargs):\n    {stub}\n")
    return project


@pytest.fixture(scope="module")
def everything(project):
    """Check all parts, into a pipe."""
    return run(project, "check")


@pytest.fixture(scope="module")
def as_json(project):
    done = run(project, "check", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    return json.loads(done.stdout)


STRANGE = ["hw[1]", "a::b", "hw [x]::y", "Übung 1 #%& 'a'"]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("part", ["affine.forward"])
def test_the_folders_name_changes_nothing(tmp_path, name, part):
    project = copy_project(tmp_path / name)
    done = run(project, "check", part)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_rows(done.stdout)[part][2] == "passed"


@pytest.mark.parametrize(
    "setting",
    [
        {"PYTEST_ADDOPTS": "--collect-only -k nothing --unknown"},
        {"PYTEST_PLUGINS": "no_such_plugin"},
        {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""},
        {"PYTEST_THEME": "no-such-theme", "PYTEST_THEME_MODE": "x"},
        {"PY_COLORS": "1", "FORCE_COLOR": "1"},
        {"PYTEST_DEBUG": "1"},
    ],
    ids=lambda setting: min(setting),
)
def test_how_pytest_is_set_up_elsewhere_changes_nothing(project, setting):
    done = run(project, "check", "sgd.update", **setting)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_rows(done.stdout)["sgd.update"][2] == "passed"


def read_rows(text):
    """Return the rows of the table: part -> (got, possible, note)."""
    rows = re.findall(r"^(\w+\.\w+) +([\d.]+) of ([\d.]+) +(.*)$", text, re.M)
    return {part_id: (float(got), float(possible), note) for part_id, got, possible, note in rows}


def test_all_parts_in_a_pipe(everything):
    assert (everything.returncode, everything.stderr) == (1, "")
    rows = read_rows(everything.stdout)
    assert list(rows) == [part.id for part in load_parts()]
    assert rows["affine.forward"] == (0, AFFINE_FORWARD, "wrong values of out")
    assert rows["affine.backward"][2] == "affine_backward returned None (is the return missing?)"
    assert rows["loss.softmax"][2] == "AttributeError: module 'numpy' has no attribute 'int'."
    assert rows["sgd.loop"] == (0, SGD_LOOP, "not written yet, see assignment/sgd.py")
    assert rows["hyperparameters.grid"][2] == "assignment/hyperparameters.py has no make_grid"
    assert rows["batchnorm.forward"] == (BATCHNORM_FORWARD, BATCHNORM_FORWARD, "passed")
    assert "\033" not in everything.stdout
    assert "Traceback" not in everything.stdout


def test_the_last_lines_show_the_total_and_the_next_part(everything):
    total, following = everything.stdout.splitlines()[-2:]
    got = sum(row[0] for row in read_rows(everything.stdout).values())
    assert total.split()[:4] == ["all", f"{got:g}", "of", f"{PUBLIC:g}"]
    assert following == (
        "next: affine.forward, in assignment/affine.py (notebooks/01_minibatch_sgd.ipynb)"
    )


def test_messages_stand_above_the_table(everything):
    above = everything.stdout.partition("\naffine.forward   ")[0]
    assert above.startswith("affine.forward: wrong values of out\n  check     affine_forward gives")
    old = above[above.index("loss.softmax: ") :].split("\n")
    assert old[0] == "loss.softmax: AttributeError: module 'numpy' has no attribute 'int'."
    assert re.fullmatch(
        r"  at        assignment/losses\.py, line \d+: return loss, dx\.astype\(np\.int\)", old[1]
    )
    assert old[2] == "  hint      NumPy has no np.int: write int"
    assert "not written" not in above  # the table says it


def test_a_syntax_error_costs_only_its_function(everything):
    rows = read_rows(everything.stdout)
    got, possible, note = rows["preprocessing.standardize"]
    assert got < possible
    assert note.startswith("Python cannot read assignment/preprocessing.py, line ")
    assert note.endswith("...")  # the message above has it all
    assert ": std = x_train.std((axis=0, dtype=np.float64)\n" in everything.stdout
    assert rows["preprocessing.pca"][2] == rows["preprocessing.mean"][2] == "passed"


def test_json_holds_the_same(everything, as_json):
    assert (as_json["seed"], as_json["possible"]) == (231, PUBLIC)
    assert as_json["next"] == "affine.forward"
    rows = read_rows(everything.stdout)
    assert {p["id"]: (p["got"], p["possible"]) for p in as_json["parts"]} == {
        part_id: row[:2] for part_id, row in rows.items()
    }
    parts = {part["id"]: part for part in as_json["parts"]}
    assert set(parts["affine.forward"]) == {"id", "file", "got", "possible", "status", "message"}
    assert parts["affine.forward"]["file"] == "assignment/affine.py"
    assert parts["affine.forward"]["message"] in everything.stdout


def test_statuses_are_named_as_in_the_grader(as_json):
    statuses = {part["id"]: part["status"] for part in as_json["parts"]}
    assert statuses["affine.forward"] == statuses["affine.backward"] == "failed"
    assert statuses["loss.softmax"] == statuses["preprocessing.standardize"] == "crashed"
    assert statuses["sgd.loop"] == statuses["hyperparameters.grid"] == "not written"
    assert statuses["network.init"] == "passed"


def test_after_passing_parts_the_next_is_one_that_is_not_written(project):
    done = run(project, "check", "sgd.sample", "layernorm", "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(read_rows(done.stdout)) == ["sgd.sample", "layernorm.forward", "layernorm.backward"]
    assert done.stdout.splitlines()[-1].startswith("next: sgd.loop, in assignment/sgd.py (")


def test_the_next_is_the_unwritten_part_that_the_tested_one_calls(tmp_path):
    project = copy_project(tmp_path)
    stub = 'raise NotImplementedError("batchnorm.forward: not written yet, see ...")'
    with (project / "assignment/normalization.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef batchnorm_forward(*args):\n    {stub}\n")
    done = run(project, "check", "batchnorm.backward")
    assert "next: batchnorm.forward, in assignment/normalization.py (" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "batchnrom"], "no part 'batchnrom'; did you mean batchnorm or "),
        (["check", "affin"], "no part 'affin'; did you mean affine?\n"),
        (["check", "17"], "no part '17'; the parts are: affine.forward, affine.backward, "),
    ],
)
def test_an_unknown_part_is_reported_in_one_line(arguments, said, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


@pytest.mark.parametrize("arguments", [["check", "--seed", "-1"], ["check", "--seed", "x"], []])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err


def test_nothing_of_jupyter_or_the_grader_is_imported(project):
    code = f"""
import sys
from assignment.__main__ import main
main(["check", "affine"])
print(sorted(set(sys.modules) & set({FORBIDDEN!r})))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "import not_there\n",
            "",
            "affine.py cannot be imported, line 1: ModuleNotFoundError: No module",
        ),
        ("", "print x\n", "affine.py, line {}: Missing parentheses in call to 'print'"),
        ("", "x = 1\0\n", "null bytes"),
        (
            "",
            "raise ValueError\n",
            "affine.py cannot be imported, line {}: ValueError\n  hint      Py",
        ),
        ("", "exit()\n", "line {}: SystemExit"),
        ("", "input()\n", "line {}: OSError: input() cannot read anything\n  hint      nobody can"),
    ],
)
def test_a_file_that_cannot_be_imported_is_reported_even_if_its_tests_pass(
    tmp_path, before, after, said
):
    project = copy_project(tmp_path)
    path = project / "assignment/affine.py"
    path.write_text(before + path.read_text(encoding="utf-8") + after, encoding="utf-8")
    said = said.format(len(path.read_text(encoding="utf-8").split("\n")) - 1)
    done = run(project, "check", "affine.forward")
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert read_rows(done.stdout)["affine.forward"] == (AFFINE_FORWARD, AFFINE_FORWARD, "passed")


def test_warnings_concern_tested_files_and_are_printed_once(tmp_path):
    project = copy_project(tmp_path)
    for name in ("losses", "affine"):
        path = project / f"assignment/{name}.py"
        path.write_text(path.read_text(encoding="utf-8") + "raise ValueError\n", encoding="utf-8")
    replace_text(project / "assignment/affine.py", "out += b", "out += c")
    done = run(project, "check", "affine", "--json")
    assert json.loads(done.stdout)["warnings"] == []  # the message about affine.forward has it
    done = run(project, "check", "loss", "--json")
    (warning,) = json.loads(done.stdout)["warnings"]
    assert warning.startswith("assignment/losses.py cannot be imported, line ")
    assert run(project, "check", "sgd.sample").returncode == 0


def test_if_tests_cannot_run_pytests_output_is_shown(tmp_path):
    project = copy_project(tmp_path)
    (project / "tests/oracles.py").write_text("x = (\n", encoding="utf-8")
    done = run(project, "check", "affine")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("the check could not run:\n")
    assert "'(' was never closed" in done.stderr


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("tests/oracles.py", "ImportError: cannot import name 'oracles' from 'tests'"),
        ("tests/public/test_affine.py", "file or directory not found: "),
        ("conftest.py", "unrecognized arguments: --"),
    ],
)
def test_changed_tests_are_reported_in_one_line(release, tmp_path, file, said):
    project = tmp_path / "project"
    shutil.copytree(release / NAME, project)
    (project / file).unlink()
    done = run(project, "check", "affine")
    assert (done.returncode, done.stdout) == (2, "")
    changed, _, reason = done.stderr.splitlines()
    assert changed == f"given code was changed: {file}"
    assert reason.startswith(f"the check could not run: {said}")


@pytest.mark.parametrize("name", ["numpy", "random", "pytest"])
@pytest.mark.parametrize("source", ["", "import numpy as np\nx = np.ones(3)\n"])
def test_a_file_that_hides_a_package_is_named(project, name, source):
    path = project / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    try:
        done = run(project, "check", "affine")
    finally:
        path.unlink()
    assert done.returncode == 2
    assert done.stderr == f"{name}.py in this folder hides the real {name}: rename it\n"


def test_a_package_that_is_not_installed_is_named(project):
    code = """
import sys
sys.modules["pytest"] = None
from assignment.__main__ import main
sys.exit(main(["check"]))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "this Python has no pytest: pip install -r requirements.txt\n"


# On a terminal


def start_on_terminal(project, *arguments, **environment):
    """Start a check whose output is a terminal; return the process and our end of it."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assignment", "check", *arguments],
        cwd=project,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    return process, ours


def read_until(terminal, wanted, seconds=30.0):
    """Read until a text has arrived, or until the other side has closed."""
    text, deadline = "", time.monotonic() + seconds
    while wanted not in text and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:  # on Linux this means that the other side has closed
                break
            if not chunk:
                break
            text += chunk.decode()
    return text


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_and_a_line_on_what_is_running(project, no_color):
    process, terminal = start_on_terminal(project, "affine", NO_COLOR=no_color)
    text = read_until(terminal, "nothing has this")
    os.close(terminal)
    assert process.wait(30) == 1
    assert "testing affine.backward ..." in text
    assert bool(COLOR.search(text)) == (not no_color)
    assert "affine.forward: wrong values of out" in COLOR.sub("", text)


def test_ctrl_c_prints_what_was_running(tmp_path):
    project = copy_project(tmp_path)
    replace_text(
        project / "assignment/affine.py", "    out += b\n", "    while True:\n        out += b\n"
    )
    process, terminal = start_on_terminal(project, "affine.forward")
    text = read_until(terminal, "testing affine.forward ...")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    text += read_until(terminal, "nothing has this")
    os.close(terminal)
    assert process.wait(30) == 130
    last = text.splitlines()[-1]
    assert re.match(
        r"stopped while testing affine\.forward, at assignment/affine\.py, line \d+", last
    )
    assert "Traceback" not in text
