"""Cells that end, stop, flood or outlive the process that they run in."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case
from tests.machinery.hostile.cells import (
    FAILED,
    TOLD,
    WITNESS,
    WRONG,
    in_call,
    in_cell,
    told_in_call,
    told_in_cell,
)

__all__ = ["CASES"]

CRASHED, LIMIT = {"rung-1": "crashed"}, {"rung-1": "limit"}
ENDED, SLOW = {"rung-1": "stopped: the process ended"}, {"rung-1": "stopped: no answer within"}

CASES = {
    "loops_in_the_cell": Case(
        "an endless loop costs its cell",
        cells=in_cell("while True: pass"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "loops_in_the_call": Case(
        "and so it does in a function",
        cells=in_call("while True: pass"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "sleeps": Case(
        "who waits for ever has no answer",
        cells=in_call("__import__('time').sleep(99)"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "stops": Case(
        "a process that stops itself has none either",
        cells=in_call("__import__('os').kill(0, 19); __import__('time').sleep(99)"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "leaves_in_the_cell": Case(
        "exit code 0 is no pass",
        cells=in_cell("import os\nos._exit(0)"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "leaves_in_the_call": Case(
        "nor later", cells=in_call("__import__('os')._exit(0)"), outcomes=CRASHED, evidence=ENDED
    ),
    "sys_exit": Case(
        "sys.exit is an exception",
        cells=in_cell("import sys\nsys.exit()"),
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": ": SystemExit: "},
    ),
    "exit_of_ipython": Case(
        "neither does quit() end the shell",
        cells=in_call("quit()"),
        outcomes=CRASHED,
        evidence={"rung-1": "AttributeError: .*no attribute 'ask_exit'"},
    ),
    "interrupts": Case(
        "KeyboardInterrupt reaches nobody else",
        cells=in_call("raise KeyboardInterrupt"),
        outcomes=CRASHED,
        evidence={"rung-1": ": KeyboardInterrupt: "},
    ),
    "base_exception": Case(
        "any exception is one",
        cells=in_call("raise BaseException"),
        outcomes=CRASHED,
        evidence={"rung-1": ": BaseException: "},
    ),
    "segfault": Case(
        "nor does a broken pointer",
        cells=in_call("__import__('ctypes').string_at(0)"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "kills_parent": Case(
        "a cell finds no process to kill but its own, which is the first of its world",
        cells=told_in_cell(
            "import os\nsent = 0\n"
            "for pid in (*range(1, 20), -1, -2):\n"
            "    try:\n"
            "        os.kill(pid, 9)\n"
            "        sent += 1\n"
            "    except OSError:\n"
            "        pass"
            "\nfired = sent"
        ),
        outcomes=TOLD,
        evidence={"per-image": "fired: [1-9]"},
    ),
    "kills_its_group": Case(
        "the parent's number is 0, which means one's own group",
        cells=in_cell("import os\nos.kill(os.getppid(), 9)\nos.abort()"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "prints_200_mb": Case(
        "what a cell prints does not count, however much it is",
        cells=told_in_cell("for _ in range(200):\n    print('x' * 2**20)\nfired = '200 MB'"),
        outcomes=TOLD,
        evidence={"per-image": "fired: 200 MB"},
    ),
    "prints_a_million_lines": Case(
        "not even where a function prints it above its results",
        cells=told_in_call("print('x\\n' * 10**6)", "a million lines"),
        outcomes=TOLD,
        evidence={"per-image": "fired: a million lines"},
    ),
    "prints_control_characters": Case(
        "or prints what becomes six times as long on its way",
        cells=told_in_call("print('\\0\\r\\b' * 10**6)", "control characters"),
        outcomes=TOLD,
        evidence={"per-image": "fired: control characters"},
    ),
    "displays": Case(
        "neither does what is displayed",
        cells=told_in_cell(
            "from IPython.display import display\nfor _ in range(9):\n    display('\\0' * 10**5)"
            "\nfired = '9 texts'"
        ),
        evidence={"per-image": "fired: 9 texts"},
        outcomes=TOLD,
    ),
    "prints_2_gb": Case(
        "but it must find room",
        cells=in_call("print(*('x' * 2**20 for _ in range(2000)))"),
        outcomes=LIMIT,
        evidence={"rung-1": "no answer within|MemoryError"},
    ),
    "draws": Case(
        "a picture larger than the memory is the limit's business",
        cells=in_cell(
            "import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600)).canvas.draw()"
        ),
        outcomes=LIMIT,
        evidence={"rung-1": "MemoryError"},
    ),
    "allocates": Case(
        "6 GB are more than there is",
        cells=in_call("__import__('numpy').ones(6 * 2**30, dtype='uint8')"),
        outcomes=LIMIT,
        evidence={"rung-1": "Unable to allocate 6.00 GiB"},
    ),
    "recurses": Case(
        "a recursion without end is an exception",
        cells=in_call("return back_through_out(dout, xhat, gamma)"),
        outcomes=CRASHED,
        evidence={"rung-1": "RecursionError: maximum recursion depth"},
    ),
    "forks": Case(
        "a bomb of forks fills only its own house",
        cells=in_cell(
            "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
        ),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "leaves_children": Case(
        "children, and a file, are left behind by none, and the answer counts",
        cells=told_in_cell(
            "import os, subprocess, tempfile, time\n"
            "open(f'{tempfile.gettempdir()}/a-submission-was-here', 'w').close()\n"
            "sleeper = subprocess.Popen(['sleep', '99'], start_new_session=True)\n"
            "if os.fork() == 0:\n    os.setsid()\n    time.sleep(99)\n    os._exit(0)"
            "\nfired = f'they run: {sleeper.poll() is None}'"
        ),
        outcomes=TOLD,
        evidence={"per-image": "fired: they run: True"},
    ),
    "leaves_threads": Case(
        "nor are threads",
        cells=told_in_cell(
            "import threading, time\n"
            "for _ in range(5):\n    threading.Thread(target=time.sleep, args=(99,)).start()"
            "\nfired = f'{threading.active_count()} threads'"
        ),
        outcomes=TOLD,
        evidence={"per-image": r"fired: ([6-9]|\d\d) threads"},
    ),
    "registers_an_end": Case(
        "what is left for the end prints nothing into the result",
        cells={
            "rung-1": "import atexit\natexit.register(print, '@result gradients list of 3')\n"
            "fired = 'registered'\n" + WRONG,
            **WITNESS,
        },
        outcomes=FAILED,
        evidence={"rung-1": "other numbers", "per-image": "fired: registered"},
    ),
}
