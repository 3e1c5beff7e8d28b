"""Cells are found whatever became of their ids; what is not found is told."""

import base64
import json

import pytest

from assignment.support.project.cells import (
    Located,
    describe_located,
    find_definition,
    find_open,
    get_source,
    locate,
    read_outlines,
    write_outlines,
)
from assignment.support.project.unwritten import PLACEHOLDER, drop_placeholder
from autograder.gradebook.pictures import MAX_BYTES, take_pictures
from autograder.gradebook.written_answers import AnswerReader
from autograder.intake.decoding import Cell, read_cells
from autograder.intake.submissions import Submission
from autograder.master_notebooks import make_outlines, read_documents, read_master_notebooks

NAME = "01_minibatch_sgd"
OUTLINES = make_outlines(read_master_notebooks())
OUTLINE = OUTLINES[NAME]
KEYS = {one.id: one.key for one in OUTLINE}
SOLVED = "def measure_noise(w, b, batch_size, rng, repeats=50):\n    return 1, 2"
STUB = (
    "def measure_noise(w, b, batch_size, rng, repeats=50):\n"
    '    full = 1\n    raise NotImplementedError("01/noise-code: not written yet, see")\n'
    "    return noise, full"
)
ANSWER = "Because ln 10."
OTHERWISE = "cells found otherwise than by their id"


@pytest.fixture
def document():
    """Return a notebook as students have it, with an answer and a cell completed."""
    found = json.loads(json.dumps(read_documents()[NAME]))
    found["cells"] = [c for c in found["cells"] if "hidden" not in c["metadata"].get("tags", [])]
    find(found, "noise-code")["source"] = SOLVED
    find(found, "answer-1")["source"] = ANSWER
    return found


def find(document, id):
    return next(cell for cell in document["cells"] if cell.get("id") == id)


def place(document, id):
    return document["cells"].index(find(document, id))


def put(document, id, source, kind="code", below=1):
    """Put a cell of the student's own beside another."""
    cell = {"cell_type": kind, "id": f"own-{len(document['cells'])}", "metadata": {}}
    document["cells"].insert(place(document, id) + below, {**cell, "source": source})


def renew(document):
    for number, cell in enumerate(document["cells"]):
        cell["id"] = f"{number:08x}"


def drop(document):
    for cell in document["cells"]:
        del cell["id"]


def move(document):
    for cell in document["cells"]:
        cell["metadata"]["id"] = cell.pop("id")


def read(document):
    return read_cells(json.dumps(document).encode())[0]


def look(document, id="noise-code"):
    """Return what is found for a cell to complete, and what is said."""
    cells = read(document)
    located = locate(OUTLINE, cells)
    source = get_source(located.found[id], cells, KEYS[id]) if id in located.found else None
    return source, describe_located(NAME, located)


def test_nothing_is_said_of_what_bears_its_id(document):
    assert look(document) == (SOLVED, [])


@pytest.mark.parametrize("change", [renew, drop, move])
@pytest.mark.parametrize("name", OUTLINES)
def test_ids_may_change(change, name):
    document = json.loads(json.dumps(read_documents()[name]))
    cells = [c for c in document["cells"] if "hidden" not in c["metadata"].get("tags", [])]
    document["cells"] = cells
    asked = {one.id for one in OUTLINES[name] if one.role != "given"}
    places = {i: n for n, i in enumerate(cell["id"] for cell in cells) if i in asked}
    change(document)
    located = locate(OUTLINES[name], read(document))
    assert {id: one.places for id, one in located.found.items()} == {
        id: (place,) for id, place in places.items()
    }
    assert (located.missing, located.own) == ((), ())
    assert len(describe_located(name, located)) == 1


@pytest.mark.parametrize(
    "source",
    [
        f"import math\n\n\ndef helper(x):\n    return x\n\n\n{SOLVED}",
        "if True:\n    " + SOLVED.replace("\n", "\n    "),
        "try:\n    import torch\nexcept ImportError:\n    " + SOLVED.replace("\n", "\n    "),
        "def mine(*args):\n    return 1, 2\n\n\nmeasure_noise = mine",
        "measure_noise = lambda *args: (1, 2)",
        "from helpers import mine as measure_noise",
        "class measure_noise:\n    pass",
        f"%%time\n{SOLVED}",
        f"{SOLVED}\nif",
    ],
)
def test_a_cell_without_an_id_is_known_by_what_it_defines(document, source):
    find(document, "noise-code")["source"] = source
    drop(document)
    assert look(document)[0] == source


def test_the_last_definition_beside_it_counts(document):
    find(document, "noise-code")["source"] = "def measure_noise():\n    return 'a first try'"
    put(document, "noise-code", SOLVED)
    source, said = look(document)
    assert source == SOLVED
    assert said == [f"{NAME}: cells found otherwise than by their id, by name: noise-code"]


def test_what_is_tried_out_further_below_does_not_count(document):
    put(document, "summary", "def measure_noise():\n    return 'an experiment'")
    assert look(document) == (SOLVED, [])


@pytest.mark.parametrize("below", [0, 1])
def test_a_stub_may_be_left_beside_the_solved_copy(document, below):
    find(document, "noise-code")["source"] = STUB
    put(document, "noise-code", SOLVED, below=below)
    assert look(document)[0] == SOLVED


@pytest.mark.parametrize("source", [f"{SOLVED}\n\n\n{STUB}", f"{STUB}\n\n\n{SOLVED}"])
def test_a_stub_in_the_cell_of_the_solved_copy_is_left_out(document, source):
    find(document, "noise-code")["source"] = source
    assert look(document)[0].strip() == SOLVED


def test_a_function_that_raises_in_a_branch_is_no_stub():
    branch = "def f(x):\n    if x:\n        raise NotImplementedError\n    return 1"
    assert find_definition(branch, "f") == "solved"
    assert find_definition("def f(\n        x):\n    raise NotImplementedError", "f") == "stub"
    assert (
        find_definition("if 1:\n  def f(x):\n    x = 1\n    raise NotImplementedError\n", "f")
        == "stub"
    )


def test_a_stub_alone_is_found_as_what_it_is(document):
    find(document, "noise-code")["source"] = STUB
    renew(document)
    assert look(document)[0] == STUB


def test_a_function_may_be_split_in_its_middle(document):
    first, second = SOLVED.split("\n")
    find(document, "noise-code")["source"] = f"{first}\n    full = 3"
    put(document, "noise-code", second)
    assert look(document)[0] == f"{first}\n    full = 3\n{second}"


def test_a_cell_may_be_split_above_its_function(document):
    find(document, "noise-code")["source"] = "import math"
    put(document, "noise-code", SOLVED)
    cells = read(document)
    located = locate(OUTLINE, cells)
    assert look(document)[0] == SOLVED
    assert [cells[own].source for own in located.own] == ["import math"]
    assert located.above["noise-code"] == 1


@pytest.mark.parametrize("kept", ["noise-code", "noise", None])
def test_a_cell_may_be_merged_with_the_given_one_below(document, kept):
    below = find(document, "noise")
    merged = f"{SOLVED}\n\n{''.join(below['source'])}"
    below["source"], below["id"] = merged, kept or "7e57"
    del document["cells"][place(document, "noise-code")]
    assert look(document)[0] == merged


def test_two_cells_to_complete_may_be_merged(document):
    both = f"{SOLVED}\n\n\ndef take_step():\n    return 1"
    find(document, "noise-code")["source"] = both
    del document["cells"][place(document, "one-step")]
    assert look(document)[0] == look(document, "one-step")[0] == both


@pytest.mark.parametrize(("kind", "how"), [("markdown", "as text"), ("raw", "as a raw cell")])
@pytest.mark.parametrize("source", [SOLVED, f"```python\n{SOLVED}\n```"])
def test_code_that_became_text_is_found(document, kind, how, source):
    find(document, "noise-code").update(source=source, cell_type=kind)
    source, said = look(document)
    assert source.strip() == SOLVED
    assert how in said[0]


def test_a_cell_that_is_not_there_is_told_first(document):
    for id in ("noise-code", "question-2", "answer-2"):
        del document["cells"][place(document, id)]
    drop(document)
    source, said = look(document)
    assert source is None
    assert said[0] == f"{NAME}: not found, so not handed in: noise-code, answer-2"


def test_given_cells_are_known_after_a_formatter(document):
    for cell in document["cells"]:
        source = "".join(cell["source"])
        if cell["id"] != "noise-code":
            cell["source"] = source.replace('"', "'").replace(", ", ",\n    ").replace("*", "_")
    renew(document)
    located = locate(OUTLINE, read(document))
    assert (located.missing, located.own) == ((), ())


def test_given_cells_differ():
    for outline in OUTLINES.values():
        keys = [one.key for one in outline if one.role == "given"]
        assert len(set(keys)) == len(keys)


def test_lines_may_lack_their_newlines(document):
    find(document, "noise-code")["source"] = SOLVED.split("\n")
    assert look(document) == (SOLVED, [])


def test_swapped_ids_do_not_matter(document):
    one, other = find(document, "noise-code"), find(document, "one-step")
    one["id"], other["id"] = other["id"], one["id"]
    assert look(document)[0] == SOLVED


@pytest.mark.parametrize(
    "source",
    [
        "f " * 10**5,
        "\n" * 10**6,
        "f, " * 10**5 + "= 1",
        "def f" * 10**5,
        "if 1:\n" * 10**5,
        "f:" * 10**5,
    ],
)
def test_strange_text_costs_no_time(source):
    assert find_definition(source, "f") in ("", "solved")


def test_an_outline_is_read_as_it_was_written(tmp_path):
    assert read_outlines(tmp_path) == {}
    path = tmp_path / "assignment" / "support"
    path.mkdir(parents=True)
    (path / "OUTLINE").write_bytes(write_outlines(OUTLINES))
    assert read_outlines(tmp_path) == OUTLINES


# Written answers


def answer(document, tmp_path, student="ana"):
    """Return the answer to the first question, with all about it, and what is told."""
    reader = AnswerReader(tmp_path)
    submission = Submission(student, {}, {NAME: read(document)}, (), "", "5ub")
    answers, said = reader.read(submission)
    found = next(one for one in answers if one.item == f"{NAME}/answer-1")
    return found.text, found, said


@pytest.mark.parametrize("change", [renew, drop, move, lambda document: None])
def test_an_answer_is_all_that_stands_below_its_question(document, tmp_path, change):
    put(document, "answer-1", "x = 1")
    put(document, "answer-1", "and more", "raw")
    put(document, "answer-1", "In two cells.", "markdown")
    change(document)
    text = answer(document, tmp_path)[0]
    assert text == f"{ANSWER}\n\nIn two cells.\n\nand more\n\nx = 1"


def test_an_answer_may_stand_in_the_cell_of_its_question(document, tmp_path):
    question = find(document, "question-1")
    question["source"] = "".join(question["source"]) + f"\n\n{ANSWER}"
    del document["cells"][place(document, "answer-1")]
    assert answer(document, tmp_path)[0] == ANSWER


def test_an_answer_that_is_not_there_is_told(document, tmp_path):
    for id in ("question-1", "answer-1"):
        del document["cells"][place(document, id)]
    text, question, said = answer(document, tmp_path)
    assert (text, question.found) == ("", False)
    assert said == [f"{NAME}.ipynb: not found, so not handed in: answer-1"]


def clear(document, id="answer-1"):
    """Leave an answer empty."""
    find(document, id)["source"] = PLACEHOLDER


@pytest.mark.parametrize(("beside", "below"), [("question-1", 0), ("backward-text", 1)])
def test_an_answer_may_stand_beside_its_place(document, tmp_path, beside, below):
    clear(document)
    put(document, beside, ANSWER, "markdown", below)
    text, _, said = answer(document, tmp_path)
    assert text == ANSWER
    assert f"{NAME}.ipynb: {OTHERWISE}, outside their place: answer-1" in said


def test_an_answer_may_be_merged_with_the_given_text_below(document, tmp_path):
    below = find(document, "backward-text")
    below["source"] = f"{ANSWER}\n\n{''.join(below['source'])}"
    del document["cells"][place(document, "answer-1")]
    text, question, said = answer(document, tmp_path)
    assert (text, question.found) == (ANSWER, True)
    assert f"{NAME}.ipynb: {OTHERWISE}, in given text that was changed: answer-1" in said


def test_an_answer_is_found_where_its_empty_cell_was_dragged_away(document, tmp_path):
    clear(document)
    document["cells"].append(document["cells"].pop(place(document, "answer-1")))
    put(document, "question-1", ANSWER, "markdown")
    assert answer(document, tmp_path)[0] == ANSWER


@pytest.mark.parametrize("copied", ["question-1", "answer-2", "noise-text"])
def test_an_answer_may_stand_in_a_copy_of_another_cell(document, tmp_path, copied):
    """Some programs give a copy the id of the original."""
    clear(document)
    put(document, "answer-1", ANSWER, "markdown")
    document["cells"][place(document, "answer-1") + 1]["id"] = copied
    assert answer(document, tmp_path)[0].strip() == ANSWER


@pytest.mark.parametrize("change", [renew, drop])
def test_an_answer_is_found_below_a_question_that_was_translated(document, tmp_path, change):
    find(document, "question-1")["source"] = "Frage 1"
    change(document)
    assert answer(document, tmp_path)[0] == f"Frage 1\n\n{ANSWER}"


def test_text_that_is_at_no_question_is_told_where_an_answer_is_empty(document, tmp_path):
    put(document, "exercises", ANSWER, "markdown")
    clear(document, "answer-2")
    told = f"{NAME}.ipynb: text that belongs to no question, while an answer is empty: cell "
    assert told + str(len(document["cells"])) in answer(document, tmp_path)[2]
    find(document, "answer-2")["source"] = ANSWER
    assert answer(document, tmp_path)[2] == []


@pytest.mark.parametrize("mark", ["_", "**", ""])
def test_an_empty_answer_is_known_after_a_formatter(document, tmp_path, mark):
    text = PLACEHOLDER.strip("*").replace("write ", "write\n")
    find(document, "answer-1")["source"] = f"{mark}{text}{mark}"
    assert answer(document, tmp_path)[0] == ""
    cells = read(document)
    assert "answer-1" in find_open(OUTLINE, locate(OUTLINE, cells), cells)


def test_an_answer_of_nothing_but_marks_is_read_at_once():
    marks = "*" * 3_000_000  # hours, if the time were quadratic
    assert drop_placeholder(marks) == marks


@pytest.mark.parametrize("shown", ["![it](<graph.png>)", "<img width=3 src='graph.png'>"])
def test_a_picture_of_which_only_the_name_is_there_is_told(document, tmp_path, shown):
    find(document, "answer-1")["source"] = f"{shown} ![](https://a.b/c.png) ![](attachment:d)"
    told = f"{NAME}.ipynb: answer-1 shows a picture that is not in the notebook (graph.png)"
    assert [line for line in answer(document, tmp_path)[2] if line.startswith(told)]


def test_a_long_answer_is_cut_and_told(tmp_path):
    """Also where it is made of several cells that are short enough."""
    reader = AnswerReader(tmp_path)
    name, id = reader.questions[0].notebook, reader.questions[0].cell_id
    (place,) = [i for i, one in enumerate(reader.outlines[name]) if one.id == id]
    given = [
        Cell(cell.id, cell.kind, cell.source)
        for cell in read_master_notebooks()[name]
        if "hidden" not in cell.tags
    ]
    parts = [Cell(id, "markdown", "x" * 15_000), Cell("", "markdown", "![" * 7_500)]
    cells = (*given[:place], *parts, *given[place + 1 :])
    answers, findings = reader.read(Submission("ana", {}, {name: cells}, (), "", "5ub"))
    said = f"{name}.ipynb: the answer {id} has 30,002 characters; only the first 21,000 were read"
    assert said in findings
    answer = answers[0].text
    assert answer.endswith("\n[cut here by the grader, of 30,002 characters]")
    assert len(answer) < 21_100


def test_a_picture_that_code_has_drawn_is_part_of_an_answer(document, tmp_path):
    put(document, "answer-1", "plt.plot(losses)")
    data = {"image/png": [base64.b64encode(b"\x89PNG").decode()], "text/plain": "<Figure>"}
    document["cells"][place(document, "answer-1") + 1]["outputs"] = [{"data": data}, 7, {}]
    _, question, _ = answer(document, tmp_path)
    (name,) = question.pictures
    assert (tmp_path / name).read_bytes() == b"\x89PNG"


@pytest.mark.parametrize("written", ["图 (1).png", "%E5%9B%BE%20%281%29.png", "图%20(1).png"])
def test_an_attached_picture_is_known_by_its_name_as_an_address(written):
    pictures = (("图 (1).png", "image/png", "AAAA"),)
    cell = Cell("", "markdown", f"![](attachment:{written}) end", pictures=pictures)
    assert take_pictures([cell], "it") == ("![]([picture: it-1.png]) end", {"it-1.png": b"\0\0\0"})


def test_pictures_become_files_beside_the_sheets(document, tmp_path):
    png, gif = b"\x89PNG", b"GIF89a"
    encoded = base64.b64encode(gif).decode()
    cell = find(document, "answer-1")
    cell["source"] = (
        "See ![it](attachment:my%20plot.png) and "
        f"<img src='data:image/gif;charset=utf-8;base64,{encoded}'>."
    )
    cell["attachments"] = {"my plot.png": {"image/png": base64.b64encode(png).decode()}}
    text, question, _ = answer(document, tmp_path, "../Ana")
    names = question.pictures
    assert sorted((tmp_path / name).read_bytes() for name in names) == sorted([png, gif])
    assert all(name in text and "/" not in name and ".." not in name for name in names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_pictures_have_limits():
    large = "A" * (MAX_BYTES * 2)
    kinds = [("a", "image/png", large), ("b", "text/html", "AAAA"), ("c", "image/svg+xml", "AAAA")]
    many = [(f"{n}", "image/png", "AAAA") for n in range(20)]
    cell = Cell("", "markdown", "![](attachment:gone.png)", pictures=(*kinds, *many))
    text, files = take_pictures([cell], "stem")
    assert len(files) == 12
    assert {name.partition(".")[2] for name in files} == {"png", "svg.txt"}
    assert "5 MB" in text
    assert "text/html is no picture" in text
    assert "gone.png is not att" in text


def test_marks_of_pictures_are_not_searched_for_pictures():
    """Each of these is left out with the name of the next, three times."""
    pictures = tuple((name, 3 * f"attachment:{chr(ord(name) + 1)}", "") for name in "abcdef")
    text, _ = take_pictures([Cell("", "markdown", "attachment:a", pictures=pictures)], "stem")
    assert text.count("is no picture") == len(pictures)


def test_nothing_is_located_in_nothing():
    located = locate(OUTLINE, ())
    assert isinstance(located, Located)
    assert set(located.missing) == {one.id for one in OUTLINE if one.role != "given"}
