"""Submissions that write to the worker's connection themselves."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case

__all__ = ["CASES"]

FIND = """
import contextlib
import os
import stat
import struct


def find_connection():
    for fd in range(3, 4096):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return fd


"""


# Which of the two depends on how many bytes have arrived when the grader reads.
NO_ANSWER = "stopped: (the process sent data that nobody requested|header is not JSON)"


def on_connection(code: str) -> dict[str, str]:
    """Return a file whose code can call find_connection() to get the connection to the grader."""
    return {"hyperparameters.py": FIND + code}


CASES = {
    "announces_exabytes": Case(
        "a message that announces 2**60 bytes is refused at once",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    os.write(connection, struct.pack("<QQ", 2**60, 2**60))
    return []
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: an answer of more than 4 MB"},
    ),
    "announces_less_than_nothing": Case(
        "negative sizes are read as unsigned, and too large",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    os.write(connection, struct.pack("<qq", -1, -1))
    return []
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: an answer of more than 4 MB"},
    ),
    "drips": Case(
        "an answer that arrives byte by byte still has to meet the time limit",
        files=on_connection("""
import time


def make_grid(values):
    connection = find_connection()
    os.write(connection, struct.pack("<QQ", 1000, 0))
    while True:
        os.write(connection, b" ")
        time.sleep(0.1)
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: no answer within"},
    ),
    "fills_the_header": Case(
        "a header of 60 MB of empty lists is refused before it is parsed",
        files=on_connection("""
def make_grid(values):
    header = b'[{"number":0,"value":null,"more":[' + b"[]," * (20 * 2**20) + b"0]},[]]"
    message = struct.pack("<QQ", len(header), 0) + header
    connection = find_connection()
    while message:
        message = message[os.write(connection, message) :]
    return []
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: an answer of more than 4 MB"},
    ),
    "forges_an_answer": Case(
        "an answer forged on the connection counts as the student's own, and fails only this test",
        files=on_connection("""
import json
import time


def make_grid(values):
    header = json.dumps([{"number": 0, "value": {"list": []}}, []]).encode()
    os.write(find_connection(), struct.pack("<QQ", len(header), 0) + header)
    time.sleep(0.2)  # until the forged one has been read
    os._exit(0)
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "failed"},
        evidence={"hyperparameters.grid": r"assert \[\] =="},
    ),
    "nests_deep": Case(
        "a header of a million brackets is refused, and exhausts no stack",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    header = 10**6 * b"["
    os.write(connection, struct.pack("<QQ", len(header), 0))
    os.write(connection, header)
    return []
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": NO_ANSWER},
    ),
    "sends_ever_more": Case(
        "an endless stream of answers that nobody requested is cut off",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    header = b'[{"number":0,"value":null},[]]'
    answer = struct.pack("<QQ", len(header), 0) + header
    while True:
        os.write(connection, 1000 * answer)
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": NO_ANSWER},
    ),
    "sends_half": Case(
        "half a message is not an answer if the process then ends",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    os.write(connection, struct.pack("<QQ", 1000, 0) + b"[")
    os._exit(0)
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "sends_no_json": Case(
        "an invalid answer fails this test, and the next test gets a new process",
        files=on_connection("""
def make_grid(values):
    connection = find_connection()
    os.write(connection, struct.pack("<QQ", 8, 0) + b"not json")
    return []
"""),
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": NO_ANSWER},
    ),
}
