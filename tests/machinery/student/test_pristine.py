"""A warning about changed given files is printed once, and says what to do."""

from __future__ import annotations

import hashlib
import time

import pytest

from assignment.support.project.manifest import ROOT
from assignment.support.project.pristine import describe_changes, find_changes, name_some
from tests.machinery.students import copy_project, run

GIVEN = ("assignment/support/testing/compare.py", "conftest.py", "tests/oracles.py")


def write_checksums(project, names=GIVEN):
    """Write the checksums of a release, in the format of sha256sum."""
    lines = [
        f"{hashlib.sha256((project / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    ]
    (project / "assignment/support/CHECKSUMS").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def given(tmp_path):
    """Return a folder with a few unchanged given files."""
    for name in GIVEN:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\nx = 1\n", encoding="utf-8")
    write_checksums(tmp_path)
    return tmp_path


def test_without_checksums_as_in_the_master_copy_nothing_is_printed(capfd):
    assert not (ROOT / "assignment/support/CHECKSUMS").exists()
    assert (find_changes(), describe_changes()) == ([], "")


def test_unchanged_files_give_no_warning(given):
    assert describe_changes(given) == ""


def test_other_line_ends_are_not_a_change(given):
    path = given / "conftest.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert find_changes(given) == []


@pytest.mark.parametrize("name", GIVEN)
def test_a_changed_or_missing_file_is_named(given, name):
    (given / name).write_text("x = 2\n", encoding="utf-8")
    assert find_changes(given) == [name]
    (given / name).unlink()
    assert find_changes(given) == [name]
    first, second = describe_changes(given).split("\n")
    assert first == f"given code was changed: {name}"
    assert "copy these files again" in second


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n", b"no checksum\n\n"])
def test_broken_checksums_are_ignored(given, content):
    (given / "assignment/support/CHECKSUMS").write_bytes(content)
    assert isinstance(describe_changes(given), str)


def test_of_many_names_only_some_are_listed():
    assert name_some(["a", "b", "c"], 3) == "a, b, c"
    assert name_some(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy the project as a student has it, with checksums of the given files."""
    project = copy_project(tmp_path_factory.mktemp("pristine"))
    given = [*project.glob("assignment/support/**/*.py"), *project.glob("tests/**/*.py")]
    write_checksums(project, sorted(path.relative_to(project).as_posix() for path in given))
    return project


def test_comparing_takes_a_few_milliseconds(project):
    best = 1.0
    for _ in range(5):
        started = time.process_time()
        assert find_changes(project) == []
        best = min(best, time.process_time() - started)
    assert best < 0.02


@pytest.fixture
def broken(project, request):
    """Break a given file, and restore it afterwards."""
    path = project / request.param
    before = path.read_bytes()
    path.write_text("def broken(:\n", encoding="utf-8")
    yield request.param
    path.write_bytes(before)


@pytest.mark.parametrize("broken", ["assignment/support/testing/compare.py"], indirect=True)
def test_a_command_that_cannot_run_says_why_and_what_to_do(project, broken):
    done = run(project, "check", "affine.forward")
    warned, remedy, reason = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert warned == f"given code was changed: {broken}"
    assert remedy.endswith("from the zip that the course gave you.")
    assert reason == ("the given code cannot run: SyntaxError: invalid syntax (compare.py, line 1)")


@pytest.mark.parametrize(
    "broken",
    ["assignment/support/__init__.py", "assignment/support/project/pristine.py"],
    indirect=True,
)
def test_if_the_comparison_itself_is_broken_one_line_says_what_to_do(project, broken):
    done = run(project, "submit", "ana")
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith("the given code cannot run: SyntaxError: invalid syntax (")
    assert line.endswith("; copy assignment/support/ again from the zip that the course gave you")


@pytest.mark.parametrize("broken", ["tests/public/test_sgd.py"], indirect=True)
def test_commands_that_do_not_need_the_changed_file_work_with_a_warning(project, broken):
    done = run(project, "check", "affine.forward")
    assert done.returncode == 0
    assert done.stdout.startswith("affine.forward ")
    assert done.stderr.startswith(f"given code was changed: {broken}\n")
