"""Arrays of a wrong class, dtype or shape, and objects that imitate arrays."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case, below

__all__ = ["CASES"]

CASES = {
    "array_protocol": Case(
        "an object with __array__, __len__ and __iter__ is not an array",
        files=below(
            "hyperparameters.py",
            """
class Anything:
    # Gives whatever NumPy asks for.
    shape, dtype, ndim = (4000,), np.dtype(np.float64), 1

    def __array__(self, dtype=None, copy=None):
        return np.zeros(4000)

    def __getitem__(self, key):
        return 0.0

    def __len__(self):
        return 4000

    def __iter__(self):
        return iter(4000 * [0.0])

    def __float__(self):
        return 0.0


def draw_uniform(low, high, rng, size=None):
    return Anything() if size else rng.uniform(low, high)


def draw_log_uniform(low, high, rng, size=None):
    return Anything() if size else np.exp(rng.uniform(np.log(low), np.log(high)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "Anything"},
    ),
    "masked_arrays": Case(
        "a fully masked array is wrong, although every comparison with it holds",
        files=below(
            "hyperparameters.py",
            """
def draw_uniform(low, high, rng, size=None):
    return np.ma.masked_all(size) if size else rng.uniform(low, high)


def draw_log_uniform(low, high, rng, size=None):
    return np.ma.masked_all(size) if size else np.exp(rng.uniform(np.log(low), np.log(high)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "MaskedArray"},
    ),
    "memory_map": Case(
        "a memory-mapped array is a wrong answer",
        files=below(
            "hyperparameters.py",
            """
import tempfile


def convert(values):
    if not np.ndim(values):
        return values
    mapped = np.memmap(tempfile.TemporaryFile(), dtype=float, shape=values.shape)
    mapped[...] = values
    return mapped


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "memmap"},
    ),
    "object_arrays": Case(
        "arrays of Python objects are wrong answers",
        files=below(
            "hyperparameters.py",
            """
def convert(values):
    return np.asarray(values).astype(object)


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "got       ndarray|is a ndarray"},
    ),
    "strange_dtypes": Case(
        "big-endian, longdouble and structured numbers are not float64",
        files=below(
            "hyperparameters.py",
            """
def draw_uniform(low, high, rng, size=None):
    values = rng.uniform(low, high, size)
    return values.astype(">f8") if size else np.longdouble(values)


def draw_log_uniform(low, high, rng, size=None):
    values = np.exp(rng.uniform(np.log(low), np.log(high), size))
    return np.asarray(values).astype([("value", float)])


def random_search(evaluate, space, num_trials, rng, map=map):
    draws = {"uniform": draw_uniform, "log_uniform": draw_log_uniform}
    for draw, _, _ in space.values():
        if draw not in draws:
            raise ValueError(f"unknown draw {draw}")
    trials = []
    for _ in range(num_trials):
        trials.append(
            {
                k: float(np.asarray(draws[d](a, b, rng)).astype(float))
                for k, (d, a, b) in space.items()
            }
        )
    scored = list(zip(map(evaluate, trials), trials))
    return sorted(scored, key=lambda trial: np.nan_to_num(-trial[0], nan=np.inf))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "got       ndarray|is a ndarray|is a longdouble"},
    ),
    "wrong_dtype": Case(
        "float32 is not float64",
        files=below(
            "hyperparameters.py",
            """
def convert(values):
    return values.astype(np.float32) if np.ndim(values) else values


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        points={
            # the values are right
            "hyperparameters.draws": FULL["hyperparameters.draws"] - 0.25,
        },
        evidence={"hyperparameters.draws": "got       float32"},
    ),
    "wrong_shapes": Case(
        "right values in shape (N, 1) are wrong if shape (N,) is expected",
        files=below(
            "hyperparameters.py",
            """
def convert(values):
    return values[..., np.newaxis] if np.ndim(values) else values


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": r"got       .*, 1\)"},
    ),
}
