"""Given files that were changed are told, once, and with what to do."""

from __future__ import annotations

import hashlib
import time

import pytest

from assignment.support.project.manifest import ROOT
from assignment.support.project.pristine import describe_changes, find_changes, name_some
from tests.machinery.students import copy_project, run

GIVEN = ("assignment/support/testing/compare.py", "conftest.py", "tests/oracles.py")


def write_checksums(project, names=GIVEN):
    """Write what a release has, in the format of sha256sum."""
    lines = [
        f"{hashlib.sha256((project / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    ]
    (project / "assignment/support/CHECKSUMS").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def given(tmp_path):
    """Return a folder with a few given files, as they were handed out."""
    for name in GIVEN:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\nx = 1\n", encoding="utf-8")
    write_checksums(tmp_path)
    return tmp_path


def test_the_master_copy_has_no_checksums_and_says_nothing(capfd):
    assert not (ROOT / "assignment/support/CHECKSUMS").exists()
    assert (find_changes(), describe_changes()) == ([], "")


def test_as_it_was_handed_out(given):
    assert describe_changes(given) == ""


def test_line_ends_are_no_change(given):
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
def test_checksums_that_are_broken_stop_nothing(given, content):
    (given / "assignment/support/CHECKSUMS").write_bytes(content)
    assert isinstance(describe_changes(given), str)


def test_many_names_are_not_all_told():
    assert name_some(["a", "b", "c"], 3) == "a, b, c"
    assert name_some(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy what a student has, with checksums of all that is given."""
    project = copy_project(tmp_path_factory.mktemp("pristine"))
    given = [*project.glob("assignment/support/**/*.py"), *project.glob("tests/**/*.py")]
    write_checksums(project, sorted(path.relative_to(project).as_posix() for path in given))
    return project


def test_comparing_takes_a_few_milliseconds(project):
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        assert find_changes(project) == []
        best = min(best, time.perf_counter() - started)
    assert best < 0.02


@pytest.fixture
def broken(project, request):
    """Put nonsense into a given file, and put the file back afterwards."""
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
def test_where_not_even_that_can_be_found_out(project, broken):
    done = run(project, "submit", "ana")
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith("the given code cannot run: SyntaxError: invalid syntax (")
    assert line.endswith("; copy assignment/support/ again from the zip that the course gave you")


@pytest.mark.parametrize("broken", ["tests/public/test_sgd.py"], indirect=True)
def test_what_needs_no_changed_file_works_with_a_warning(project, broken):
    done = run(project, "check", "affine.forward")
    assert done.returncode == 0
    assert done.stdout.startswith("affine.forward ")
    assert done.stderr.startswith(f"given code was changed: {broken}\n")
