"""Attempts are told from files of one attempt, and the rule says which one counts."""

import pytest

from autograder.roster.attempts import split_attempts
from autograder.roster.file_names import read_owner, read_unowned


def split(*names):
    return split_attempts(names, lambda name: read_owner([name]) or read_unowned(name))


CANVAS = "doejane_1_{}_{}".format
BLACKBOARD = "HW 1_jd_attempt_2024-03-0{}-12-30-05_{}".format
BRIGHTSPACE = "12-34 - Jane Doe - Oct {}, 2024 1159 PM - {}".format


@pytest.mark.parametrize(
    ("names", "attempts"),
    [
        # Canvas counts the names that a student uploads again: hw.zip, hw-1.zip.
        ([CANVAS(9, "hw-1.zip"), CANVAS(8, "hw.zip")], [[1], [0]]),
        ([CANVAS(8, "affine.py"), CANVAS(9, "losses-3.py")], [[0, 1]]),
        (
            [CANVAS(8, "affine-1.py"), CANVAS(9, "affine-2.py"), CANVAS(10, "losses.py")],
            [[0, 2], [1]],
        ),
        ([BLACKBOARD(2, "b.zip"), BLACKBOARD(1, "a.zip")], [[1], [0]]),
        ([BLACKBOARD(1, "a.py"), BLACKBOARD(1, "b.py")], [[0, 1]]),
        (
            [BRIGHTSPACE(9, "hw.zip"), BRIGHTSPACE(10, "hw.zip"), BRIGHTSPACE(9, "b.zip")],
            [[0, 2], [1]],
        ),
        (["hw (2).zip", "hw.zip", "hw (1).zip"], [[1], [2], [0]]),
        (["hw.zip"], [[0]]),
        ([], []),
    ],
)
def test_attempts_are_told_apart(names, attempts):
    assert split(*names) == [[names[i] for i in attempt] for attempt in attempts]
