"""``python -m assignment submit``: what goes in, what is refused, and the grader accepts it."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import sys
import zipfile

import pytest

from assignment.__main__ import main
from assignment.support.commands import package as package_module
from assignment.support.commands.package import collect
from assignment.support.commands.submit import SubmitError, submit
from assignment.support.project.cells import write_outlines
from assignment.support.project.manifest import load_parts
from assignment.support.project.unwritten import PLACEHOLDER, find_unanswered, find_unwritten
from autograder.intake import submissions
from autograder.intake.decoding import Unreadable, read_cells
from autograder.intake.submissions import read_submission
from autograder.master_notebooks import make_outlines, read_master_notebooks
from tests.machinery.students import copy_project, replace_text, run

AFFINE = "assignment/affine.py"
SGD = "notebooks/01_minibatch_sgd.ipynb"
ASKED_FOR = {f"assignment/{part.file}" for part in load_parts()}
ASKED_FOR |= {f"notebooks/{part.notebook}.ipynb" for part in load_parts()}
STUB = 'raise NotImplementedError("{}: not written yet, see {}")\n'


@pytest.fixture
def project(tmp_path):
    return copy_project(tmp_path / "project", notebooks=True)


@pytest.fixture
def outbox(tmp_path):
    (tmp_path / "outbox").mkdir()
    return tmp_path / "outbox"


def write(path, text):
    path.write_text(text, encoding="utf-8")


def problems(project):
    """Return the problems and their remedies; check that no zip is written."""
    outbox = project.parent / "nothing"
    outbox.mkdir(exist_ok=True)
    with pytest.raises(SubmitError) as caught:
        submit("ana", outbox, project)
    assert list(outbox.iterdir()) == []
    first, *lines = str(caught.value).split("\n")
    assert first == "ana.zip was not written:"
    assert all(re.match(r" {2}\S| {4}\S", line) for line in lines)
    remedies = [i for i, line in enumerate(lines) if line.startswith("    ")]
    assert remedies[-1] == len(lines) - 1
    starts = [0, *(i + 1 for i in remedies)]
    return [(lines[i].strip(), lines[e].strip()) for i, e in zip(starts, remedies)]


# What goes in


def test_the_grader_reads_the_zip_without_findings(project, outbox):
    submit("ana", outbox, project)
    taken = read_submission(outbox / "ana.zip")
    assert (taken.student, taken.refused, taken.findings) == ("ana", "", ())
    assert taken.files == {
        part.file: (project / "assignment" / part.file).read_bytes() for part in load_parts()
    }
    stored = read_master_notebooks(project / "notebooks")
    for name, cells in taken.notebooks.items():
        assert [(c.id, c.source) for c in cells] == [(c.id, c.source) for c in stored[name]]


def test_notebooks_go_in_without_outputs(project, outbox, capsys):
    submit("ana", outbox, project)
    with zipfile.ZipFile(outbox / "ana.zip") as archive:
        assert set(archive.namelist()) == ASKED_FOR
        cells = json.loads(archive.read(SGD))["cells"]
    assert all(c["outputs"] == [] for c in cells if c["cell_type"] == "code")
    assert re.search(rf"^  {SGD} +\d+\.\d KB  without outputs$", capsys.readouterr().out, re.M)


def test_the_same_files_give_the_same_bytes(project, outbox, capsys):
    submit("ana", outbox, project)
    first = (outbox / "ana.zip").read_bytes()
    for name in ASKED_FOR:
        os.utime(project / name, (1e9, 1e9))
    submit("ana", outbox, project)
    assert (outbox / "ana.zip").read_bytes() == first
    assert "\nreplaced " in capsys.readouterr().out


def test_own_modules_go_in_if_they_are_imported(project, outbox, capsys):
    folder = project / "assignment"
    write(folder / "own.py", "from .deeper import x\n")
    write(folder / "deeper.py", "import assignment.own\nx = 1\n")
    write(folder / "scratch.py", "print(\n")
    write(
        folder / "affine.py", (folder / "affine.py").read_text() + "\nfrom assignment import own\n"
    )
    submit("ana", outbox, project)
    taken = read_submission(outbox / "ana.zip")
    assert set(taken.files) == {part.file for part in load_parts()} | {"own.py", "deeper.py"}
    assert taken.findings == ()
    out = capsys.readouterr().out
    assert re.search(r"^  assignment/scratch\.py +not imported by a file that goes in$", out, re.M)


def test_what_stays_out_is_named(project, outbox, capsys):
    write(project / "notebooks" / "own.ipynb", "{}")
    write(project / "notebooks" / "weights.npz", "x")
    (project / "assignment" / "__pycache__").mkdir()
    submit("ana", outbox, project)
    out = capsys.readouterr().out
    left = out.partition("stays out\n")[2].splitlines()[:3]
    assert [line.split() for line in left[:2]] == [
        ["notebooks/own.ipynb", "not", "asked", "for"],
        ["notebooks/weights.npz", "not", "asked", "for"],
    ]
    assert left[2] == "  everything outside assignment/ and notebooks/"


def test_imports_that_the_grader_may_not_have_are_reported(project):
    (project / "tools.py").touch()
    (project / "assignment/own.py").touch()
    lines = ["import os.path, numpy.linalg", "import scipy", "import tools as t", "import own"]
    write(project / AFFINE, "\n".join(lines))
    assert collect(project).remarks == [
        f"{AFFINE} imports own, which stays out: write from assignment.own import ...",
        f"{AFFINE} imports scipy: the grader has only NumPy and what comes with Python",
        f"{AFFINE} imports tools, which stays out: move it into assignment/, "
        "and write from assignment.tools import ...",
    ]


# What is not done yet


def test_an_unfinished_assignment_is_handed_in_with_a_note(project, outbox, capsys):
    text = (project / AFFINE).read_text(encoding="utf-8")
    write(project / AFFINE, text + "    " + STUB.format("affine.backward", AFFINE))
    write(project / "assignment/sgd.py", "def sgd(w, dw, config):\n    return w\n")
    replace_text(
        project / SGD, "def take_step(", STUB.format("01/one-step", SGD)[:-1].replace('"', '\\"')
    )
    submit("ana", outbox, project)
    note = capsys.readouterr().out.partition("not done yet; you may hand in all the same\n")[2]
    assert note.splitlines()[0] == "  affine.backward, sgd.sample, sgd.update, sgd.loop"
    assert note.splitlines()[1] == f"  {SGD}: one-step"
    assert (outbox / "ana.zip").exists()


@pytest.fixture
def outlined(project):
    """Return a project with the outline that a release has."""
    content = write_outlines(make_outlines(read_master_notebooks()))
    (project / "assignment/support/OUTLINE").write_bytes(content)
    document = json.loads((project / SGD).read_text(encoding="utf-8"))
    document["cells"] = [
        c for c in document["cells"] if "hidden" not in c["metadata"].get("tags", [])
    ]
    return project, document


def test_cells_that_are_not_found_are_named_before_the_deadline(outlined, outbox, capsys):
    project, document = outlined
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "one-step"]
    for cell in document["cells"]:
        del cell["id"]
    write(project / SGD, json.dumps(document))
    submit("ana", outbox, project)
    said = capsys.readouterr().out.partition("possible mistakes\n")[2].splitlines()
    assert said[0] == f"  {SGD}: not found, so not handed in: one-step"
    assert said[1].startswith(
        f"  {SGD}: cells found otherwise than by their id, by name: noise-code;"
    )


@pytest.mark.parametrize(
    ("above", "old", "new", "said"),
    [
        (
            "import torch\nfrom numpy import *",
            "",
            "",
            f"{SGD} imports torch, which the grader does not",
        ),
        (
            "from assignment.mine import x",
            "",
            "",
            f"{SGD} imports assignment.mine, which the grader",
        ),
        (
            "%time x = 1",
            "def take_step",
            "def step",
            f"{SGD}: one-step: this cell does not define take_",
        ),
        ("from .mine import x", "", "", f"{SGD} imports .mine, which the grader"),
        ("", "return", "breakpoint()\n    return", f"{SGD}: one-step: line "),
        ("", "return", "\u00a0return", f"{SGD}: one-step: Python cannot read this cell: inv"),
        ("%pip install a \\\n  b\nnp.sum?\n?np.sum\nif 1:\n    !ls\nimport tqdm", "", "", ""),
        ("try:\n    import google.colab\nexcept ImportError:\n    pass", "", "", ""),
        ("from assignment.affine import *\nimport assignment.support.data", "", "", ""),
    ],
)
def test_what_the_grader_cannot_run_is_said(outlined, above, old, new, said):
    project, document = outlined
    (cell,) = [cell for cell in document["cells"] if cell["id"] == "one-step"]
    cell["source"] = f"{above}\n{''.join(cell['source']).replace(old, new)}"
    write(project / SGD, json.dumps(document))
    remarks = collect(project).remarks
    assert [remark[: len(said)] for remark in remarks] == ([said] if said else [])


def test_pictures_that_code_of_an_answer_draws_go_in(outlined):
    project, document = outlined
    at = [cell["id"] for cell in document["cells"]].index("answer-1")
    drawn = [{"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": {}}]
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": "plt.plot(x)"}
    document["cells"].insert(at + 1, {**own, "outputs": [*drawn, {"data": {"text/html": "x"}}]})
    document["cells"].append({**own, "id": "other", "outputs": drawn})
    write(project / SGD, json.dumps(document))
    cells = {cell["id"]: cell for cell in json.loads(collect(project).files[SGD])["cells"]}
    assert (cells["own"]["outputs"], cells["other"]["outputs"]) == (drawn, [])


def test_a_stub_beside_its_solved_copy_is_done(outlined):
    project, document = outlined
    at = [cell["id"] for cell in document["cells"]].index("one-step")
    solved = {**document["cells"][at], "id": "copy"}
    document["cells"].insert(at + 1, solved)
    stub = f"def take_step():\n    {STUB.format('01/one-step', SGD)}"
    document["cells"][at] = {**solved, "id": "one-step", "source": stub}
    write(project / SGD, json.dumps(document))
    assert collect(project).unanswered[SGD] == []
    del document["cells"][at + 1]
    write(project / SGD, json.dumps(document))
    assert collect(project).unanswered[SGD] == ["one-step"]


def test_a_stub_in_a_comment_does_not_count(project):
    text = (project / AFFINE).read_text(encoding="utf-8")
    write(project / AFFINE, text + "    # " + STUB.format("affine.backward", AFFINE))
    assert find_unwritten(project) == []


@pytest.mark.parametrize(
    ("source", "open"), [("", True), (" \n", True), (PLACEHOLDER, True), ("ln 10", False)]
)
def test_empty_answers_are_found(source, open):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {"tags": ["written"]}}
    assert find_unanswered([{**cell, "source": [source]}]) == (["a"] if open else [])
    assert find_unanswered([{**cell, "metadata": {}, "source": source}]) == []


# What is refused


def test_a_missing_file_is_refused(project):
    (project / AFFINE).unlink()
    assert problems(project) == [
        (f"{AFFINE} is missing", "copy it again from the zip that the course gave you")
    ]


def test_a_remedy_for_several_files_is_printed_once(project, outbox):
    shutil.rmtree(project / "notebooks")
    with pytest.raises(SubmitError) as caught:
        submit("ana", outbox, project)
    lines = str(caught.value).split("\n")
    assert len(lines) == 1 + 8 + 1
    assert lines[-2:] == [
        "  notebooks/08_hyperparameters.ipynb is missing",
        "    copy it again from the zip that the course gave you",
    ]


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        (AFFINE, "affine (1).py"),
        (AFFINE, "Affine.py"),
        (AFFINE, "affine.py.txt"),
        (SGD, "01_minibatch_sgd-Copy1.ipynb"),
        (AFFINE, "Copy of affine.py"),
        (AFFINE, "affine_final.py"),
    ],
)
def test_a_file_under_another_name_is_found(project, name, renamed):
    path = project / name
    path.rename(path.parent / "x").rename(path.parent / renamed)
    assert problems(project) == [
        (f"{name} is missing", f"rename {renamed!r} to {path.name}, if it is that file")
    ]


@pytest.mark.parametrize("name", [AFFINE, SGD])
def test_a_file_in_another_folder_is_found(project, name):
    path = project / name
    path.rename(project / path.name)
    assert problems(project) == [
        (f"{name} is missing", f"move {path.name!r} to {name}, if it is that file")
    ]


def test_of_several_copies_the_newest_is_suggested(project):
    folder = project / "assignment"
    for age, name in enumerate(["affine (2).py", "affine (1).py"]):
        shutil.copy(project / AFFINE, folder / name)
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    (project / AFFINE).unlink()
    assert "rename 'affine (2).py'" in problems(project)[0][1]


def test_a_copy_that_stays_out_is_called_a_copy(project, outbox, capsys):
    for name, time in (("affine (1).py", 2e9), ("affine (2).py", 1e9)):
        write(project / "assignment" / name, "x = 1")
        os.utime(project / "assignment" / name, (time, time))
    submit("ana", outbox, project)
    out = capsys.readouterr().out
    assert re.search(r"affine \(1\)\.py +a copy that is newer: affine\.py goes in", out)
    assert re.search(r"affine \(2\)\.py +a copy: affine\.py goes in", out)


@pytest.mark.parametrize(
    ("source", "said", "remedy"),
    [
        pytest.param(
            b"def f[T](x: T): ...\n",
            ", line 1:",
            "type parameters needs Python 3.12; the grader may have 3.10",
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="reads it"),
        ),
        (b"x = (1,\n", ", line 1: '(' was never closed: x = (1,", "fix that line"),
        (
            b"def f():\n\tx\n        y\n",
            ", line 3: inconsistent use of tabs",
            "Python 3 forbids",
        ),
        (
            b"if a <> b:\n    x\n",
            ", line 1: invalid syntax",
            "a <> b is Python 2",
        ),
        (b"return 1\n", ", line 1: 'return' outside function", "fix that line"),
        (b"s = '\xe4'\n", "xe4", "the file is not plain text: save it as UTF-8"),
        (b"x = 1\0\n", "null bytes", "the file is not plain text: save it as UTF-8"),
        ("x = 1\n".encode("utf-16"), "null bytes", "the file is not plain text: save"),
    ],
)
def test_a_file_that_python_cannot_read_is_refused(project, source, said, remedy):
    (project / AFFINE).write_bytes(source)
    ((problem, what_to_do),) = problems(project)
    assert AFFINE in problem
    assert said in problem
    assert what_to_do.startswith(remedy)


@pytest.mark.parametrize(
    ("content", "said", "remedy"),
    [
        ("<!DOCTYPE html>\n", "is a web page, not Python", "copy it again from the zip that"),
        (
            "x = 1\n<<<<<<< HEAD\n=======\n>>>>>>> main\n",
            "holds an unfinished merge in git, from line 2 on",
            "keep one of the two versions",
        ),
    ],
)
def test_a_file_that_is_no_python_is_refused(project, content, said, remedy):
    write(project / "assignment" / "affine.py", content)
    ((problem, what_to_do),) = problems(project)
    assert problem == f"affine.py {said}"
    assert what_to_do.startswith(remedy)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("<html>Sign in</html>", "is a web page, not a notebook"),
        ("<<<<<<< HEAD\n{}", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a notebook"),
        ("{}", "is not a notebook"),
        ('{"cells": {}}', "is not a notebook"),
        ('{"worksheets": []}', "is in Jupyter's old format 3"),
        ('{"cells": []}', "has no cells that can be read"),
        ('{"cells": [7]}', "has no cells that can be read"),
    ],
)
def test_a_file_that_is_not_a_notebook_is_refused(project, content, said):
    write(project / SGD, content)
    ((problem, what_to_do),) = problems(project)
    assert problem == f"{SGD} {said}"
    assert what_to_do.startswith("open it in JupyterLab and save it; ")


CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": []}
ODD_CELLS = [
    *(7, None, [], {}, [[]]),
    *({**CELL, "source": source} for source in (None, 7, {}, ["a", 7], [], ["a", "b"], "")),
    *({**CELL, "metadata": metadata} for metadata in (None, 7, [], {"tags": None}, {"tags": 7})),
    *({**CELL, "cell_type": kind} for kind in (None, "other", ["code"], "raw", "markdown")),
    *({**CELL, "id": id} for id in (None, 7, "a b")),
    {"cell_type": "code"},
    {**CELL, "outputs": None},
]


@pytest.mark.parametrize("odd", ODD_CELLS, ids=repr)
def test_submit_and_grader_read_the_same_cells(project, tmp_path, odd):
    content = json.dumps({"cells": [CELL, odd, CELL], "metadata": None}).encode()
    (project / SGD).write_bytes(content)
    package = collect(project)
    assert package.problems == []
    before, remarks = read_cells(content)
    assert read_cells(package.files[SGD])[0] == before
    assert any("damaged" in remark for remark in remarks) == any(
        "has damaged cells (1), which stay out" in remark for remark in package.remarks
    )


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", '{"cells": null}', '{"cells": {}}', '{"worksheets": [{"cells": []}]}'],
)
def test_submit_and_grader_say_the_same_of_what_is_no_notebook(project, content):
    write(project / SGD, content)
    with pytest.raises(Unreadable) as caught:
        read_cells(content.encode())
    assert problems(project)[0][0] == f"{SGD} {caught.value}"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="cannot read it")
def test_syntax_that_the_grader_may_not_read_is_reported(project):
    write(project / AFFINE, "try:\n    x = 1\nexcept* ValueError:\n    pass\n")
    assert collect(project).remarks == [
        f"{AFFINE} needs Python 3.11 for except* in line 3: "
        "the grader may have 3.10, write it in the older way"
    ]


def test_a_file_that_the_grader_would_leave_out_is_refused(project, monkeypatch):
    assert package_module.MAX_SOURCE == submissions.MAX_SOURCE
    assert package_module.MAX_NOTEBOOK == submissions.MAX_NOTEBOOK
    write(project / AFFINE, "#" * (2**20 + 1))
    assert problems(project)[0][0] == f"{AFFINE} is larger than 1 MB"


def test_outputs_do_not_count_for_the_size_of_a_notebook(project):
    notebook = json.loads((project / SGD).read_bytes())
    notebook["cells"][1]["outputs"] = ["x" * package_module.MAX_NOTEBOOK]
    write(project / SGD, json.dumps(notebook))
    assert collect(project).problems == []


@pytest.mark.parametrize("strange", [b"my thesis", b""])
def test_a_file_that_is_not_a_submission_is_never_overwritten(project, outbox, strange):
    target = outbox / "ana.zip"
    if strange:
        target.write_bytes(strange)
    else:
        zipfile.ZipFile(target, "w").close()
    before = target.read_bytes()
    with pytest.raises(SubmitError, match=r"ana\.zip exists already and was not written by"):
        submit("ana", outbox, project)
    assert target.read_bytes() == before
    assert list(outbox.iterdir()) == [target]


def test_a_folder_where_nothing_can_be_written_is_named(project, outbox):
    with pytest.raises(SubmitError) as caught:
        submit("ana", outbox / "nowhere", project)
    target = outbox / "nowhere" / "ana.zip"
    reason = "No such file or directory; run this in another folder"
    assert str(caught.value) == f"cannot write {target}: {reason}"


# The command


@pytest.mark.parametrize(
    "name", ["", ".", "../ana", "a/b", "a\\b", ".ana", "-ana", "_ana", "ana.", "a\nb"]
)
def test_an_invalid_name_is_a_usage_error(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["submit", "--", name])
    assert caught.value.code == 2
    assert "is not a name: use letters, digits, - and _, and begin" in capsys.readouterr().err


def test_a_name_has_a_limit(capsys):
    with pytest.raises(SystemExit):
        main(["submit", "x" * 61])
    assert "is too long: at most 60 characters" in capsys.readouterr().err


def test_the_command_from_another_folder(project, outbox):
    environment = {"PYTHONPATH": str(project), "LOGNAME": "jörg"}
    done = run(outbox, "submit", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "jörg.zip, named after your login; another name: python -m assignm"
    )
    assert read_submission(outbox / "jörg.zip").findings == ()
    (project / AFFINE).unlink()
    done = run(outbox, "submit", "ana.zip", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"ana.zip was not written:\n  {AFFINE} is missing\n    copy it")
    assert [path.name for path in outbox.iterdir()] == ["jörg.zip"]


def test_a_login_without_a_name(project, outbox, monkeypatch):
    def fail():
        raise OSError("No username set in the environment")

    monkeypatch.setattr(getpass, "getuser", fail)
    with pytest.raises(SubmitError, match="cannot tell your login name; give one: python -m"):
        submit(None, outbox, project)


def test_lines_that_wait_for_somebody_who_types_are_reported(project):
    lines = ["import pdb", "x = input()", "def f():", "    breakpoint()", "    pdb.set_trace()"]
    write(project / AFFINE, "\n".join(lines))
    assert collect(project).remarks == [
        f"{AFFINE}, line 2: input() stops the grader: take it out",
        f"{AFFINE}, line 4: breakpoint() stops the grader: take it out",
        f"{AFFINE}, line 5: pdb.set_trace() stops the grader: take it out",
    ]
