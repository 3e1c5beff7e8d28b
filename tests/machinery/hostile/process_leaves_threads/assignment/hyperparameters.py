import itertools
import threading


def make_grid(values):
    for _ in range(3):
        threading.Thread(target=threading.Event().wait).start()
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
