"""Three submissions that look for files and other traces of each other."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

ASKED = Case(
    "a submission finds nothing left by an earlier one",
    files=witnessed(r"""
import ctypes
import itertools
import os
import socket
import tempfile

ME = os.urandom(8).replace(b"\0", b"\1")  # zeros at an end would get lost
LIBC = ctypes.CDLL(None, use_errno=True)
ADD_KEY, KEYCTL, SEARCH, READ, PROCESS, SESSION = 248, 250, 10, 11, -2, -3  # on x86-64
FILES = ["/tmp/message", "message", "/dev/shm/message", f"{tempfile.gettempdir()}/itertools.py"]


def in_file(name):
    if os.path.exists(name):
        with open(name, "rb") as file:
            return file.read()
    with open(name, "wb") as file:
        file.write(ME)


def in_shared_memory():
    LIBC.shmat.restype = ctypes.c_void_p
    number = LIBC.shmget(4711, 4096, 0o1666)
    if number < 0:
        number = LIBC.shmget(4711, 4096, 0o1666 | 0o1000)
    if number < 0:
        raise OSError
    address = LIBC.shmat(number, None, 0)
    left = ctypes.string_at(address, 8)
    ctypes.memmove(address, ME, 8)
    return left.strip(b"\0")


def in_socket():
    try:
        with socket.socket(socket.AF_UNIX) as other:
            other.connect("\0message")
            return other.recv(8)
    except OSError:
        here = socket.socket(socket.AF_UNIX)
        here.bind("\0message")
        here.listen()
        if os.fork() == 0:
            while True:
                here.accept()[0].send(ME)


def in_keyring():
    key = LIBC.syscall(KEYCTL, SEARCH, SESSION, b"user", b"message", 0)
    if key < 0:
        if LIBC.syscall(ADD_KEY, b"user", b"message", ME, 8, SESSION) < 0:
            raise OSError
        return None
    text = ctypes.create_string_buffer(8)
    LIBC.syscall(KEYCTL, READ, key, text, 8)
    return text.raw


def make_grid(values):
    ways = [in_shared_memory, in_socket, in_keyring, *(lambda n=n: in_file(n) for n in FILES)]
    for number, way in enumerate(ways):
        try:
            left = way()
        except OSError:
            FIRED.append(f"{number} refused")
            continue
        if left == ME:  # of the call before: a way that works
            FIRED.append(str(number))
        elif left not in (None, b""):
            raise LookupError(f"a message from somebody else, on way {number}")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
    outcomes=GRID_ALONE,
    evidence={"hyperparameters.draws": "fired: 0 refused, 1 refused, 2 refused"},
)

CASES = {f"meets_others_{letter}": ASKED for letter in "abc"}
