"""Follow-through marks: functions right given right ones elsewhere, and attempts to abuse this."""

from __future__ import annotations

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.ahead.sender import Sender
from autograder.follow_through.second_tries import StandIn, find_replaced, plan_rounds
from autograder.gradebook.store import Gradebook
from autograder.outcomes import Outcome
from autograder.protocol.wire import encode, pack, unpack
from autograder.settings import Limits
from autograder.teacher.process import Functions, Teacher
from autograder.wall.clock import Clock
from autograder.wall.handle import Crashed, TimedOut, WorkerHandle
from tests.machinery.grading.test_grading import copy_project, grade
from tools.sample_class import replace_once

SECONDS = 2
GRADE = f"""
import sys
from pathlib import Path
from autograder.grading import grade_class
from autograder.settings import Limits, Settings
folder, out = map(Path, sys.argv[1:])
limits = Limits(seconds={SECONDS})
grade_class(folder, out, Settings(5, limits=limits))
"""

WRONG_ALT = ("normalization.py", "(dout - dbeta / N - s *", "(dout + dbeta / N - s *")
WRONG_BACKWARD = ("normalization.py", "dmean = -np.sum(ds", "dmean = np.sum(ds")
ALT_CALLS_BACKWARD = (
    "normalization.py",
    "N = len(dout)\n    dgamma =",
    "return batchnorm_backward(dout, cache)\n    dgamma =",
)
WRONG_FORWARD = ("normalization.py", "return gamma * istd * s + beta", "return gamma * istd * s")
WRONG_SPATIAL = (
    "normalization.py",
    "transpose(0, 3, 1, 2), dgamma",
    "transpose(0, 3, 2, 1), dgamma",
)
OPEN_SPATIAL = (
    "normalization.py",
    "    N, C, H, W = x.shape\n",
    '    raise NotImplementedError("spatial_batchnorm.forward: not written yet")\n',
)
OPEN_ALT = (
    "normalization.py",
    "    N = len(dout)\n    dgamma =",
    '    raise NotImplementedError("batchnorm.backward_alt: not written yet")\n    dgamma =',
)
OWN_CACHE = ("affine.py", "return out, (x, w)", 'return out, {"mine": (x, w)}')
WRONG_AFFINE = ("affine.py", "x, w = cache\n", 'x, w = cache["mine"]\n    dout = 2 * dout\n')
WRONG_SAMPLE = ("sgd.py", "return x[chosen], y[chosen]", "return x[chosen], y[:batch_size]")
NO_VELOCITY = ("sgd.py", '{**config, "velocity": velocity}', "config")
WRONG_UPDATE = ("sgd.py", "w + -learning_rate * dw, config", "w + learning_rate * dw, config")
WRONG_PCA = ("preprocessing.py", "return (x - mean) @ components", "return x @ components")
ENDLESS_PCA = ("preprocessing.py", "centered = x_train - mean", "while True:\n        pass")
HUGE_PCA = ("preprocessing.py", "centered = x_train - mean", "np.ones((10**5, 10**5))")
OWN_WHITEN = (
    "preprocessing.py",
    "return apply_pca(x, mean, components) /",
    "return (x - mean) @ components /",
)
WRONG_DRAW = ("hyperparameters.py", "return rng.uniform(low", "return 2 * rng.uniform(low")

FORGE = """import os, stat, json, struct
fd = next(fd for fd in range(3, 99) if stat.S_ISSOCK(os.fstat(fd).st_mode))
on = {"name": ["assignment.normalization", "batchnorm_backward_alt"]}
header = json.dumps([{"number": 0, "do": "call", "on": on, "arguments": None}, []]).encode()
os.write(fd, struct.pack("<QQ", len(header), 0) + header)
"""
ASK_FOR_ITSELF = """on = {"name": ["assignment.normalization", "spatial_batchnorm_backward"]}
return batchnorm_backward_alt.asker.call(on, (dout, cache), {})
"""
ASK_FOR_YEARS = "fit_pca(np.ones((2, 6000)))"
ASK_NOTHING = """s, istd, gamma = cache
d, N = dout.transpose(0, 2, 3, 1).reshape(-1, dout.shape[1]), dout[:, 0].size
dgamma, dbeta = istd * (d * s).sum(0), d.sum(0)
dx = gamma * istd * (d - dbeta / N - s * (istd * dgamma / N))
return np.moveaxis(dx.reshape(np.moveaxis(dout, 1, -1).shape), -1, 1), dgamma, dbeta
"""
ASK_NONSENSE = """try: batchnorm_backward_alt(3, {"no": "cache"})
except TypeError: pass
"""


def insert(file, before, code, name=""):
    """Return an edit that puts code before a line; the code runs if ``name`` is a stand-in."""
    lines = [f"if hasattr({name}, 'asker'):" if name else "if True:"]
    lines += [f"    {line}" for line in code.splitlines()]
    return file, before, "".join(f"    {line}\n" for line in lines) + before


def abuse(code):
    """Return edits: one function is wrong, and another runs code that abuses its stand-in."""
    line = "    N, C, H, W = dout.shape\n"
    return [WRONG_ALT, insert("normalization.py", line, code, "batchnorm_backward_alt")]


CLASS = {
    "a-neighbour": [],
    "alt-calls": [WRONG_BACKWARD, ALT_CALLS_BACKWARD],
    "cache": [OWN_CACHE, WRONG_AFFINE],
    "draws": [WRONG_PCA, WRONG_DRAW],
    "endless": [ENDLESS_PCA],
    "endless-below": [ENDLESS_PCA, OWN_WHITEN],
    "huge": [HUGE_PCA],
    "loop": [WRONG_SAMPLE, WRONG_UPDATE],
    "no-velocity": [NO_VELOCITY],
    "open": [WRONG_FORWARD, OPEN_SPATIAL],
    "open-below": [OPEN_ALT],
    "spatial": [WRONG_ALT],
    "spatial-wrong": [WRONG_ALT, WRONG_SPATIAL],
    "x-asks-for-itself": abuse(ASK_FOR_ITSELF),
    "x-asks-nonsense": abuse(ASK_NONSENSE),
    "x-asks-nothing": abuse(ASK_NOTHING),
    "x-asks-unasked": [insert("hyperparameters.py", "    return [dict(zip", FORGE)],
    "x-asks-without-end": abuse("while True: batchnorm_backward_alt(dout[0, 0], cache)"),
    "x-asks-and-exits": abuse(f"{FORGE}os._exit(0)"),
    "x-asks-for-years": [
        WRONG_PCA,
        insert(
            "preprocessing.py", "    return apply_pca(", "fit_pca(np.ones((2, 6000)))", "fit_pca"
        ),
    ],
    "z-neighbour": [],
}


def hand_in(folder, student, edits):
    """Write the solved files with some edits."""
    folder = folder / student / "assignment"
    folder.mkdir(parents=True)
    for file in {part.file for part in load_parts()}:
        shutil.copy(ROOT / "assignment" / file, folder)
    for file, old, new in edits:
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(replace_once(file, text, old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Grade the class once, and return its results."""
    folder = tmp_path_factory.mktemp("follow")
    for student, edits in CLASS.items():
        hand_in(folder / "class", student, edits)
    command = [sys.executable, "-c", GRADE, str(folder / "class"), str(folder / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def grades(out):
    with Gradebook(out / "gradebook.sqlite") as book:
        return {grade.student: grade for grade in book.grades()}


def find_given(grade):
    """Return for each part with follow-through marks the functions that were replaced."""
    return {(v.part, v.given) for v in grade.verdicts if v.given}


def find_lost(grade):
    """Return the parts that have lost points."""
    return {v.part for v in grade.verdicts if v.points < v.possible}


ALT = "right, given a right batchnorm_backward_alt"
PCA = ("fit_pca", "apply_pca")
ALT_GIVEN = ("batchnorm_backward_alt",)
GIVEN = {
    "alt-calls": {("spatial_batchnorm.backward", ALT_GIVEN), ("network.loss", ALT_GIVEN)},
    "cache": {("network.loss", ("affine_backward",))},
    "draws": {
        ("preprocessing.whiten", ("apply_pca",)),
        ("hyperparameters.search", ("draw_uniform", "draw_log_uniform")),
    },
    "endless": {("preprocessing.whiten", ("apply_pca",)), ("preprocessing.whiten", PCA)},
    "endless-below": {("preprocessing.whiten", ("fit_pca",))},  # a test calls it
    "huge": {("preprocessing.whiten", PCA)},
    "open": {("network.loss", ("batchnorm_forward",))},
    "open-below": {("spatial_batchnorm.backward", ALT_GIVEN), ("network.loss", ALT_GIVEN)},
    "spatial": {("spatial_batchnorm.backward", ALT_GIVEN), ("network.loss", ALT_GIVEN)},
    "spatial-wrong": {("network.loss", ALT_GIVEN)},
    "x-asks-for-itself": {("network.loss", ALT_GIVEN)},
    "x-asks-nonsense": {("spatial_batchnorm.backward", ALT_GIVEN), ("network.loss", ALT_GIVEN)},
    "x-asks-nothing": {("network.loss", ALT_GIVEN)},
    "x-asks-unasked": set(),
    "x-asks-without-end": {("network.loss", ALT_GIVEN)},
    "x-asks-and-exits": {("network.loss", ALT_GIVEN)},
    "x-asks-for-years": set(),
}
LOST = {
    "alt-calls": {"batchnorm.backward", "batchnorm.backward_alt"},
    "cache": {"affine.backward"},
    "draws": {"preprocessing.pca", "hyperparameters.draws"},
    "endless": {"preprocessing.pca"},
    "endless-below": {"preprocessing.pca"},
    "huge": {"preprocessing.pca"},
    "loop": {"sgd.sample", "sgd.update"},
    "open": {"batchnorm.forward", "spatial_batchnorm.forward", "spatial_batchnorm.backward"},
    "open-below": {"batchnorm.backward_alt"},
    "spatial": {"batchnorm.backward_alt"},
    "spatial-wrong": {"batchnorm.backward_alt", "spatial_batchnorm.backward"},
    "x-asks-for-itself": {"batchnorm.backward_alt", "spatial_batchnorm.backward"},
    "x-asks-nonsense": {"batchnorm.backward_alt"},
    "x-asks-nothing": {"batchnorm.backward_alt", "spatial_batchnorm.backward"},
    "x-asks-unasked": {"hyperparameters.grid"},
    "x-asks-without-end": {"batchnorm.backward_alt", "spatial_batchnorm.backward"},
    "x-asks-and-exits": {"batchnorm.backward_alt", "spatial_batchnorm.backward"},
    "x-asks-for-years": {"preprocessing.pca", "preprocessing.whiten"},
}


@pytest.mark.parametrize("student", GIVEN)
def test_parts_right_given_right_functions_are_marked(student, grades):
    assert find_given(grades[student]) == GIVEN[student]


@pytest.mark.parametrize("student", LOST)
def test_only_wrong_parts_cost_points(student, grades):
    assert find_lost(grades[student]) == LOST[student]
    assert not grades[student].faults


def test_what_hangs_is_not_called_again(grades):
    verdicts = [v for v in grades["endless"].verdicts if v.part == "preprocessing.whiten"]
    assert {v.failure.problem for v in verdicts} == {"not tried: fit_pca or apply_pca hangs"}
    assert {v.outcome for v in verdicts} == {Outcome.LIMIT}
    verdicts = [v for v in grades["endless-below"].verdicts if v.part == "preprocessing.whiten"]
    assert {v.outcome for v in verdicts if not v.given} == {Outcome.PASSED}


def test_a_part_right_given_right_functions_gets_no_mistake(grades):
    """A loop over a momentum step that forgets its velocity looks like a loop without momentum."""
    assert {mistake.part for mistake in grades["no-velocity"].mistakes} == {"sgd.update"}
    for one in grades.values():
        assert not {mistake.part for mistake in one.mistakes} & dict(find_given(one)).keys()


def test_a_loop_is_right_given_its_steps_and_babysitting_given_a_loop(grades):
    parts = {part for part, _ in find_given(grades["loop"])}
    assert parts == {"sgd.loop", "babysitting.overfit", "babysitting.learning_rate"}


@pytest.mark.parametrize("student", ["a-neighbour", "z-neighbour"])
def test_unrelated_parts_keep_full_marks(student, grades):
    assert grades[student].points == grades[student].possible == 100
    assert find_given(grades[student]) == set()


def test_outcome_and_message_stay_and_a_line_is_added(out, grades):
    verdicts = [v for v in grades["spatial"].verdicts if v.given]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.FAILED}
    assert {verdict.given for verdict in verdicts} == {ALT_GIVEN}
    results = json.loads((out / "spatial" / "results.json").read_text())
    tests = [test for test in results["tests"] if test["output"].endswith(ALT)]
    assert len(tests) == sum(not verdict.hidden for verdict in verdicts)
    assert all(test["status"] == "failed" and test["score"] == test["max_score"] for test in tests)


@pytest.mark.parametrize(("share", "points"), [("0.5", 1), ("0", 0)])
def test_the_teacher_sets_the_share(share, points, tmp_path):
    tests = ("test_batchnorm.py", "test_spatial_batchnorm.py")
    project = copy_project(tmp_path / "project", tests)
    hand_in(tmp_path / "class", "ana", [WRONG_ALT])
    code, printed = grade(project, tmp_path / "class", tmp_path / "out", "--follow-through", share)
    assert code == 0, printed
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["spatial_batchnorm.backward"]) == points
    results = (tmp_path / "out" / "ana" / "results.json").read_text()
    assert (f"{ALT}: 50% of the points" in results) == (points > 0)
    assert ("of them right" in " ".join(printed.split())) == (points > 0)


@pytest.mark.parametrize(("own", "points"), [([], 0), ([OWN_WHITEN], 1.5)])
def test_without_second_tries_what_needs_nothing_that_hangs_is_tried(own, points, tmp_path):
    hand_in(tmp_path / "class", "ana", [ENDLESS_PCA, *own])
    command = [sys.executable, "-c", GRADE, str(tmp_path / "class"), str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(tmp_path / "out" / "gradebook.sqlite") as book:
        (grade,) = book.grades()
    alone = [verdict for verdict in grade.verdicts if not verdict.given]
    assert sum(v.points for v in alone if v.part == "preprocessing.whiten") == points
    assert find_lost(grade) - {"preprocessing.whiten"} == {"preprocessing.pca"}


@pytest.mark.parametrize("share", ["1.5", "-1", "nan", "half"])
def test_a_share_is_a_number_from_0_to_1(share, capsys):
    from autograder.__main__ import main

    with pytest.raises(SystemExit):
        main(["grade", "class", "--out", "out", f"--follow-through={share}"])
    assert f"{share!r} is not a number from 0 to 1" in capsys.readouterr().err


# What is replaced


def test_a_layer_is_replaced_as_a_whole_and_nothing_else():
    assert find_replaced("spatial_batchnorm.backward", {"batchnorm.backward"}) == (
        "batchnorm_forward",
        "batchnorm_backward",
        "batchnorm_backward_alt",
    )
    lost = {"activations.relu", "activations.maxout", "loss.softmax", "network.init"}
    replaced = ("softmax_loss", "relu_forward", "relu_backward")
    assert find_replaced("network.loss", lost) == replaced
    assert find_replaced("batchnorm.backward_alt", {"batchnorm.backward"}) == ()
    assert find_replaced("sgd.loop", {"sgd.loop"}) == ()


def test_no_part_is_tried_while_its_own_function_is_replaced():
    wanted = {
        "sgd.loop": ["sgd"],
        "network.init": ["init_he"],
        "babysitting.overfit": ["minibatch_sgd"],  # the function of sgd.loop
        "babysitting.learning_rate": ["sgd_momentum"],
    }
    assert plan_rounds(wanted) == [
        ["sgd.loop", "network.init", "babysitting.learning_rate"],
        ["babysitting.overfit"],
    ]


# What a worker may ask


def write_call(name, *args, module="assignment.initialization", **more):
    buffers = []
    arguments = encode((args, {}), buffers, repr)
    tree = {"number": 0, "do": "call", "on": {"name": [module, name]}, "arguments": arguments}
    return pack({**tree, **more}, buffers)


REPLY = pack({"number": 0, "value": 3}, [])


def make_worker(*messages):
    """Return the sender to a worker that sends these messages, whatever the requests are."""
    left = [REPLY, *messages]  # the first request tells the worker what to replace
    theirs = socket.socketpair()[0]
    worker = WorkerHandle(theirs, -1, Clock(os.getpid()), Limits(seconds=5), "none", None)
    return SimpleNamespace(ask=lambda request: left.pop(0), worker=worker)


FORGED = {
    "another function": write_call("init_he"),
    "another module": write_call("init_zeros", module="os"),
    "another action": write_call("init_zeros", do="load", module="os"),
    "an attribute": write_call("init_zeros", do="get"),
    "an object": write_call("init_zeros", on={"object": 0}),
    "nothing": pack({"do": None}, []),
    "a list": write_call("init_zeros", do=["call"]),
}


@pytest.mark.parametrize("what", FORGED)
def test_only_replaced_functions_may_be_called(what):
    with (
        Teacher() as teacher,
        pytest.raises(Crashed, match="other than a function that it may call"),
    ):
        StandIn(["init_zeros"], teacher).ask_worker(make_worker(FORGED[what], REPLY), b"")
    assert teacher.process is None


def test_calls_are_answered_until_there_is_a_reply():
    worker = make_worker(*2 * [write_call("init_zeros", 2, 3, None)], REPLY)
    with Teacher() as teacher:
        stand_in = StandIn(["init_zeros"], teacher)
        assert stand_in.ask_worker(worker, b"") == REPLY
        assert stand_in.functions.called == {"init_zeros"}
        assert worker.worker.seconds_left < 5


def test_time_is_limited_whoever_takes_it():
    """A worker that asks without end pays for the answers."""

    class Slow(Teacher):
        def answer(self, call, seconds):
            self.used += 2
            return REPLY

    call, teacher = write_call("init_zeros", 2, 3, None), Slow()
    connection = SimpleNamespace(settimeout=lambda seconds: None, send=len, recv=lambda size: call)
    with Clock(os.getpid()) as clock:
        worker = WorkerHandle(connection, -1, clock, Limits(seconds=5), "none", None)
        with pytest.raises(TimedOut):
            StandIn(["init_zeros"], teacher)._ask(Sender(worker), b"request")
    assert teacher.used == 6


def test_a_call_that_takes_too_long_ends_the_process_and_not_the_judge():
    many = {name: list(range(300)) for name in "abcd"}
    forever = write_call("make_grid", many, module="assignment.hyperparameters")
    with Teacher() as teacher:
        with pytest.raises(TimedOut):
            teacher.answer(forever, 0.2)
        assert teacher.used >= 0.2
        assert teacher.process is None
        tree, _ = unpack(teacher.answer(write_call("init_zeros", 2, 3, None), 5))
        assert tree["number"] == 0
        teacher.process.kill()
        with pytest.raises(Crashed):
            teacher.answer(forever, 5)


def test_a_known_call_needs_no_process():
    call = write_call("init_zeros", 2, 3, None)
    with Teacher() as teacher:
        reply = teacher.answer(call, 5)
        teacher.close()
        assert teacher.answer(call, 5) == reply
        assert teacher.process is None
        assert teacher.answer(write_call("init_zeros", 3, 2, None), 5) != reply


REFUSED = {
    "a name of another module": {"name": ["os", "getcwd"]},
    "a name of a given module": {"name": ["assignment.support.testing.toys", "score_alike"]},
    "an object": {"object": 0},
    "a model of another name": {"toy": ["Any", {}]},
    "a model without a name": {"toy": [["Bowl"], {}]},
    "an unknown kind": {"what": 1},
}


@pytest.mark.parametrize("what", REFUSED)
def test_only_functions_and_models_are_decoded(what):
    tree, _ = unpack(write_call("init_zeros"))
    tree["arguments"] = {"tuple": [{"tuple": [2, 3, REFUSED[what]]}, {"dict": []}]}  # takes any rng
    reply, _ = unpack(Functions().reply(pack(tree, [])))
    assert "error" in reply


def test_errors_are_sent_as_replies():
    reply, _ = unpack(Functions().reply(write_call("init_zeros")))
    assert reply["error"]["types"][0] == "TypeError"
    reply, _ = unpack(Functions().reply(pack({"number": 0, "do": "call", "on": 3}, [])))
    assert "error" in reply


def test_an_error_shows_no_line_of_the_solution():
    x = np.ones((3, 2))
    reply = Functions().reply(write_call("batchnorm_backward_alt", x, (x, x[0], "no cache")))
    assert unpack(reply)[0]["error"]["where"] == ""


def test_a_result_that_is_too_large_is_not_sent():
    reply = Functions().reply(write_call("init_zeros", 2000, 2000, None))
    assert len(reply) < 1000
    assert unpack(reply)[0]["error"]["types"][0] == "MemoryError"
