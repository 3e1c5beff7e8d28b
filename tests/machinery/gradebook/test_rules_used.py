"""The rules and points of the results that were written last stay known."""

from __future__ import annotations

from dataclasses import replace

from autograder.gradebook.rules_used import keep_rules, recall_rules
from autograder.gradebook.store import Gradebook
from autograder.points.catalogue import FUNCTIONS, Catalogue, Item
from autograder.results import rescore
from autograder.rules.course import EMPTY, parse_course

RULES = """
due = 2026-03-02T10:00:00+01:00
time_zone = "Europe/Zurich"
[late]
percent_per_day = 10
[extensions]
"ana@uni.edu" = "36 h"
"""
CATALOGUE = Catalogue(
    {("affine.forward", "test_it", True): 0.25},
    (Item("affine.forward", FUNCTIONS, "01_sgd", 0.25),),
)


def test_rules_are_recalled_as_they_were_kept(tmp_path):
    course = replace(parse_course(RULES), hints="none", follow_through=0.5)
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        assert recall_rules(book) is None
        keep_rules(book, EMPTY, CATALOGUE)
        assert recall_rules(book) == (EMPTY, CATALOGUE)
        keep_rules(book, course, CATALOGUE)
    with Gradebook(tmp_path / "gradebook.sqlite", to_read=True) as book:
        assert recall_rules(book) == (course, CATALOGUE)


def test_results_keep_the_rules_they_were_written_by(tmp_path):
    path, gradebook = tmp_path / "course.toml", tmp_path / "gradebook.sqlite"
    path.write_text(RULES)
    with Gradebook(gradebook):
        pass
    rescore(tmp_path, path)
    path.write_text(RULES.replace("10\n", "50\n"))
    with Gradebook(gradebook, to_read=True) as book:
        kept = recall_rules(book)
        assert kept is not None
        assert kept[0] == parse_course(RULES)
        assert kept[1].tests
