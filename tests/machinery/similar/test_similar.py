"""Pairs whose work is alike are found; honest and hostile ones do no harm."""

import argparse
import random
from importlib.util import find_spec

import pytest

from autograder.commands import similar as command
from autograder.similar.page import write_page
from autograder.similar.pairs import LEAST, Found, Pair, SimilarError, Snippet, find_similar
from tools.bench.similar_class import make_class, make_honest, write_class

needs_library = pytest.mark.skipif(
    find_spec("copydetect") is None,
    reason="copydetect is an extra",
)
HOSTILE = {
    "affine.py": b"def f(:\n" + b"(" * 20_000 + b"\n",
    "losses.py": b"x = '" + b"a" * 5_000_000,
    "sgd.py": b'"""' * 60_001 + b"\n\xff\xfe\x00",
    "network.py": b"x=" + b"-" * 90_000 + b"1\n" + b"\\\n" * 50_000,
}


@pytest.fixture(scope="module")
def planted():
    return make_class(20, verbatim=1, renamed=1, seed=3)


def list_pairs(found):
    return {frozenset((pair.student, pair.other)) for pair in found.pairs}


@needs_library
def test_planted_copies_are_found_and_shown(planted):
    works, pairs = planted
    read = []
    found = find_similar(works.items(), read.append)
    assert list_pairs(found) == pairs
    assert read == list(works)
    for pair in found.pairs:
        assert LEAST <= pair.score <= 1
        assert pair.functions
        for one in (one for both in pair.functions for one in both):
            assert one.alike <= set(range(one.first_line, one.first_line + len(one.lines)))
        left, right = pair.functions[0]
        text = works[pair.student][left.file].decode().split("\n")
        assert list(left.lines) == text[left.first_line - 1 :][: len(left.lines)]
        assert left.file == right.file
        assert left.name == right.name != ""
        assert left.alike
        assert right.alike


@needs_library
def test_an_honest_class_has_no_pairs():
    works, _ = make_class(20, 0, 0, seed=4)
    assert find_similar(works.items()).pairs == ()


@needs_library
def test_who_has_handed_in_together_is_no_pair(planted):
    works, pairs = planted
    assert find_similar(works.items(), together=pairs).pairs == ()


@needs_library
def test_a_hostile_student_costs_nobody_the_page(planted, tmp_path):
    works, pairs = planted
    found = find_similar({**works, "mallory": HOSTILE}.items())
    assert list_pairs(found) == pairs
    assert {who for who, _ in found.findings} == {"mallory"}
    write_page(found, tmp_path / "page.html", LEAST)


def test_texts_of_students_are_escaped(tmp_path):
    evil = "<script>alert(1)</script>\u202e"
    one = Snippet(evil, evil, 7, (evil, "\x1b[31m {{ 7 * 6 }}"), frozenset({7}))
    pair = Pair(evil, "<b>bob", 0.5, ((one, one),), (evil,))
    write_page(Found((pair,), ((evil, evil),), 2, 0), tmp_path / "page.html", LEAST)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "{{ 7 * 6 }}" in page
    assert "accuses nobody" in page
    assert "<mark>&lt;script" in page


def run(*arguments):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    options = parser.parse_args(["similar", *map(str, arguments)])
    return options.run(options)


@needs_library
def test_the_command_writes_a_page_and_json(planted, tmp_path, capsys):
    works, pairs = planted
    write_class(works, tmp_path / "class")
    assert run(tmp_path / "class", "--out", tmp_path / "page.html") == 0
    assert "2 pairs among 20 students: look at these" in capsys.readouterr().out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for student in set().union(*pairs):
        assert student in page


def test_another_file_is_not_replaced(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SimilarError, match="name another file"):
        run(tmp_path, "--out", tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("share", ["2", "x", "nan"])
def test_a_share_is_a_number_from_0_to_1(share, tmp_path):
    with pytest.raises(SystemExit) as error:
        run(tmp_path, "--least", share)
    assert error.value.code == 2


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SimilarError, match=r"pip install -r requirements-teacher\.txt"):
        find_similar([("ana", make_honest(random.Random(1)))])
