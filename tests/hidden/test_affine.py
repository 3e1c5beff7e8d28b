"""The affine layer on arrays of all kinds."""

import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.testing.compare import assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import each_kind


@pytest.mark.part("affine.forward", points=0.25)
@each_kind
def test_affine_forward_takes_any_array(draw, rng):
    """affine_forward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.affine(x, w, b).astype(x.dtype), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=1)
@each_kind
def test_affine_backward_takes_any_array(draw, rng):
    """affine_backward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2, 3)), draw(rng, (6, 4)), draw(rng, (4,))
    dout = draw(rng, (5, 4))
    cache = get_cache(affine_forward, x, w, b)
    got = call(affine_backward, dout, cache, returns="dx dw db")
    expected = oracles.gradients(oracles.affine, (x, w, b), dout)
    assert_matches("dx dw db", got, tuple(g.astype(x.dtype) for g in expected), x=x, w=w, b=b)
