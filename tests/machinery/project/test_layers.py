"""Files import only from their own room and lower layers. Folders do not hold too many files.

The tables below list rooms from low to high. A room is a folder, or a single file that stands
beside the folders. Rooms of one layer do not import each other.
"""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.wall.worker_folder import READABLE

GRADER = [
    {"__init__", "errors"},
    {"outcomes", "master_notebooks", "intake", "protocol", "bank"},
    {"settings", "release", "points", "roster", "rules", "marks"},
    {"scoring", "enrolment"},
    {"inside", "wall", "gradebook"},
    {"ahead", "results", "reports"},
    {"judging"},
    {"teacher"},
    {"follow_through", "notebooks", "recognition"},
    {"session"},
    {"grading", "proving", "similar"},
    {"commands"},
    {"__main__"},
]
# Two rooms are not folders: "topics" are the files that students write, "lessons" are the modules
# directly in support/, with its folders data/ and lessons/. All but the topics are given code.
ASSIGNMENT = [
    {"contracts", "project"},
    {"testing"},
    {"topics"},
    {"lessons"},
    {"commands"},
    {"__main__"},
]

MOST_FILES = 12
# The ten topics, contracts, manifest.toml, __init__ and __main__. Their paths are fixed, because
# students' files and notebooks import them.
EXCEPTIONS = {"assignment": 14}

TOPICS = {part.file for part in load_parts()}
STUDENTS_IMPORTS = {"numpy", "contracts", *sys.stdlib_module_names, *(t[:-3] for t in TOPICS)}
GRADER_FILES = sorted(ROOT.glob("autograder/**/*.py"))
ASSIGNMENT_FILES = sorted(set(ROOT.glob("assignment/**/*.py")) - {ROOT / "assignment/__init__.py"})


def find_imports(path):
    """Yield the line and the absolute imported name of each import in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} line {node.lineno}: write the module's full name"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def find_imported_rooms(path, package, name_room):
    """Yield the place and the imported room of each import from a package."""
    for line, module in find_imports(path):
        first, *rest = module.split(".")
        if first == package:
            yield f"{path.relative_to(ROOT)} line {line} imports {module}", name_room(rest)


def list_allowed(layers, room):
    """Return the rooms that a room may import from: itself, and those of lower layers."""
    (level,) = (i for i, layer in enumerate(layers) if room in layer)
    return set().union({room}, *layers[:level])


def name_grader_room(names):
    """Return the room of a module of the grader, given as the names after the first dot."""
    return names[0] if names else "__init__"


def name_assignment_room(names):
    """Return the room of a module of the assignment, given as the names after the first dot."""
    if not names or names[0] != "support":
        return "topics" if names and f"{names[0]}.py" in TOPICS else "".join(names[:1])
    if names[1:2] in ([], ["__init__"]):
        return "project"  # importing anything below support/ runs it first
    is_folder = (ROOT / "assignment" / "support" / names[1]).is_dir()
    return names[1] if is_folder and names[1] != "data" else "lessons"


def find_room(path, name_room):
    """Return the room of a file."""
    return name_room(path.relative_to(ROOT).with_suffix("").parts[1:])


def find_breaches(files, package, layers, name_room, room):
    """List the forbidden imports in the files of a room."""
    allowed = list_allowed(layers, room)
    own = [path for path in files if find_room(path, name_room) == room]
    found = [pair for path in own for pair in find_imported_rooms(path, package, name_room)]
    return [where for where, imported in found if imported not in allowed]


# The grader


def test_the_table_lists_each_room_of_the_grader_once():
    listed = [room for layer in GRADER for room in layer]
    assert sorted(listed) == sorted({find_room(path, name_grader_room) for path in GRADER_FILES})


@pytest.mark.parametrize("room", [room for layer in GRADER for room in sorted(layer)])
def test_a_room_of_the_grader_imports_from_lower_layers(room):
    assert find_breaches(GRADER_FILES, "autograder", GRADER, name_grader_room, room) == []


def test_nothing_outside_inside_imports_what_runs_behind_the_wall():
    files = [*GRADER_FILES, *ROOT.glob("assignment/**/*.py"), *ROOT.glob("tools/**/*.py")]
    found = [
        where
        for path in files
        if ROOT / "autograder" / "inside" not in path.parents
        for where, room in find_imported_rooms(path, "autograder", name_grader_room)
        if room == "inside"
    ]
    assert found == []


@pytest.mark.parametrize("room", ["__init__", *READABLE])
def test_code_that_workers_read_imports_nothing_else_of_the_grader(room):
    own = [path for path in GRADER_FILES if find_room(path, name_grader_room) == room]
    found = [p for path in own for p in find_imported_rooms(path, "autograder", name_grader_room)]
    assert own
    assert [where for where, imported in found if imported not in READABLE] == []


# The assignment


def test_the_table_lists_each_room_of_the_assignment_once():
    listed = [room for layer in ASSIGNMENT for room in layer]
    found = {find_room(path, name_assignment_room) for path in ASSIGNMENT_FILES}
    assert sorted(listed) == sorted(found)


@pytest.mark.parametrize("room", [room for layer in ASSIGNMENT for room in sorted(layer)])
def test_a_room_of_the_assignment_imports_from_lower_layers(room):
    files = ASSIGNMENT_FILES
    assert find_breaches(files, "assignment", ASSIGNMENT, name_assignment_room, room) == []


def test_only_lessons_import_what_students_write():
    """So a file that Python cannot read does not stop the command that reports it."""
    found = [
        where
        for path in ASSIGNMENT_FILES
        if find_room(path, name_assignment_room) not in ("topics", "lessons")
        for where, room in find_imported_rooms(path, "assignment", name_assignment_room)
        if room == "topics"
    ]
    assert found == []


@pytest.mark.parametrize("file", sorted(TOPICS))
def test_student_files_import_numpy_and_each_other(file):
    for line, name in find_imports(ROOT / "assignment" / file):
        first = name.removeprefix("assignment.").split(".")[0]
        assert first in STUDENTS_IMPORTS, f"line {line}: {name}"


@pytest.mark.parametrize("path", ASSIGNMENT_FILES, ids=lambda path: path.name)
def test_given_code_does_not_import_tests_or_grader(path):
    teachers = ("autograder", "tests", "tools")
    assert [name for _, name in find_imports(path) if name.split(".")[0] in teachers] == []


def test_the_package_itself_imports_nothing():
    assert list(find_imports(ROOT / "assignment" / "__init__.py")) == []


# Folders


def count_files():
    """Count the tracked files of each folder outside the bank; return {} without a repository."""
    if shutil.which("git") is None:
        return {}
    command = ["git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    folders = [Path(name).parent.as_posix() for name in listing.stdout.split("\0")[:-1]]
    kept = [folder for folder in folders if not f"{folder}/".startswith("autograder/bank/")]
    return {folder: kept.count(folder) for folder in sorted(set(kept))}


FILE_COUNTS = count_files()


@pytest.mark.parametrize("folder", FILE_COUNTS)
def test_a_folder_does_not_hold_too_many_files(folder):
    assert FILE_COUNTS[folder] <= EXCEPTIONS.get(folder, MOST_FILES)
