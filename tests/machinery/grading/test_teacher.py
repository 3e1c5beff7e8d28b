"""What workers get of the teacher's functions: answers of calls, and values of given cells."""

from contextlib import contextmanager
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from autograder.notebooks.skeletons import read_given, read_skeletons
from autograder.notebooks.wall_kernel import Budget, WallKernel
from autograder.protocol.wire import decode, pack, unpack
from autograder.settings import Limits
from autograder.teacher import calls, given
from autograder.teacher.calls import TeachersFunctions
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
NOTEBOOK = {"cells": [(cell, "") for cell in ("given", "first", "second", "third")]}
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
        self.seconds, self.used, self.begun, self.charged = seconds, 0.0, [], 0.0

    def begin(self, at_most_s):
        """Note the limit."""
        self.begun.append(at_most_s)

    def charge(self, seconds):
        """Count seconds that the trusted side needs for it."""
        self.charged += seconds

    def ask(self, message):
        """Answer, and count the seconds."""
        tree, _ = unpack(message)
        self.used += self.seconds
        return pack({"number": tree["number"], "stdout": "", "error": None, "left": 0}, [])


def test_after_its_time_a_submission_has_little_for_each_further_cell():
    worker, limits = Recorder(seconds=7), Limits(cells_seconds=20, short_seconds=2)
    wall = SimpleNamespace(limits=limits, start_worker=lambda files: worker)
    kernel = WallKernel(wall, "lesson", NOTEBOOK, Teacher(), Budget(limits.cells_seconds))
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
    kernel = WallKernel(wall, "lesson", NOTEBOOK, Teacher(), Budget(9))
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


class Computing:
    """A teacher that takes three seconds for everything that it was not asked before."""

    def __init__(self):
        self.used, self.asked = 0.0, {}

    def answer(self, call, seconds):
        """Answer in no less than the seconds that are left."""
        if call not in self.asked:
            self.asked[call] = seconds
            self.used += 3
        return pack({"number": 0, "value": None}, [])


class Curious(Recorder):
    """A worker that asks for values of given cells before it answers the last request."""

    def __init__(self, *asked):
        super().__init__(0)
        self.asked, self.waiting, self.got = asked, [], []

    def ask(self, message):
        """Ask for the next values; after the last ones, answer."""
        tree, _ = unpack(message)
        if "source" in tree:
            self.request, self.waiting = message, [*self.asked]
        else:
            self.got.append("value" in tree)
        if not self.waiting:
            return super().ask(self.request)
        return pack({"do": "given", **self.waiting.pop(0)}, [])


def let_ask(*asked, budget=100):
    """Return a worker that has asked for values in the second cell, and its teacher."""
    worker, teacher = Curious(*asked), Computing()
    wall = SimpleNamespace(limits=Limits(short_seconds=2), start_worker=lambda files: worker)
    kernel = WallKernel(wall, "lesson", NOTEBOOK, teacher, Budget(budget))
    kernel.enter("second")
    kernel.execute_cell_input("x = 1")
    return worker, teacher


def test_values_are_told_only_of_cells_above():
    places = [("given", 0), ("first", 0), ("second", 0), ("third", 0), (["given"], 0)]
    worker, _ = let_ask(*({"number": 0, "cell": cell, "index": i} for cell, i in places))
    assert worker.got == [True, True, False, False, False]


def test_nobody_lets_the_same_values_be_computed_twice():
    places = [("given", 0), ("given", True), ("given", -1), ("given", 0.0)]
    asked = [{"number": n, "cell": cell, "index": i} for n in (0, 1, [7]) for cell, i in places]
    worker, teacher = let_ask(*asked)
    assert len(worker.got) == 12
    assert len(teacher.asked) == 1


@pytest.mark.parametrize(("budget", "seconds"), [(100, [60, 57, 54]), (5, [5, 2]), (-1, [2])])
def test_the_time_for_values_of_given_cells_ends(budget, seconds):
    asked = [{"number": 0, "cell": "given", "index": i} for i in range(len(seconds))]
    _, teacher = let_ask(*asked, budget=budget)
    assert list(teacher.asked.values()) == seconds


def test_figures_of_given_cells_are_closed():
    cells = {"draw": "import matplotlib.pyplot as plt\nax = plt.figure().gca()\nn = ax.get_xlim()"}
    ask("lesson", "draw", 2, cells=GivenCells({"lesson": cells}, {"lesson": frozenset()}))
    assert not plt.get_fignums()


def test_of_the_lines_that_raise_only_numbers_are_kept():
    """A worker that forges its replies could fill the memory of the judge."""

    class Raising(Recorder):
        def ask(self, message):
            """Say that a statement has raised, in a line that is no number."""
            number = unpack(message)[0]["number"]
            reply = {"number": number, "stdout": "", "left": 4 - number, "line": [[]] * 9}
            return pack({**reply, "error": {"types": ["E"]}}, [])

    wall = SimpleNamespace(limits=Limits(), start_worker=lambda files: Raising(0))
    kernel = WallKernel(wall, "lesson", NOTEBOOK, Teacher(), Budget(9))
    kernel.enter("first")
    kernel.execute_cell_input("x = 1")
    assert kernel.raised == [(None, "E")] * 3


def test_a_worker_pays_for_reading_its_messages(monkeypatch):
    """Otherwise long replies cost the grader time, and the cell nothing."""
    read = iter(range(100))
    monkeypatch.setattr(calls, "time", SimpleNamespace(process_time=lambda: 3 * next(read)))
    worker = Recorder(seconds=0)
    request = pack({"number": 0, "do": "judge"}, [])
    reply = TeachersFunctions((), Teacher()).converse(worker, worker.ask, request)
    assert unpack(reply)[0]["number"] == 0
    assert worker.charged == 3
