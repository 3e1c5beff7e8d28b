"""What a process asks of Linux about itself, looked at from outside of it or asked back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from assignment.support.project.manifest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")

PARENT = """
import os, time
from autograder.protocol.prctl import die_with_parent

ready, told = os.pipe()
if os.fork() == 0:
    die_with_parent()
    os.write(told, b".")
    time.sleep(20)
    os.write(1, b"still there")
    os._exit(0)
os.read(ready, 1)
"""
SETTINGS = """
import ctypes
from autograder.protocol.prctl import die_with_parent, gain_no_privileges, set_dumpable

PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS = 2, 3, 39
libc, number = ctypes.CDLL(None), ctypes.c_int()
def show():
    libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(number))
    others = [libc.prctl(get, 0, 0, 0, 0) for get in (PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS)]
    print(number.value, *others)
show()
for change in (lambda: set_dumpable(False), die_with_parent, gain_no_privileges,
               lambda: set_dumpable(True)):
    change()
    show()
"""


def run(code):
    """Run code of its own process and return what it, and what it has started, prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_call_changes_one_thing():
    assert run(SETTINGS).splitlines() == ["0 1 0", "0 0 0", "9 0 0", "9 0 1", "9 1 1"]


def test_a_process_dies_with_its_parent():
    assert run(PARENT) == ""
