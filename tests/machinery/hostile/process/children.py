"""Submissions that use child processes, threads and signals."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

CASES = {
    "child_takes_over": Case(
        "a child that answers in place of its parent gains nothing",
        files=witnessed("""
import itertools
import os


def make_grid(values):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        os._exit(0)
    FIRED.append("a child answers")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: a child answers"},
    ),
    "forks_at_import": Case(
        "children forked at import do not send answers",
        files=witnessed("""
import itertools
import os
import time

child = os.fork()
if child == 0:
    time.sleep(3600)


def make_grid(values):
    os.kill(child, 0)
    FIRED.append("the child lives")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: the child lives"},
    ),
    "forks_without_end": Case(
        "a fork bomb hits the limit on processes",
        files=witnessed("""
import itertools
import os
import signal


def make_grid(values):
    children = 0
    try:
        while True:
            if os.fork() == 0:
                signal.pause()
            children += 1
    except OSError:
        assert children < 40, f"{children} processes"
        FIRED.append(f"{children} children")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: .*\b[1-9]\d* children"},
    ),
    "ignores_signals": Case(
        "a process that ignores or handles signals can still be killed",
        files=witnessed("""
import itertools
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)


def make_grid(values):
    FIRED.append(repr(signal.getsignal(signal.SIGTERM)))
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: .*SIG_IGN"},
    ),
    "kills": Case(
        "signals to the parent, to all processes or to the process itself have no effect",
        files=witnessed("""
import contextlib
import itertools
import os
import signal


def make_grid(values):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        for pid in (os.getppid(), os.getpid(), -1, *range(2, 200)):
            with contextlib.suppress(OSError):
                os.kill(pid or 1, number)
                FIRED.append(number.name)
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: SIGKILL, SIGSTOP, SIGTERM"},
    ),
    "kills_its_group": Case(
        "a signal to its own process group reaches only the submission",
        files=witnessed("""
import itertools
import os
import signal


def make_grid(values):
    os.killpg(0, signal.SIGKILL)
    FIRED.append("SIGKILL sent")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: SIGKILL sent"},
    ),
    "leaves_orphans": Case(
        "grandchildren in new sessions are killed with their submission",
        files=witnessed("""
import itertools
import os
import time


def make_grid(values):
    for _ in range(0 if FIRED else 2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(3600)
            os._exit(0)
    FIRED.append("2 children left")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 2 children left"},
    ),
    "leaves_threads": Case(
        "threads that wait forever delay neither the process nor the class",
        files=witnessed("""
import itertools
import threading


def make_grid(values):
    for _ in range(3 if threading.active_count() == 1 else 1):
        threading.Thread(target=threading.Event().wait).start()
    FIRED.append(f"{threading.active_count()} threads")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: .*\b4 threads"},
    ),
    "stops_its_group": Case(
        "a stopped process is killed like any other, and nothing of it remains",
        files=witnessed("""
import itertools
import os
import signal


def make_grid(values):
    os.killpg(0, signal.SIGSTOP)
    FIRED.append("SIGSTOP sent")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: SIGSTOP sent"},
    ),
}
