"""Cells that end, stop, flood or outlive their process."""

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
        "an endless loop in a cell costs this cell",
        cells=in_cell("while True: pass"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "loops_in_the_call": Case(
        "an endless loop in a function costs its cell",
        cells=in_call("while True: pass"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "sleeps": Case(
        "a function that waits forever hits the time limit",
        cells=in_call("__import__('time').sleep(99)"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "stops": Case(
        "a process that stops itself hits the time limit",
        cells=in_call("__import__('os').kill(0, 19); __import__('time').sleep(99)"),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "leaves_in_the_cell": Case(
        "ending with exit code 0 does not pass",
        cells=in_cell("import os\nos._exit(0)"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "leaves_in_the_call": Case(
        "ending with exit code 0 in a function does not pass",
        cells=in_call("__import__('os')._exit(0)"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "sys_exit": Case(
        "sys.exit counts as an exception",
        cells=in_cell("import sys\nsys.exit()"),
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": ": SystemExit: "},
    ),
    "exit_of_ipython": Case(
        "quit() does not end the shell",
        cells=in_call("quit()"),
        outcomes=CRASHED,
        evidence={"rung-1": "AttributeError: .*no attribute 'ask_exit'"},
    ),
    "interrupts": Case(
        "a KeyboardInterrupt does not stop the grader",
        cells=in_call("raise KeyboardInterrupt"),
        outcomes=CRASHED,
        evidence={"rung-1": ": KeyboardInterrupt: "},
    ),
    "base_exception": Case(
        "a BaseException counts as an exception",
        cells=in_call("raise BaseException"),
        outcomes=CRASHED,
        evidence={"rung-1": ": BaseException: "},
    ),
    "segfault": Case(
        "a segmentation fault ends only its process",
        cells=in_call("__import__('ctypes').string_at(0)"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "kills_parent": Case(
        "a cell finds no other process to kill",
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
        "the parent has pid 0, so killing it kills only the own process group",
        cells=in_cell("import os\nos.kill(os.getppid(), 9)\nos.abort()"),
        outcomes=CRASHED,
        evidence=ENDED,
    ),
    "prints_200_mb": Case(
        "printed output of a cell does not count, even 200 MB",
        cells=told_in_cell("for _ in range(200):\n    print('x' * 2**20)\nfired = '200 MB'"),
        outcomes=TOLD,
        evidence={"per-image": "fired: 200 MB"},
    ),
    "prints_a_million_lines": Case(
        "a million lines printed above the results do not count",
        cells=told_in_call("print('x\\n' * 10**6)", "a million lines"),
        outcomes=TOLD,
        evidence={"per-image": "fired: a million lines"},
    ),
    "prints_control_characters": Case(
        "printed text that grows sixfold in JSON does not count",
        cells=told_in_call("print('\\0\\r\\b' * 10**6)", "control characters"),
        outcomes=TOLD,
        evidence={"per-image": "fired: control characters"},
    ),
    "displays": Case(
        "displayed text does not count",
        cells=told_in_cell(
            "from IPython.display import display\nfor _ in range(9):\n    display('\\0' * 10**5)"
            "\nfired = '9 texts'"
        ),
        evidence={"per-image": "fired: 9 texts"},
        outcomes=TOLD,
    ),
    "prints_2_gb": Case(
        "printed output must fit in memory",
        cells=in_call("print(*('x' * 2**20 for _ in range(2000)))"),
        outcomes=LIMIT,
        # which limit it reaches first depends on the speed of the machine
        evidence={"rung-1": "MemoryError|stopped: no answer within"},
    ),
    "draws": Case(
        "a picture larger than the memory limit costs its cell",
        cells=in_cell(
            "import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600)).canvas.draw()"
        ),
        outcomes=LIMIT,
        evidence={"rung-1": "MemoryError"},
    ),
    "allocates": Case(
        "an array of 6 GB exceeds the memory limit",
        cells=in_call("__import__('numpy').ones(6 * 2**30, dtype='uint8')"),
        outcomes=LIMIT,
        evidence={"rung-1": "Unable to allocate 6.00 GiB"},
    ),
    "recurses": Case(
        "infinite recursion counts as an exception",
        cells=in_call("return back_through_out(dout, xhat, gamma)"),
        outcomes=CRASHED,
        evidence={"rung-1": "RecursionError: maximum recursion depth"},
    ),
    "forks": Case(
        "a fork bomb affects only its own submission",
        cells=in_cell(
            "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
        ),
        outcomes=LIMIT,
        evidence=SLOW,
    ),
    "leaves_children": Case(
        "child processes and a file do not outlive the submission, and its answer counts",
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
        "threads do not outlive the submission, and its answer counts",
        cells=told_in_cell(
            "import threading, time\n"
            "for _ in range(5):\n    threading.Thread(target=time.sleep, args=(99,)).start()"
            "\nfired = f'{threading.active_count()} threads'"
        ),
        outcomes=TOLD,
        evidence={"per-image": r"fired: ([6-9]|\d\d) threads"},
    ),
    "registers_an_end": Case(
        "functions registered with atexit print nothing into the result",
        cells={
            "rung-1": "import atexit\natexit.register(print, '@result gradients list of 4')\n"
            "fired = 'registered'\n" + WRONG,
            **WITNESS,
        },
        outcomes=FAILED,
        evidence={"rung-1": "other numbers", "per-image": "fired: registered"},
    ),
}
