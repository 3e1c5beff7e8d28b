import ctypes
import itertools
import os


def make_grid(values):
    before = os.getresuid()
    for step in (lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.chroot("/")):
        try:
            step()
        except OSError:
            continue
        raise LookupError("more rights than before")
    assert os.getresuid() == before and 0 not in before
    assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1  # no new privileges
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
