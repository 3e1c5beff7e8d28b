"""What workers get of the teacher's functions: answers of calls, and values of given cells."""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.notebooks.skeletons import read_given, read_skeletons
from autograder.notebooks.wall_kernel import Budget, WallKernel
from autograder.protocol.wire import decode, pack, unpack
from autograder.settings import Limits
from autograder.teacher import given
from autograder.teacher.given import GivenCells
from autograder.teacher.process import Functions, Teacher
from autograder.wall.handle import TimedOut

CELLS = {
    "setup": (
        "import numpy as np\nfrom assignment.affine import affine_forward\nx = np.ones((1, 2))"
    ),
    "answer": "def double(x):\n    return 2 * x\nsecret = 7",
    "values": (
        "out, cache = affine_forward(double(x), np.ones((2, 1)), np.ones(1))\n"
        "class Model:\n    pass\n"
        "for i in range(3):\n    model, last = Model(), i\n"
        "print('nobody reads this')\n"
        "rng = np.random.default_rng(0)\n"
        "drawn = rng.standard_normal(3)\n"
    ),
}
GIVEN = GivenCells({"lesson": CELLS}, {"lesson": frozenset({"answer"})})


def ask(*place, cells=GIVEN):
    """Return what a worker gets for a statement: the values by name, or the error."""
    request = pack({"number": 0, "do": "given", "place": list(place)}, [])
    tree, buffers = unpack(Functions(cells).reply(request))
    return tree.get("error") or decode(tree["value"], buffers, None)


def test_a_given_statement_leaves_the_values_of_the_solved_notebook():
    values = ask("lesson", "values", 0)
    assert values.keys() == {"out", "cache"}
    np.testing.assert_array_equal(values["out"], [[5.0]])
    assert ask("lesson", "values", 5)["drawn"].shape == (3,)


def test_a_generator_arrives_as_the_statement_leaves_it():
    rng = np.random.default_rng(0)
    rng.standard_normal(3)
    assert ask("lesson", "values", 5)["rng"].random() == rng.random()


def test_what_is_not_plain_data_stays_where_it_is():
    assert ask("lesson", "values", 2) == {"i": 2, "last": 2}
    assert ask("lesson", "values", 1) == {}


def test_values_that_are_too_large_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(given, "MAX_VALUES_BYTES", 9)
    assert ask("lesson", "values", 0).keys() == {"out"}


@pytest.mark.parametrize(
    "place",
    [
        ("lesson", "answer", 0),
        ("lesson", "answer", 1),
        ("lesson", "nowhere", 0),
        ("lesson", ["values"], 0),
        ("lesson", "values", "0"),
        ("lesson", "values", 99),
        ("another", "values", 0),
    ],
)
def test_nothing_is_told_of_cells_to_complete_and_of_other_places(place):
    assert "types" in ask(*place)


def test_without_given_cells_there_is_an_error():
    assert "no given cells" in ask("lesson", "values", 0, cells=None)["text"]


@pytest.mark.parametrize("skeleton", read_skeletons(), ids=lambda one: one.name)
def test_no_cell_to_complete_can_be_asked_for(skeleton):
    cells = read_given([skeleton], seed=3)
    for hole in skeleton.holes:
        assert "students complete this cell" in ask(skeleton.name, hole.id, 0, cells=cells)["text"]


class Recorder:
    """A worker that answers each request after some seconds, and notes the limits it was given."""

    def __init__(self, seconds):
        self.seconds, self.used, self.begun = seconds, 0.0, []

    def begin(self, at_most_s):
        """Note the limit."""
        self.begun.append(at_most_s)

    def ask(self, message):
        """Answer, and count the seconds."""
        tree, _ = unpack(message)
        self.used += self.seconds
        return pack({"number": tree["number"], "stdout": "", "error": None, "left": 0}, [])


def test_after_its_time_a_submission_has_little_for_each_further_cell():
    worker, limits = Recorder(seconds=7), Limits(cells_seconds=20, short_seconds=2)
    wall = SimpleNamespace(limits=limits, start_worker=lambda files: worker)
    kernel = WallKernel(wall, "lesson", {}, Teacher(), Budget(limits.cells_seconds))
    for cell in ("first", "second", "third"):
        kernel.enter(cell)
        kernel.execute_cell_input("x = 1")
        kernel.execute_cell_input("print(x)")
    assert worker.begun == [None, None, None, 2, 2, 2]


def test_a_cell_that_is_late_is_tried_again_with_nobody_beside():
    waits = []

    class Late(Recorder):
        def ask(self, message):
            """Be late until no other submission runs."""
            if not waits:
                raise TimedOut("no answer")
            return super().ask(message)

        def kill(self):
            """End."""

    @contextmanager
    def alone():
        waits.append("begun")
        yield
        waits.append("ended")

    wall = SimpleNamespace(limits=Limits(), start_worker=lambda files: Late(0), alone=alone)
    kernel = WallKernel(wall, "lesson", {}, Teacher(), Budget(9))
    kernel.enter("first")
    with pytest.raises(TimedOut):
        kernel.execute_cell_input("x = 1")
    assert kernel.is_late
    with kernel.alone():
        kernel.enter("first")
        kernel.execute_cell_input("x = 1")
        assert not kernel.is_late
    assert waits == ["begun", "ended"]
    assert kernel.worker is None
