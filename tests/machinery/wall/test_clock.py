"""Time: what counts as a worker's, and what a busy machine takes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from autograder.settings import Limits
from autograder.wall import clock as clock_module
from autograder.wall import handle
from autograder.wall.clock import SLOWEST, TICKS, Clock
from autograder.wall.handle import TimedOut, WorkerHandle

PID, OURS = 7, os.getpid()


class Machine:
    """Stands in for time and for /proc, with a process and this one."""

    def __init__(self, folder, has_schedstat, pid=PID):
        self.folder, self.has_schedstat, self.pid = folder, has_schedstat, pid
        self.now = 1000.0
        self.used, self.waited = {pid: 3.0, OURS: 5.0}, {pid: 2.0, OURS: 1.0}
        self.write()

    def monotonic(self):
        """Return the time."""
        return self.now

    def write(self):
        """Write what Linux tells of each process."""
        for pid in ("self", self.pid, OURS):
            used, waited = self.used.get(pid, 1.0), self.waited.get(pid, 1.0)
            place = self.folder / str(pid)
            place.mkdir(exist_ok=True)
            ticks = f"{used * TICKS:.0f} 0"
            (place / "stat").write_text(f"{pid} (a) b) S {'0 ' * 10}{ticks} 9 9")
            if self.has_schedstat:
                (place / "schedstat").write_text(f"{used * 1e9:.0f} {waited * 1e9:.0f} 4\n")

    def live(self, seconds, *, used=0.0, waited=0.0, pid=None):
        """Let time pass, which a process uses in part, and for a part of which it waits."""
        pid = pid or self.pid
        self.now += seconds
        self.used[pid] += used
        self.waited[pid] += waited
        self.write()


def make(folder, monkeypatch, has_schedstat, pid=PID):
    machine = Machine(folder, has_schedstat, pid)
    monkeypatch.setattr(clock_module, "PROC", str(folder))
    monkeypatch.setattr(clock_module, "time", machine)
    monkeypatch.setattr(handle, "time", machine)
    return machine


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return make(tmp_path, monkeypatch, True)


# seconds that pass, that the process uses, for which it waits; what counts
LIVES = [
    (4.0, 4.0, 0.0, 4.0),
    (4.0, 0.0, 0.0, 4.0),  # who sleeps uses his time as well
    (4.0, 1.0, 3.0, 1.0),
    (4.0, 1.0, 2.0, 2.0),
    (4.0, 0.0, 4.0, 4.0 / SLOWEST),  # or waiting might never end
]


@pytest.mark.parametrize(("passed", "used", "waited", "counts"), LIVES)
def test_waiting_for_a_processor_does_not_count(passed, used, waited, counts, machine):
    with Clock(PID) as clock:
        since = clock.look()
        machine.live(passed, used=used, waited=waited)
        assert clock.measure(since) == pytest.approx(counts)


def test_the_grader_may_wait_as_well(machine):
    with Clock(PID) as clock:
        since = clock.look()
        machine.live(1, used=1)
        machine.live(3, waited=3, pid=OURS)  # although the reply is there
        assert clock.measure(since) == pytest.approx(1)


# what a process starts; how much of 4 seconds counts if it has waited for 3 of them
STARTS = {
    "nothing": ("", 1),
    "thread": ("threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", 4),
    "child": ("subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])", 4),
}


@pytest.mark.parametrize("started", STARTS)
def test_who_has_started_others_may_wait_for_them(started, tmp_path, monkeypatch):
    start, counts = STARTS[started]
    code = f"import subprocess, sys, threading, time; {start}; print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        process.stdout.read(1)  # it has started them
        machine = make(tmp_path, monkeypatch, True, process.pid)
        with Clock(process.pid) as clock:
            since = clock.look()
            machine.live(4, used=1, waited=3)
            assert clock.measure(since) == pytest.approx(counts)
        os.killpg(process.pid, signal.SIGKILL)


def test_where_waiting_is_not_told_the_processors_time_counts(tmp_path, monkeypatch):
    machine = make(tmp_path, monkeypatch, False)
    with Clock(PID) as clock:
        since = clock.look()
        machine.live(4, used=1)
        assert clock.measure(since) == pytest.approx(1)
        machine.live(96, waited=96)
        assert clock.measure(since) == pytest.approx(100 / SLOWEST)


def test_a_process_that_has_ended_waits_no_more(machine):
    with Clock(PID) as clock, Clock(PID + 1) as other:
        since = clock.look(), other.look()
        clock._meters[0].close()
        machine.live(2, waited=2)
        assert [clock.measure(since[0]), other.measure(since[1])] == pytest.approx([2, 2])


def test_here_it_counts_what_is_used():
    with Clock(os.getpid()) as clock:
        since = clock.look()
        sum(range(10**5))
        assert 0 < clock.measure(since) <= clock.look().time - since.time


class Slow:
    """A connection whose worker answers after some seconds of work."""

    def __init__(self, machine, seconds, slowed):
        self.machine, self.left, self.slowed = machine, seconds, slowed
        self.timeouts = 0

    def settimeout(self, seconds):
        """Set how long to wait for the answer."""
        self.patience = seconds

    def recv(self, size):
        """Return the answer, if it comes in time."""
        used = min(self.patience / self.slowed, self.left)
        self.machine.live(used * self.slowed, used=used, waited=used * (self.slowed - 1))
        self.left -= used
        if self.left > 1e-9:
            self.timeouts += 1
            raise TimeoutError
        return b"answer"


def ask(machine, seconds, slowed):
    connection = Slow(machine, seconds, slowed)
    with Clock(PID) as clock:
        worker = WorkerHandle(connection, -1, clock, Limits(seconds=10), "none", None)
        with worker.counting():
            worker._await(6)
    return worker, connection


@pytest.mark.parametrize("slowed", [1, 5, SLOWEST - 1])
def test_a_busy_machine_costs_no_answer(slowed, machine):
    worker, connection = ask(machine, 9.5, slowed)
    assert worker.inbox == b"answer"
    assert worker.used == pytest.approx(9.5)
    assert worker.seconds_left == pytest.approx(0.5)
    assert connection.timeouts < 200


@pytest.mark.parametrize("slowed", [1, 5, SLOWEST - 1])
def test_who_uses_more_has_no_more_time_on_a_busy_machine(slowed, machine):
    with pytest.raises(TimedOut):
        ask(machine, 10.5, slowed)
    assert machine.used[PID] - 3 == pytest.approx(10, abs=0.02)


def test_who_waits_for_ever_is_not_waited_for(machine):
    with pytest.raises(TimedOut):
        ask(machine, 9, 100 * SLOWEST)
    assert machine.now - 1000 <= 10 * SLOWEST + 1


def test_a_long_message_is_sent_to_the_end():
    ours, theirs = socket.socketpair()
    with ours, theirs, Clock(os.getpid()) as clock:
        worker = WorkerHandle(ours, -1, clock, Limits(), "none", None)
        sent = []
        few = SimpleNamespace(
            settimeout=lambda seconds: None,
            send=lambda data: sent.append(bytes(data[:3])) or min(3, len(data)),
        )
        worker.connection = few
        worker.send(b"abcdefgh")
    assert sent == [b"abc", b"def", b"gh"]
