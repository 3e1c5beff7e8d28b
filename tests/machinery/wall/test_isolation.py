"""The levels of the wall: each one confines workers, and probing finds the highest one here."""

from __future__ import annotations

import functools
import json
import os
import sys
import sysconfig
import venv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assignment.support.project.manifest import load_parts
from autograder.ahead import sender as sender_module
from autograder.ahead.scripts import Foreseen
from autograder.ahead.sender import Diverged, Sender
from autograder.notebooks.skeletons import read_skeletons
from autograder.protocol.wire import FRAME, MAX_MESSAGE_BYTES, decode, encode, pack, unpack
from autograder.release.building import make_release
from autograder.settings import LEVELS, Limits
from autograder.wall import bubblewrap, handle, probing, wall
from autograder.wall.clock import Clock
from autograder.wall.handle import Crashed, TimedOut
from autograder.wall.probing import find_isolation
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions, copy_for_notebooks

FUNCTIONS = b"""
import os, time
def affine_forward(what, size):
    match what:
        case "sleep":
            time.sleep(size)
        case "grow":
            return len(bytearray(size))
        case "fork":
            return len([os.fork() or time.sleep(99) for _ in range(size)])
        case "end":
            os._exit(size)
    return size
"""


def start(level: str, folder: Path, limits: Limits):
    """Start a wall at a level, or skip the test if this machine does not allow it."""
    require(level)
    return Wall(level, copy_for_functions(folder / "course"), "autograder.inside.worker", limits)


@functools.cache
def find_here():
    return find_isolation([])


def require(level: str) -> None:
    """Skip the test if this machine does not allow the level."""
    if level == "full" != find_here().level:
        pytest.skip(f"not tried at level full: {find_here().reasons[0]}")


def require_user(private, monkeypatch):
    """Hide bubblewrap; skip the test if this machine does not allow level user either."""
    if os.geteuid() != 0:
        pytest.skip("not tried at level user: this is not root")
    monkeypatch.setattr(bubblewrap, "_find_bubblewrap", lambda: None)
    found = find_isolation(private)
    if found.level == "none":
        pytest.skip(f"not tried at level user: {found.reasons[1]}")
    assert found.level == "user"


def ask(worker, *args):
    """Call the function of FUNCTIONS; return its result, or the names of what it raised."""
    buffers: list[bytes] = []
    on = {"name": ["assignment.affine", "affine_forward"]}
    arguments = encode((args, {}), buffers, repr)
    message = {"number": 0, "do": "call", "on": on, "arguments": arguments}
    tree, received = unpack(worker.ask(pack(message, buffers)))
    return tree["error"]["types"] if "error" in tree else decode(tree["value"], received, repr)


@pytest.fixture(params=["full", "none"])
def worker(request, tmp_path):
    """Start a worker at each level that does not need root."""
    tmp_path.chmod(0o755)
    limits = Limits(seconds=2, memory_bytes=2**30, processes=8)
    raised = start(request.param, tmp_path, limits)
    with raised, raised.start_worker({"affine.py": FUNCTIONS}) as started:
        yield started


def test_a_worker_answers(worker):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(ask(worker, "return", x), x)


def write_script(*values, waiting=()):
    """Return a script of calls of the function of FUNCTIONS."""
    on = {"name": ["assignment.affine", "affine_forward"]}
    script = []
    for i, value in enumerate(values):
        call = {"number": i, "do": "call", "on": on, "arguments": encode((value, {}), [], repr)}
        script.append(Foreseen(pack(call, []), i in waiting))
    return script


def read(reply):
    tree, received = unpack(reply)
    return decode(tree["value"], received, repr)


THREE = ("return", 1), ("return", 2), ("return", 3)


@pytest.fixture
def sender(worker):
    """Send to that worker, with scripts."""
    return Sender(worker)


def test_a_script_is_answered_in_order_and_sent_ahead_for_the_next_case(sender):
    script = write_script(*THREE)
    sender.begin(script[:2], script[2:])
    assert [read(sender.ask(one.request)) for one in script[:2]] == [1, 2]
    assert len(sender.in_flight) == 1
    sender.end()
    sender.begin(script[2:])
    assert read(sender.ask(script[2].request)) == 3
    assert not sender.has_spoken()


def test_replies_that_were_not_asked_for_are_discarded(sender):
    script = write_script(*THREE)
    for let_go, left in ((sender.end, 1), (sender.settle, 0)):
        sender.begin(script[:2], script[2:])
        assert read(sender.ask(script[0].request)) == 1
        let_go()
        assert len(sender.in_flight) == left
        sender.settle()
        assert not sender.has_spoken()
        sender.begin()
        assert ask(sender, "return", 4) == 4


def test_a_waiting_request_is_not_sent_ahead(sender):
    """It may contain the right answer to an earlier request."""
    script = write_script(*THREE, waiting={1})
    sender.begin(script)
    for left, one in zip((0, 1, 0), script):
        sender.ask(one.request)
        assert len(sender.in_flight) == left


def test_a_request_other_than_the_one_in_flight_diverges(sender):
    script = write_script(*THREE)
    sender.begin(script[:2])
    sender.ask(script[0].request)
    with pytest.raises(Diverged) as caught:
        sender.ask(script[2].request)
    assert caught.value.index == 1
    sender.settle()
    sender.begin()
    assert read(sender.ask(script[2].request)) == 3


@pytest.mark.parametrize("asked", [0, 1])
def test_with_nothing_in_flight_another_request_drops_the_script(asked, sender, monkeypatch):
    """From then on, the time limit is that of a case without a script."""
    monkeypatch.setattr(sender_module, "AHEAD_S", 0.5)
    script = write_script(*THREE, waiting={1})
    sender.begin(script[:2])
    for one in script[:asked]:
        sender.ask(one.request)
    assert read(sender.ask(script[2].request)) == 3
    assert (sender.script, sender.following) == ((), ())
    assert not sender.in_flight
    assert sender.worker.seconds_left > sender.worker.limits.seconds - 0.5


def test_a_script_has_a_short_time_limit(sender):
    sender.begin(write_script(("return", 1), ("sleep", 30)))
    with pytest.raises(TimedOut):
        sender.ask(sender.script[0].request)
    assert sender.worker.seconds_left < 0.1


def test_single_bytes_do_not_extend_the_time_limit():
    dripping = SimpleNamespace(settimeout=lambda seconds: None, recv=lambda size: b"\0")
    with Clock(os.getpid()) as clock:
        worker = handle.WorkerHandle(dripping, -1, clock, Limits(seconds=0.1), "none", None)
        worker.inbox += FRAME.pack(0, MAX_MESSAGE_BYTES - FRAME.size)
        with worker.counting(), pytest.raises(TimedOut):
            worker.receive()


def test_a_worker_has_limits(worker):
    assert ask(worker, "grow", 2**28) == 2**28
    assert ask(worker, "grow", 2**31)[0] == "MemoryError"
    with pytest.raises(TimedOut):
        ask(worker, "sleep", 30)


def test_a_worker_that_exits_has_crashed(worker):
    with pytest.raises(Crashed):
        ask(worker, "end", 0)


def test_workers_share_no_namespace(tmp_path):
    """In a shared one, a used port would be a message to the next worker."""
    with start("full", tmp_path, Limits()) as raised:
        files = {"affine.py": FUNCTIONS}
        with raised.start_worker(files) as one, raised.start_worker(files) as other:
            for name in ("ipc", "mnt", "net", "pid"):
                links = {os.readlink(f"/proc/{worker.pid}/ns/{name}") for worker in (one, other)}
                assert len(links) == 2


def test_a_worker_and_its_children_are_gone_after_kill(tmp_path):
    with start("full", tmp_path, Limits(seconds=20)) as raised:
        worker = raised.start_worker({"affine.py": FUNCTIONS})
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
        assert ask(worker, "fork", 3) == 3
        pids = [int(pid) for pid in children.read_text().split()]
        assert len(pids) == 3
        worker.kill()
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_a_worker_that_cannot_be_confined_does_not_start(tmp_path):
    """It is an error of the grader, not a crash of the student's code."""
    with start("full", tmp_path, Limits()) as raised:
        raised.scratch = "/nowhere"
        with pytest.raises(OSError, match="mount scratch: No such file"):
            raised.start_worker({"affine.py": FUNCTIONS})


def test_this_machine_has_a_level(tmp_path):
    (tmp_path / "secret").write_text("")
    found = find_isolation([tmp_path])
    assert found.level in LEVELS
    assert len(found.reasons) == LEVELS.index(found.level)


def test_without_bubblewrap_the_reason_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bubblewrap, "_find_bubblewrap", lambda: None)
    found = find_isolation([])
    assert found.level != "full"
    assert "bubblewrap" in found.reasons[0]


def test_probing_notices_a_shared_namespace(monkeypatch):
    """Level full is then not offered."""
    require("full")
    whole = wall.wrap

    def wrap(level, course):
        command, root = whole(level, course)
        return [word for word in command if word != "--unshare-uts"], root

    monkeypatch.setattr(wall, "wrap", wrap)
    found = find_isolation([])
    assert found.level != "full"
    assert "namespace uts" in found.reasons[0]


def test_probing_notices_a_readable_private_folder(monkeypatch, tmp_path):
    """The probe tries to read it from inside."""
    readable = bubblewrap._find_readable_folders
    require("full")
    folder = Path(wall.__file__).parent
    monkeypatch.setattr(bubblewrap, "_find_readable_folders", lambda: [*readable(), folder])
    tmp_path.chmod(0o755)
    problems, _ = probing._try_level("full", tmp_path, [folder])
    assert problems == [f"a worker can read {folder}"]


def test_level_user_hides_the_folders(tmp_path, monkeypatch):
    """Workers of level user run as another user, who cannot read private folders."""
    (tmp_path / "results").mkdir(mode=0o755)
    require_user([tmp_path / "results"], monkeypatch)
    assert (tmp_path / "results").stat().st_mode & 0o077 == 0


def test_level_user_needs_packages_that_others_can_read(tmp_path, monkeypatch):
    """If .venv lies below /root, workers of another user could not import from it."""
    require_user([], monkeypatch)
    closed = tmp_path / "closed"
    venv.create(closed, symlinks=True)
    closed.chmod(0o700)
    site = closed / sysconfig.get_path("purelib", vars={"base": "."})
    for package in Path(np.__file__).parents[1].iterdir():
        (site / package.name).symlink_to(package)
    monkeypatch.setattr(sys, "executable", str(closed / "bin" / "python"))
    assert "cannot read Python or its packages" in find_isolation([]).reasons[1]


def test_workers_can_read_only_what_students_have(tmp_path):
    released = make_release()
    solved = {part.file for part in load_parts()}
    skeletons = read_skeletons()
    cells = [source for skeleton in skeletons for source in skeleton.given]
    folder = copy_for_notebooks(tmp_path / "course", cells)
    files = [path for path in folder.rglob("*") if path.is_file()]
    shared = [path for path in files if path.relative_to(folder).parts[0] != "autograder"]
    assert len(shared) > 30
    for path in shared:
        name = path.relative_to(folder).as_posix()
        assert path.name not in solved, f"{name} is the teacher's"
        assert name == "cells.json" or path.read_bytes() == released[name], name
    for skeleton in skeletons:
        document = json.loads(released[f"notebooks/{skeleton.name}.ipynb"])
        theirs = {"".join(cell["source"]) for cell in document["cells"]}
        assert theirs.issuperset(skeleton.given), skeleton.name


def test_the_worker_folder_is_readable_whatever_the_umask(tmp_path):
    umask = os.umask(0o077)
    try:
        course = copy_for_functions(tmp_path / "course")
    finally:
        os.umask(umask)
    assert all(path.stat().st_mode & 0o004 for path in course.rglob("*"))


@pytest.mark.parametrize(
    ("folder", "scratch"), [("/tmp/x/.venv", "/dev/shm"), ("/tmporary", "/tmp")]
)
def test_scratch_does_not_hide_python(folder, scratch, monkeypatch):
    folders = [Path("/usr"), Path(folder)]
    monkeypatch.setattr(bubblewrap, "_find_readable_folders", lambda: folders)
    assert bubblewrap.find_scratch() == scratch
