"""The command grade: a class from start to end, repeated, interrupted and misused."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder import grading
from autograder.__main__ import main
from autograder.grading import Run
from autograder.intake.submissions import Submission
from autograder.outcomes import Verdict
from autograder.points.dependencies import Dependencies
from autograder.session.judge import Judged
from autograder.settings import Settings
from autograder.wall.probing import Isolation

PARTS = ("affine.forward", "affine.backward", "loss.softmax")  # few parts, so that grading is fast
TESTS = ("test_affine.py", "test_losses.py")
POINTS = {part.id: part.points for part in load_parts() if part.id in PARTS}
POSSIBLE = sum(POINTS.values())


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Copy the project with few of its tests."""
    return copy_project(tmp_path_factory.mktemp("project"))


def copy_project(root: Path, tests: Sequence[str] = TESTS) -> Path:
    for name in ("assignment", "autograder"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for folder in ("public", "hidden"):
        (root / "tests" / folder).mkdir(parents=True)
        for name in tests:
            shutil.copy(ROOT / "tests" / folder / name, root / "tests" / folder)
    for path in (ROOT / "tests").glob("*.py"):
        shutil.copy(path, root / "tests")
    return root


def start_grading(root: Path, submissions: Path, out: Path, *options: str):
    """Start the command for functions only: notebooks have their own tests."""
    command = [sys.executable, "-m", "autograder", "grade", submissions, "--out", out]
    return subprocess.Popen(
        [*map(str, command), "--no-notebooks", "--require-isolation", "none", *options],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def grade(root: Path, *args) -> tuple[int, str]:
    """Run the command and return its exit code and what it printed."""
    process = start_grading(root, *args)
    printed, _ = process.communicate(timeout=300)
    return process.returncode, printed


def hand_in(folder: Path, student: str, *parts: str) -> Path:
    """Write a submission with the solved files of PARTS."""
    (folder / student / "assignment").mkdir(parents=True)
    for part in load_parts():
        if part.id in parts:
            shutil.copy(ROOT / "assignment" / part.file, folder / student / "assignment")
    return folder / student


def read_scores(out: Path) -> list[tuple[str, str]]:
    """Return student and seed of every stored grade, in order."""
    with closing(sqlite3.connect(f"file:{out / 'gradebook.sqlite'}?mode=ro", uri=True)) as book:
        return book.execute("SELECT student, seed FROM grades ORDER BY id").fetchall()


@pytest.fixture(scope="module")
def graded(project, tmp_path_factory):
    """Grade a class of two once, with a seed."""
    folder = tmp_path_factory.mktemp("grading")
    hand_in(folder / "class", "ana", "affine.forward", "loss.softmax")
    hand_in(folder / "class", "=ben", "loss.softmax")
    (folder / "class" / "cleo[1].pdf").touch()
    code, printed = grade(project, folder / "class", folder / "out", "--seed", "11", "--table")
    assert code == 0, printed
    return folder, printed


def test_table_and_csv_say_the_same(graded):
    folder, printed = graded
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row)[:3] for row in rows] == 2 * [["student", "points", "possible"]]
    points = {"'=ben": POINTS["loss.softmax"], "ana": POSSIBLE}
    assert {row["student"]: float(row["points"]) for row in rows} == points
    assert all(float(row["possible"]) == POSSIBLE and row["seed"] == "11" for row in rows)
    assert all((folder / "out" / row["results"] / "results.json").exists() for row in rows)
    assert str(POSSIBLE) in [line for line in printed.splitlines() if line.startswith("ana")][-1]
    assert "2 students: 2 handed in" in printed
    assert f"seed {11}" in printed
    assert "isolation" in printed
    assert "left out, neither an archive nor a folder (1): 'cleo[1].pdf'\n2 submissions" in printed


def test_parts_come_in_the_order_of_the_lessons():
    ids = [part.id for part in load_parts()]
    names = ["01_minibatch_sgd/b", "01_minibatch_sgd/a", *sorted(ids)]  # cells keep their order
    verdicts = [Verdict(name, name, "test", "It.", False, 1) for name in names]
    run = Run(Settings(1), Dependencies({}), again=True)
    grade = run.make_grade(
        Submission("ana", {}, {}, (), "", "5ub"), Judged((*verdicts,), (), 1.5, 1.5)
    )
    assert [verdict.part for verdict in grade.verdicts] == [*ids, *names[:2]]


def test_results_reveal_nothing_of_hidden_tests(graded):
    folder, _ = graded
    results = json.loads((folder / "out" / "ana" / "results.json").read_text())
    assert results["score"] == POSSIBLE
    hidden = [test for test in results["tests"] if test["visibility"] == "hidden"]
    public = [test for test in results["tests"] if test["visibility"] == "visible"]
    assert len(hidden) >= 3 <= len(public)
    assert {test["name"].split(": ")[0] for test in results["tests"]} == set(PARTS)
    results = json.loads(next((folder / "out").glob("*ben*/results.json")).read_text())
    lost = [test for test in results["tests"] if test["status"] == "failed"]
    outputs = [test["output"] for test in lost if test["visibility"] == "hidden"]
    assert all(re.fullmatch(r"0 of \d hidden tests passed\. [^.]+\.", text) for text in outputs)
    assert outputs
    assert len({test["output"] for test in lost if test["visibility"] == "visible"}) > 1
    assert all("hidden test" in test["name"] for test in hidden)


def test_nothing_is_graded_twice(project, graded):
    folder, _ = graded
    copy = folder / "again"
    shutil.copytree(folder / "out", copy)
    code, printed = grade(project, folder / "class", copy)
    assert code == 0, printed
    assert len(read_scores(copy)) == 2
    hand_in(folder / "class", "cleo", "affine.forward")
    code, printed = grade(project, folder / "class", copy, "--seed", "12")
    assert code == 0, printed
    assert [*sorted(read_scores(copy)[:2]), *read_scores(copy)[2:]] == [
        ("=ben", "11"),
        ("ana", "11"),
        ("cleo", "12"),
    ]
    code, printed = grade(project, folder / "class", copy, "--again")
    assert code == 0, printed
    assert len(read_scores(copy)) == 6


def test_other_points_of_a_test_are_applied_without_judging(project, graded, tmp_path):
    folder, _ = graded
    root, out = tmp_path / "project", tmp_path / "out"
    shutil.copytree(project, root)
    shutil.copytree(folder / "out", out)
    path = root / "tests" / "hidden" / "test_affine.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace("points=0.5)", "points=7)  # was 0.5", 1), encoding="utf-8")
    stored = read_scores(out)
    hand_in(tmp_path / "class", "ana", "affine.forward", "loss.softmax")
    code, printed = grade(root, tmp_path / "class", out)
    assert code == 0, printed
    assert read_scores(out) == stored
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {float(row["possible"]) for row in rows.values()} == {POSSIBLE + 6.5}
    assert float(rows["ana"]["points"]) == POSSIBLE + 6.5
    assert float(rows["'=ben"]["points"]) == POINTS["loss.softmax"]


def test_points_that_are_not_clear_are_refused_before_grading(project, tmp_path):
    root, out = tmp_path / "project", tmp_path / "out"
    shutil.copytree(project, root)
    path = root / "tests" / "hidden" / "test_affine.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace("points=0.5)", "points=HALF)", 1), encoding="utf-8")
    hand_in(tmp_path / "class", "ana", "affine.forward")
    code, printed = grade(root, tmp_path / "class", out)
    assert code == 2
    assert printed.startswith("tests/hidden/test_affine.py, line ")
    assert printed.count("\n") == 1
    assert not (out / "gradebook.sqlite").exists()


def wait_for_grades(process: subprocess.Popen, out: Path) -> None:
    """Wait until the gradebook holds some grades."""
    while process.poll() is None:
        with suppress(sqlite3.OperationalError):  # there are no tables yet
            if len(read_scores(out)) > 1:
                return
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_stopped_run_can_be_continued(name, project, tmp_path):
    """Stored grades stay; the next run grades the rest."""
    for i in range(80):
        hand_in(tmp_path / "class", f"student-{i:02}", *PARTS)
    last = hand_in(tmp_path / "class", "student-80", *PARTS) / "assignment" / "affine.py"
    last.write_text("import time\ntime.sleep(2)\n" + last.read_text())  # else it may end too soon
    process = start_grading(project, tmp_path / "class", tmp_path / "out")
    wait_for_grades(process, tmp_path / "out")
    process.send_signal(getattr(signal, name))
    printed, _ = process.communicate(timeout=60)
    before = read_scores(tmp_path / "out")
    assert 0 < len(before) <= 80, printed
    if name == "SIGINT":
        assert process.returncode == 130
        assert printed.endswith("the same command resumes from here\n")
    code, printed = grade(project, tmp_path / "class", tmp_path / "out")
    assert code == 0, printed
    after = read_scores(tmp_path / "out")
    assert after[: len(before)] == before
    assert sorted(student for student, _ in after) == sorted(os.listdir(tmp_path / "class"))


def test_two_runs_do_not_share_a_gradebook(project, tmp_path):
    for i in range(20):
        hand_in(tmp_path / "class", f"student-{i:02}", *PARTS)
    first = start_grading(project, tmp_path / "class", tmp_path / "out")
    wait_for_grades(first, tmp_path / "out")
    first.send_signal(signal.SIGSTOP)  # so that it cannot end before the second one starts
    code, printed = grade(project, tmp_path / "class", tmp_path / "out")
    first.kill()
    other, _ = first.communicate()
    assert code == 2, other
    assert "in use" in printed


def test_a_test_that_cannot_be_collected_stops_the_run(tmp_path):
    project = copy_project(tmp_path / "project")
    (project / "tests" / "hidden" / "test_affine.py").write_text("X = 1 / 0\n")
    hand_in(tmp_path / "class", "ana", *PARTS)
    code, printed = grade(project, tmp_path / "class", tmp_path / "out")
    assert code == 2
    assert "test_affine.py" in printed
    assert read_scores(tmp_path / "out") == []


def test_a_faulty_test_costs_no_points(tmp_path):
    """A test that the teacher's own solution does not pass is the grader's fault for everybody."""
    project = copy_project(tmp_path / "project")
    test = project / "tests" / "hidden" / "test_affine.py"
    lines = test.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("def test_"))
    test.write_text("\n".join([*lines[: at + 2], "    assert rng is None", *lines[at + 2 :], ""]))
    hand_in(tmp_path / "class", "ana", *PARTS)
    code, printed = grade(project, tmp_path / "class", tmp_path / "out")
    assert code == 1, printed
    assert "one test ended by the grader's own fault:" in " ".join(printed.split())
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["points"]) == float(row["possible"]) < POSSIBLE
    assert row["status"] == "grade again: one test ended by the grader's own fault"
    results = json.loads((tmp_path / "out" / "ana" / "results.json").read_text())
    assert "grader's fault" in results["tests"][0]["output"]
    shutil.copy(ROOT / "tests" / "hidden" / "test_affine.py", test)
    code, printed = grade(project, tmp_path / "class", tmp_path / "out")
    assert code == 0, printed
    assert len(read_scores(tmp_path / "out")) == 2, (
        "submissions with a grader's fault are graded again"
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["grade", "nowhere", "--out", "out"], "nowhere"),
        (["grade", "empty", "--out", "out"], "empty"),
    ],
)
def test_misuse_gets_one_line(arguments, line, tmp_path):
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "autograder", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("submissions", "out"),
    [
        ("class", "class"),
        ("class", "class/deep/out"),
        ("class", "link"),
        ("link", "class/out"),
        ("class/ana", "class/ana/out"),
        ("class/ana", "class"),  # results of ana would be written into her submission
    ],
)
def test_results_are_not_written_among_submissions(submissions, out, tmp_path, monkeypatch, capsys):
    hand_in(tmp_path / "class", "ana", *PARTS)
    (tmp_path / "link").symlink_to("class")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["grade", submissions, "--out", out]) == 2
    error = capsys.readouterr().err
    assert error.endswith("would lie among submissions: choose another --out\n")
    assert error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_where_submissions_can_leave_messages_level_user_must_be_named(
    tmp_path, monkeypatch, capsys
):
    """Nobody hands in anything that needs a judge here: the level is chosen before."""
    (tmp_path / "class" / "ana").mkdir(parents=True)
    (tmp_path / "class" / "ana" / "affine.py").write_text(
        (ROOT / "assignment/affine.py").read_text()
    )
    leak = "a worker can leave a message for the next one: a file in /tmp"
    found = Isolation("user", ("level full: forbidden",), (leak,))
    monkeypatch.setattr(grading, "find_isolation", lambda private: found)
    monkeypatch.setattr(grading, "judge_class", lambda *_: None)
    command = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    assert main(command) == 2
    named = "to grade all the same, add --require-isolation user"
    printed = capsys.readouterr()
    assert printed.err == f"level full: forbidden; at level user, {leak}; {named}\n"
    assert main([*command, "--require-isolation", "user"]) == 0
    assert f"at level user, {leak}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "line"),
    [
        ("file", "file is not a folder: choose another --out"),
        ("file/out", "cannot write file/out"),
        ("/proc/out", "cannot write /proc/out"),
        ("csv", "csv/gradebook.csv is a folder: move it or choose another --out"),
        ("written", "cannot write written/written: File exists; choose another --out"),
    ],
)
def test_results_that_cannot_be_written_are_found_before_grading(
    out, line, tmp_path, monkeypatch, capsys
):
    hand_in(tmp_path / "class", "ana", *PARTS)
    (tmp_path / "file").touch()
    (tmp_path / "csv" / "gradebook.csv").mkdir(parents=True)
    (tmp_path / "written").mkdir()
    (tmp_path / "written" / "written").touch()
    monkeypatch.chdir(tmp_path)
    assert main(["grade", "class", "--out", out]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(line)
    assert printed.err.count("\n") == 1


def test_results_that_cannot_be_written_lose_no_grade(project, graded, tmp_path):
    folder, _ = graded
    out = Path(shutil.copytree(folder / "out", tmp_path / "out"))
    shutil.rmtree(out / "ana")
    (out / "ana").touch()
    code, printed = grade(project, folder / "class", out)
    assert code == 2
    kept = "the grades are kept, fix that and run the same command again"
    assert printed.endswith(f"cannot write {out / 'ana'}: File exists; {kept}\n")
    (out / "ana").unlink()
    assert grade(project, folder / "class", out)[0] == 0
    assert (out / "ana" / "results.json").exists()


@pytest.mark.parametrize(
    "arguments", [["grade", "class", "--out", ""], ["grade", "", "--out", "out"], ["release", ""]]
)
def test_an_empty_name_is_not_the_current_folder(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert capsys.readouterr().err.endswith("is empty: name a folder\n")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_that_cannot_show_a_name_does_no_harm(monkeypatch):
    monkeypatch.setattr("autograder.release.building.find_differences", lambda out: ["Jiří"])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert main(["release", "out", "--check"]) == 1
    sys.stdout.seek(0)
    assert sys.stdout.read() == "Ji\\u0159\\xed\n"
