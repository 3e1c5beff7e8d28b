"""The affine layer on arrays as callers really pass them."""

import numpy as np
import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.compare import assert_matches, call
from tests import oracles


def as_float32(rng, shape):
    return rng.normal(size=shape).astype(np.float32)


def as_read_only(rng, shape):
    x = rng.normal(size=shape)
    x.flags.writeable = False
    return x


def as_fortran(rng, shape):
    return np.asfortranarray(rng.normal(size=shape))


def as_view(rng, shape):
    return rng.normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]


KINDS = [as_float32, as_read_only, as_fortran, as_view]


@pytest.mark.part("affine.forward", points=1)
@pytest.mark.parametrize("draw", KINDS, ids=lambda kind: kind.__name__)
def test_affine_forward_takes_any_array(draw, rng):
    """affine_forward takes float32, read-only, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.affine(x, w, b).astype(x.dtype), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=2)
@pytest.mark.parametrize("draw", KINDS, ids=lambda kind: kind.__name__)
def test_affine_backward_takes_any_array(draw, rng):
    """affine_backward takes float32, read-only, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    dout = draw(rng, (5, 4))
    _, cache = affine_forward(x, w, b)
    got = call(affine_backward, dout, cache, returns="dx dw db")
    expected = oracles.gradients(oracles.affine, (x, w, b), dout)
    assert_matches("dx dw db", got, tuple(g.astype(x.dtype) for g in expected), x=x, w=w, b=b)
