"""Cells that end, stop, flood or outlive the process that they run in."""

from __future__ import annotations

from tests.machinery.hostile_notebooks.cases import WRONG, Case, solve

__all__ = ["CASES"]

RIGHT = solve("rung-1")
CRASHED, LIMIT, FAILED = {"rung-1": "crashed"}, {"rung-1": "limit"}, {"rung-1": "failed"}


def in_call(code: str) -> dict[str, str]:
    """Return a cell whose function does something else, and then returns the right answer."""
    return {"rung-1": RIGHT.replace("    ### BEGIN", f"    {code}\n    ### BEGIN")}


def in_cell(code: str) -> dict[str, str]:
    """Return a cell that does something, and then defines the right function."""
    return {"rung-1": f"{code}\n\n\n{RIGHT}"}


CASES = {
    "loops_in_the_cell": Case("an endless loop costs its cell", in_cell("while True: pass"), LIMIT),
    "loops_in_the_call": Case("and so it does in a function", in_call("while True: pass"), LIMIT),
    "sleeps": Case(
        "who waits for ever has no answer", in_call("__import__('time').sleep(99)"), LIMIT
    ),
    "stops": Case(
        "a process that stops itself has none either",
        in_call("__import__('os').kill(0, 19); __import__('time').sleep(99)"),
        LIMIT,
    ),
    "leaves_in_the_cell": Case(
        "exit code 0 is no pass", in_cell("import os\nos._exit(0)"), CRASHED
    ),
    "leaves_in_the_call": Case("nor later", in_call("__import__('os')._exit(0)"), CRASHED),
    "sys_exit": Case(
        "sys.exit is an exception", in_cell("import sys\nsys.exit()"), {"rung-1": "crashed"}
    ),
    "exit_of_ipython": Case("neither does quit() end the shell", in_call("quit()"), CRASHED),
    "interrupts": Case(
        "KeyboardInterrupt reaches nobody else", in_call("raise KeyboardInterrupt"), CRASHED
    ),
    "base_exception": Case("any exception is one", in_call("raise BaseException"), CRASHED),
    "segfault": Case(
        "nor does a broken pointer", in_call("__import__('ctypes').string_at(0)"), CRASHED
    ),
    "kills_parent": Case(
        "a cell finds no process to kill but its own, which is the first of its world",
        in_cell(
            "import os\n"
            "for pid in (*range(1, 20), -1, -2):\n"
            "    try:\n"
            "        os.kill(pid, 9)\n"
            "    except OSError:\n"
            "        pass"
        ),
        {},
    ),
    "kills_its_group": Case(
        "the parent's number is 0, which means one's own group",
        in_cell("import os\nos.kill(os.getppid(), 9)\nos.abort()"),
        CRASHED,
    ),
    "prints_200_mb": Case(
        "what a cell prints does not count, however much it is",
        in_cell("for _ in range(200):\n    print('x' * 2**20)"),
        {},
    ),
    "prints_a_million_lines": Case(
        "not even where a function prints it above its results",
        in_call("print('x\\n' * 10**6)"),
    ),
    "prints_control_characters": Case(
        "or prints what becomes six times as long on its way",
        in_call("print('\\0\\r\\b' * 10**6)"),
    ),
    "displays": Case(
        "neither does what is displayed",
        in_cell(
            "from IPython.display import display\nfor _ in range(9):\n    display('\\0' * 10**5)"
        ),
    ),
    "prints_2_gb": Case(
        "but it must find room",
        in_call("print(*('x' * 2**20 for _ in range(2000)))"),
        LIMIT,
    ),
    "draws": Case(
        "a picture larger than the memory is the limit's business",
        in_cell("import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600)).canvas.draw()"),
        LIMIT,
    ),
    "allocates": Case(
        "6 GB are more than there is",
        in_call("__import__('numpy').ones(6 * 2**30, dtype='uint8')"),
        LIMIT,
    ),
    "recurses": Case(
        "a recursion without end is an exception",
        in_call("return back_through_out(dout, xhat, gamma)"),
        CRASHED,
    ),
    "forks": Case(
        "a bomb of forks fills only its own house",
        in_cell(
            "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
        ),
        LIMIT,
    ),
    "leaves_children": Case(
        "children, and a file, are left behind by none, and the answer counts",
        in_cell(
            "import os, subprocess, tempfile, time\n"
            "open(f'{tempfile.gettempdir()}/a-submission-was-here', 'w').close()\n"
            "subprocess.Popen(['sleep', '99'], start_new_session=True)\n"
            "if os.fork() == 0:\n    os.setsid()\n    time.sleep(99)\n    os._exit(0)"
        ),
        {},
    ),
    "leaves_threads": Case(
        "nor are threads",
        in_cell(
            "import threading, time\n"
            "for _ in range(5):\n    threading.Thread(target=time.sleep, args=(99,)).start()"
        ),
        {},
    ),
    "registers_an_end": Case(
        "what is left for the end prints nothing into the result",
        {"rung-1": "import atexit\natexit.register(print, '@result gradients list of 3')" + WRONG},
        FAILED,
    ),
}
