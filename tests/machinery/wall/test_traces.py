"""Nothing that a worker leaves reaches the next: probing notices each way that is open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from assignment.support.project.manifest import ROOT
from autograder.wall import bubblewrap, probing, uids, wall
from autograder.wall.probing import find_isolation

CAP_SYS_ADMIN = 1 << 21


@pytest.fixture(scope="module")
def full():
    """Skip the test if this machine does not allow level full."""
    found = find_isolation([])
    if found.level != "full":
        pytest.skip(f"not tried at level full: {found.reasons[0]}")


@pytest.fixture
def change(monkeypatch):
    """Return a function that changes the command of bubblewrap."""
    whole = wall.wrap

    def change(old, new):
        def wrap(level, course):
            command, root = whole(level, course)
            if level == "full":
                (at,) = [i for i in range(len(command)) if command[i : i + len(old)] == old]
                command[at : at + len(old)] = new
            return command, root

        monkeypatch.setattr(wall, "wrap", wrap)

    return change


def test_probing_notices_a_shared_folder(full, change, monkeypatch):
    """It is that of bubblewrap if Python is beneath /tmp, and then each worker closes it."""
    monkeypatch.setattr(wall, "find_scratch", lambda *_: "/dev/shm")
    change(["--tmpfs", "/tmp"], ["--perms", "1777", "--tmpfs", "/tmp"])
    monkeypatch.setattr(wall, "find_closed", lambda: bubblewrap.DEVICES)
    assert "the next one: a file in /tmp" in find_isolation([]).reasons[0]
    monkeypatch.setattr(wall, "find_closed", lambda: [*bubblewrap.DEVICES, "/tmp"])
    assert find_isolation([]).level == "full"


def test_with_python_beneath_tmp_each_worker_closes_it(monkeypatch):
    monkeypatch.setattr(bubblewrap, "_find_readable_folders", lambda: [Path("/tmp/x/.venv")])
    assert "/tmp" in bubblewrap.find_closed()
    assert bubblewrap.find_scratch() == "/dev/shm"
    assert bubblewrap.find_scratch(Path("/dev/shm/course")) == "/var/tmp"


def test_probing_notices_the_dates_of_terminals(full, change):
    """The date of /dev/pts/ptmx is common to all, and anybody can set it to the present."""
    change(["--remount-ro", "/dev"], ["--dev", "/dev", "--remount-ro", "/dev"])
    assert "the date of /dev/pts" in find_isolation([]).reasons[0]


def test_probing_notices_devices_that_are_not_closed(full, monkeypatch):
    monkeypatch.setattr(wall, "find_closed", list)
    assert "the next one: the date of /dev/" in find_isolation([]).reasons[0]


def test_probing_notices_that_system_calls_are_not_filtered(full, monkeypatch):
    monkeypatch.setattr(wall, "_find_filter", lambda level: "")
    assert "all system calls" in find_isolation([]).reasons[0]


def test_probing_tries_system_calls(full, monkeypatch):
    """It does not rely on what Linux says of the filter."""
    monkeypatch.setattr(probing, "REFUSED", "getpid")
    assert "can call the kernel's getpid" in find_isolation([]).reasons[0]


def test_level_user_has_private_folders_where_root_may_mount(monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("not tried at level user: this is not root")
    monkeypatch.setattr(bubblewrap, "_find_bubblewrap", lambda: None)
    found = find_isolation([])
    if found.level != "user":
        pytest.skip(f"not tried at level user: {found.reasons[1]}")
    status = Path("/proc/self/status").read_text()
    if int(status.split("CapEff:")[1].split()[0], 16) & CAP_SYS_ADMIN:
        assert found.leaks == ()
    else:
        assert "a file in /tmp" in found.leaks[0]


CLAIM = "from autograder.wall.uids import claim_uids; print(claim_uids())"


def test_graders_at_the_same_time_have_different_users():
    ours = uids.claim_uids()
    command = [sys.executable, "-c", CLAIM]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert abs(int(done.stdout) - ours) >= uids.BLOCK
    for first in (ours, int(done.stdout)):
        assert 60_577 < first < 61_184 - 3  # systemd's services have ids from 61184 on


def test_a_user_with_a_process_or_an_account_is_left_alone(monkeypatch):
    taken = range(60_578, 60_600)
    running = [SimpleNamespace(info={"uids": (1, uid, 1)}) for uid in taken]
    monkeypatch.setattr(uids.psutil, "process_iter", lambda names: running)
    monkeypatch.setattr(uids.pwd, "getpwuid", lambda uid: {60_609: "somebody"}[uid])
    monkeypatch.setattr(uids, "_claims", [])
    first = uids.claim_uids.__wrapped__()
    assert not {*taken, 60_609} & {*range(first, first + 4)}


def test_a_container_without_such_users_is_told(monkeypatch):
    monkeypatch.setattr(uids, "_has_all", lambda block: False)
    with pytest.raises(OSError, match="no user ids for workers: 60578 to 61183"):
        uids.claim_uids.__wrapped__()
