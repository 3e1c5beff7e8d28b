"""The affine layer on arrays of all kinds, and at the size of a real layer."""

import numpy as np
import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.testing.compare import assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import each_kind
from tests.randomness import assert_shape


@pytest.mark.part("affine.forward", points=0.5)
@each_kind
def test_affine_forward_takes_any_array(draw, rng):
    """affine_forward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.affine(x, w, b).astype(x.dtype), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=0.5)
@each_kind
def test_affine_backward_takes_any_array(draw, rng):
    """affine_backward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    dout = draw(rng, (5, 4))
    cache = get_cache(affine_forward, x, w, b)
    got = call(affine_backward, dout, cache, returns="dx dw db")
    expected = oracles.gradients(oracles.affine, (x, w, b), dout)
    assert_matches("dx dw db", got, tuple(g.astype(x.dtype) for g in expected), x=x, w=w, b=b)


def draw_large(rng, *shapes):
    """Return float32 arrays. An answer fits into a message of 4 MB, in float64 too."""
    return tuple(rng.standard_normal(shape, np.float32) for shape in shapes)


def check_rows(name, got, left, right, rng, plus=0.0):
    """Compare a product of matrices, plus a vector, in some rows; exact sums would take minutes."""
    assert_shape(name, got, (len(left), right.shape[1]))
    rows = rng.choice(len(left), 40, replace=False)
    expected = np.einsum("nk,km->nm", left[rows].astype(float), right.astype(float)) + plus
    assert_matches(f"{name}[rows]", got[rows], expected.astype(np.float32), rows=rows)


@pytest.mark.part("affine.forward", points=0.5)
def test_affine_forward_at_full_size(rng):
    """A large layer takes one matrix product some milliseconds, and loops over numbers minutes."""
    x, w, b = draw_large(rng, (700, 11, 100), (1100, 700), (700,))
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    check_rows("out", out, x.reshape(700, 1100), w, rng, plus=b)


@pytest.mark.part("affine.backward", points=1)
def test_affine_backward_at_full_size(rng):
    """Two matrix products do for a large layer; no loop over numbers or weights would."""
    x, w, b, *upstream = draw_large(rng, (700, 4, 90), (360, 700), (700,), *2 * [(700, 700)])
    cache = get_cache(affine_forward, x, w, b)
    for dout in upstream:
        dx, dw, db = call(affine_backward, dout, cache, returns="dx dw db")
        assert_shape("dx", dx, x.shape)
        check_rows("dx", dx.reshape(700, 360), dout, w.T, rng)
        check_rows("dw", dw, x.reshape(700, 360).T, dout, rng)
        assert_matches("db", db, dout.sum(axis=0, dtype=float).astype(np.float32), dout=dout)
