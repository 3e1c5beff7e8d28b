"""Two workers at a time: what Linux counts by user for both of them stops neither."""

from __future__ import annotations

import fcntl
import threading

import pytest

from autograder.protocol.wire import pack, unpack
from autograder.settings import Limits
from autograder.wall import probing
from autograder.wall.turns import Turns
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions

HOLDS = b"""
import socket
HELD = []

def affine_forward(number):
    while number > 0:
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            socket.send_fds(pair[0], [b"x"], [1] * 40)
        except OSError:
            return len(HELD)
        HELD.append(pair)
        number -= 40
    return len(HELD)
"""


def call(worker, number):
    """Return what the function of a worker returns."""
    on = {"name": ["assignment.affine", "affine_forward"]}
    arguments = {"tuple": [{"list": []}, {"dict": []}]}
    arguments["tuple"][0]["list"].append(number)
    tree, _ = unpack(
        worker.ask(pack({"number": 0, "do": "call", "on": on, "arguments": arguments}, []))
    )
    return tree["value"]


@pytest.fixture
def full(tmp_path):
    """Raise a wall of level full, or skip the test."""
    found = probing.find_isolation([])
    if found.level != "full":
        pytest.skip(f"not tried at level full: {found.reasons[0]}")
    tmp_path.chmod(0o755)
    folder = copy_for_functions(tmp_path / "course")
    with Wall("full", folder, "autograder.inside.worker", Limits()) as raised:
        yield raised


def test_descriptors_in_flight_stop_no_other_worker(full):
    """Linux counts them by user, and compares with the limit of the process that sends one more."""
    full.filter = ""  # with it none are in flight
    with full.start_worker({"affine.py": HOLDS}) as one:
        assert call(one, 1000) == 2
        with full.start_worker({"affine.py": HOLDS}) as other:
            assert call(other, 0) == 0


class Flaky(Wall):
    """A wall whose first worker does not start."""

    def __init__(self, path, failures):
        self.turns, self.log, self.failures = Turns(path), [], failures
        self.tried = threading.Event()

    def _start(self, files):
        self.log.append("tried")
        self.tried.set()
        if len(self.log) <= self.failures:
            raise OSError("a worker could not start")
        return "worker"


def test_a_worker_that_does_not_start_is_started_alone(tmp_path):
    other, wall = Turns(tmp_path / "turns"), Flaky(tmp_path / "turns", 1)
    other.begin()
    started = []
    thread = threading.Thread(target=lambda: started.append(wall.start_worker({})))
    thread.start()
    wall.tried.wait()
    wall.log.append("the other has ended")
    other.end()
    thread.join()
    assert (started, wall.log) == (["worker"], ["tried", "the other has ended", "tried"])
    other.begin()  # beside it
    wall.turns.end()


def test_a_worker_that_does_not_start_alone_either_is_an_error(tmp_path):
    other, wall = Turns(tmp_path / "turns"), Flaky(tmp_path / "turns", 2)
    with pytest.raises(OSError, match="could not start"):
        wall.start_worker({})
    other.wait_for_others()  # nothing is left locked


def test_who_is_alone_keeps_the_others_from_having_a_worker(tmp_path):
    one, other = Turns(tmp_path / "turns"), (tmp_path / "turns").open("w")
    with one.alone():
        one.begin()
        one.end()
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    other.close()
    one.close()
