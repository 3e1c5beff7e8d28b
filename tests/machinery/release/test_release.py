"""What is released, how it is written, and that students can get full marks with it."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.unwritten import PLACEHOLDER
from autograder.__main__ import main
from autograder.gradebook.store import Gradebook
from autograder.master_notebooks import read_master_notebooks
from autograder.notebooks.skeletons import read_skeletons
from autograder.outcomes import Grade, Outcome
from autograder.release import building as releasing
from autograder.release.building import NAME, make_release, pack_release
from tests.machinery.pasting import paste_files, paste_notebooks
from tests.machinery.students import read_all

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PARTS = load_parts()
ZIP = f"{NAME}.zip"
WINDOWS_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{n}{i}" for n in ("com", "lpt") for i in "123456789"),
}

each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)


@pytest.fixture
def out(release: Path, tmp_path: Path) -> Path:
    """Copy the written release, for a test to change."""
    return Path(shutil.copytree(release, tmp_path / "out"))


# How it is written


def test_zip_and_folder_hold_the_same_files(release: Path) -> None:
    with zipfile.ZipFile(release / ZIP) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {f"{NAME}/{name}": c for name, c in read_all(release / NAME).items()}
    assert {path.name for path in release.iterdir()} == {NAME, ZIP}


def test_zip_holds_no_time_and_no_trace_of_the_machine(release: Path) -> None:
    with zipfile.ZipFile(release / ZIP) as archive:
        entries = archive.infolist()
        assert archive.comment == b""
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.create_system, entry.extra, entry.comment) == (3, b"", b"")
        mode = 0o755 if entry.filename.endswith(".sh") else 0o644
        assert entry.external_attr >> 16 == stat.S_IFREG | mode


def test_the_same_master_copy_gives_the_same_bytes(release: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autograder", "release", str(tmp_path / "elsewhere" / "out")]
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("wrote ")
    assert read_all(tmp_path / "elsewhere" / "out") == read_all(release)


def test_an_earlier_release_is_replaced(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "make_release", lambda: {"README.md": b"new"})
    assert main(["release", str(out)]) == 0
    assert read_all(out) == {
        f"{NAME}/README.md": b"new",
        ZIP: pack_release({"README.md": b"new"}),
    }
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("thesis.txt", "out holds 'thesis.txt'; name a folder that is new or empty"),
        (f"{NAME}/notes.txt", f"{NAME}/notes.txt was not released; save what you need"),
        (f"{NAME}/assignment/sgd.py", f"{NAME}/assignment/sgd.py differs; save what you need"),
    ],
)
def test_files_that_are_not_of_the_release_are_never_overwritten(
    name: str, words: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (out / name).write_text("ten years", encoding="utf-8")
    before = read_all(out)
    assert main(["release", str(out)]) == 2
    assert words in capsys.readouterr().err
    assert read_all(out) == before


def test_release_works_again_after_the_changed_folder_is_deleted(
    out: Path, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (out / NAME / "README.md").write_text("mine", encoding="utf-8")
    assert main(["release", str(out)]) == 2
    assert capsys.readouterr().err.endswith("then delete that folder\n")
    shutil.rmtree(out / NAME)
    assert main(["release", str(out)]) == 0
    assert read_all(out) == read_all(release)


def test_a_file_is_refused_as_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").touch()
    assert main(["release", str(tmp_path / "out")]) == 2
    assert "out is not a folder; name one that is new or empty" in capsys.readouterr().err


def test_nothing_is_half_written(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    before = read_all(out)
    monkeypatch.setattr(releasing, "pack_release", fail)
    assert main(["release", str(out)]) == 2
    assert capsys.readouterr().err == f"cannot write {out}: No space left on device\n"
    assert read_all(out) == before
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("losses.py", "### END SOLUTION", "### END OF SOLUTION"),
        ("sgd.py", "### BEGIN SOLUTION", "###BEGIN SOLUTION"),
        ("plots.py", "import", "# end solution\nimport"),
    ],
)
def test_a_misplaced_or_misspelled_marker_is_an_error(
    name: str,
    old: str,
    new: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read = releasing._read

    def spoil(path: Path) -> bytes:
        content = read(path)
        return content.replace(old.encode(), new.encode(), 1) if path.name == name else content

    monkeypatch.setattr(releasing, "_read", spoil)
    assert main(["release", str(tmp_path / "out")]) == 2
    assert re.search(rf"/{name} holds a misplaced or misspelled", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


# --check


def test_check_finds_no_difference_where_there_is_none(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release", str(release), "--check"]) == 0
    assert capsys.readouterr().out == f"{release} is up to date\n"


def test_check_names_what_differs_and_changes_nothing(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = make_release()
    (out / NAME / "LICENSE").unlink()
    (out / NAME / "README.md").write_text("changed", encoding="utf-8")
    (out / NAME / "notes.txt").touch()
    (out / ZIP).write_bytes(pack_release({**files, "conftest.py": b"older"}))
    before = read_all(out)
    assert main(["release", str(out), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    names = [
        f"{NAME}/LICENSE is missing",
        f"{NAME}/README.md differs",
        f"{NAME}/notes.txt was not released",
    ]
    assert lines == [*names, f"{ZIP}/conftest.py differs"]
    assert read_all(out) == before


@pytest.mark.parametrize("folder", ["", f"{NAME}/deeper"])
def test_check_compares_the_zip_byte_by_byte(
    folder: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = pack_release(make_release())
    (out / ZIP).write_bytes(packed + b"\0" if not folder else packed[:1000])
    assert main(["release", str(out), "--check"]) == 1
    words = "is missing or damaged" if folder else "holds the same files, packed differently"
    assert capsys.readouterr().out == f"{ZIP} {words}\n"


def test_check_of_a_missing_release_prints_one_line(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty"):
        assert main(["release", str(tmp_path / name), "--check"]) == 1
        assert capsys.readouterr().out == f"there is no release in {tmp_path / name}\n"
    assert not (tmp_path / "nowhere").exists()
    shutil.rmtree(out / NAME)
    assert main(["release", str(out), "--check"]) == 1
    assert capsys.readouterr().out == f"{NAME}/ is missing\n"


# What is in it


@each_part
def test_stubs_keep_all_but_the_solution(part, release: Path) -> None:
    name = f"assignment/{part.file}"
    master, stubs = (read_definitions(folder / name) for folder in (ROOT, release / NAME))
    for function in part.functions:
        nodes = [(master[key], stubs[key]) for key in stubs if key.split(".")[0] == function]
        assert nodes
        for solved, stub in nodes:
            assert ast.get_docstring(stub, clean=False) == ast.get_docstring(solved, clean=False)
            for field in ("args", "returns", "decorator_list", "bases"):
                assert dump(stub, field) == dump(solved, field)
        raised = [ast.unparse(n) for _, stub in nodes for n in ast.walk(stub) if is_not_written(n)]
        assert f"NotImplementedError('{part.id}: not written yet, see {name}')" in raised


def read_definitions(path: Path) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """Return functions, classes and methods that students see, by name."""
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        for method in getattr(node, "body", ()) if isinstance(node, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef):
                found[f"{node.name}.{method.name}"] = method
    return found


def dump(node: ast.AST, field: str) -> list[str]:
    value = getattr(node, field, None)
    return (
        [ast.dump(item) for item in value]
        if isinstance(value, list)
        else [ast.dump(value)]
        if value
        else []
    )


def is_not_written(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "NotImplementedError"


def test_notebooks_differ_from_the_master_copy_only_in_the_holes(release: Path) -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        master, released = (
            nbformat.read(p, 4) for p in (path, release / NAME / "notebooks" / path.name)
        )
        nbformat.validate(released)
        shown = [c for c in master.cells if "hidden" not in c.metadata.get("tags", ())]
        assert [cell.id for cell in released.cells] == [cell.id for cell in shown]
        changed = [c.id for c, old in zip(released.cells, shown) if c.source != old.source]
        assert changed == [c.id for c in shown if "BEGIN SOLUTION" in c.source]
        assert released.metadata == master.metadata


def test_names_and_line_ends_suit_every_system(release: Path) -> None:
    files = read_all(release / NAME)
    assert len({name.lower() for name in files}) == len(files)
    for name, content in files.items():
        assert len(name) <= 60
        assert re.fullmatch(r"[\w./-]+", name, flags=re.ASCII)
        assert not WINDOWS_DEVICES & {part.split(".")[0].lower() for part in name.split("/")}
        if not name.endswith(".npz"):
            content.decode("utf-8")
            assert b"\r" not in content, name
            assert content.endswith(b"\n"), name
    assert not [path for path in release.rglob("*") if path.is_symlink()]


def test_checksums_cover_the_files_that_students_leave_alone(release: Path) -> None:
    files = read_all(release / NAME)
    lines = files.pop("assignment/support/CHECKSUMS").decode().splitlines()
    folders = ("assignment/support/", "tests/")
    single = ("assignment/contracts.py", "assignment/manifest.toml", "conftest.py")
    names = sorted(name for name in files if name.startswith(folders) or name in single)
    assert lines == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in names]


def test_public_tests_use_all_released_test_helpers(release: Path) -> None:
    tests = release / NAME / "tests"
    code = "".join(path.read_text("utf-8") for path in tests.rglob("*.py"))
    for path in tests.glob("[!_]*.py"):
        assert re.search(rf"^from tests(\.| import ){path.stem}\b", code, re.M), path.name


def test_windows_line_ends_are_converted(tmp_path: Path) -> None:
    (tmp_path / "affine.py").write_bytes(b"import numpy\r\n\r\n")
    assert releasing._read(tmp_path / "affine.py") == b"import numpy\n\n"


def test_released_files_do_not_mention_the_teachers_side(release: Path) -> None:
    project = tomllib.loads((release / NAME / "pyproject.toml").read_text("utf-8"))
    own = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project == {"tool": {"pytest": own["tool"]["pytest"]}}
    for name in ("README.md", "datasets/README.md", "requirements.txt"):
        text = (release / NAME / name).read_text("utf-8")
        assert not re.search(r"autograder|hidden|master|datasets/build|constraints", text), name


def test_readme_lists_existing_files_and_their_points(release: Path) -> None:
    text = (release / NAME / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 55
    assert PLACEHOLDER.split(" and")[0].strip("*") in text
    for name in re.findall(r"`([\w/]+(?:/|\.\w+))`", text):
        assert (release / NAME / name).exists(), name
    rows = re.findall(r"^\| (\d\d_.*?) \| (.*?) \| (.*?) \|$", text, re.M)
    notebooks = [name for names, _, _ in rows for name in names.split(", ")]
    points = [int(number) for _, _, numbers in rows for number in numbers.split(" + ")]
    possible = {part.notebook: 0 for part in PARTS}
    for part in PARTS:
        possible[part.notebook] += part.points
        assert any(part.notebook in names and part.file in files for names, files, _ in rows)
    assert dict(zip(notebooks, points)) == possible


@pytest.mark.parametrize("name", ["README.md", "docs/student-README.md"])
def test_readmes_state_the_points_of_cells_and_answers(name: str) -> None:
    points = Counter({"functions": sum(part.points for part in PARTS)})
    for cells in read_master_notebooks().values():
        for cell in cells:
            points["written" in cell.tags] += cell.points
    text = " ".join((ROOT / name).read_text("utf-8").split())
    functions, cells, answers = (points[kind] for kind in ("functions", False, True))
    said = rf"functions[^.]* {functions} [^.]*cells [^.]* {cells} more, [^.]* up to {answers}\."
    assert re.search(said, text)


# What the grader makes of it


@pytest.fixture(scope="module")
def graded(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade the released zip, and a release with all solutions pasted into it."""
    folder = tmp_path_factory.mktemp("graded")
    solved = Path(shutil.copytree(release / NAME, folder / "class" / "solved"))
    paste_files(solved)
    paste_notebooks(solved)
    shutil.copy(release / ZIP, folder / "class" / "untouched.zip")
    command = [sys.executable, "-m", "autograder", "grade", str(folder / "class")]
    command += ["--out", str(folder / "out"), "--require-isolation", "none"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out"


@pytest.fixture
def grades(graded: Path) -> dict[str, Grade]:
    """Read the grades."""
    with Gradebook(graded / "gradebook.sqlite") as book:
        return {grade.student: grade for grade in book.grades()}


def test_pasted_files_are_those_of_the_master_copy(release: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(release / NAME, tmp_path / "mine"))
    paste_files(project)
    for name in {f"assignment/{part.file}" for part in PARTS}:
        mine, master = (ast.parse((p / name).read_text("utf-8")) for p in (project, ROOT))
        assert ast.dump(mine) == ast.dump(master), name


def test_solutions_in_the_stubs_get_full_marks(grades: dict[str, Grade]) -> None:
    grade = grades["solved"]
    lost = [(v.part, v.failure) for v in grade.verdicts if v.points < v.possible]
    assert lost == []
    assert grade.points == grade.possible > 100


def test_an_untouched_release_gets_no_points_and_is_not_written(grades: dict[str, Grade]) -> None:
    grade = grades["untouched"]
    assert grade.points == 0
    assert {verdict.outcome for verdict in grade.verdicts} == {Outcome.NOT_WRITTEN}
    assert not [line for line in grade.findings if "was changed" in line or "missing" in line]


def test_each_cell_says_which_it_is(grades: dict[str, Grade]) -> None:
    details = {v.part: v.failure.problem for v in grades["untouched"].verdicts if v.of_cell}
    assert len(details) == sum(len(skeleton.holes) for skeleton in read_skeletons())
    for part, detail in details.items():
        see = f"notebooks/{part.split('/')[0]}.ipynb"
        assert detail == f"NotImplementedError: {part}: not written yet, see {see}"


def test_a_placeholder_counts_as_no_answer(graded: Path) -> None:
    sheets = list(graded.glob("written/*.md"))
    assert len(sheets) == 28
    for sheet in sheets:
        text = sheet.read_text("utf-8")
        assert text.rstrip().endswith("No answer: untouched")
        assert "## Answer of solved" in text
