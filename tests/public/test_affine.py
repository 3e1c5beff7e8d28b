"""The affine layer against plain loops and the complex step."""

import numpy as np
import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.testing.compare import (
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    get_cache,
)
from tests import oracles

each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])
SHAPES = [(3, 4, 5), (6, 5), (1, 3), (4, 1), (2, 3, 2, 2)]


def draw(rng, shape, M=3):
    """Return x, w, b and dout for an affine layer with M outputs."""
    D = int(np.prod(shape[1:]))
    arrays = (rng.normal(size=s) for s in (shape, (D, M), M, (shape[0], M)))
    return tuple(arrays)


@pytest.mark.part("affine.forward", points=0.5)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_affine_forward_values(shape, rng):
    """affine_forward gives the values of a plain loop."""
    x, w, b, _ = draw(rng, shape)
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.affine(x, w, b), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=1)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_affine_backward_values(shape, rng):
    """affine_backward gives the gradients of the forward formula for any upstream gradient."""
    x, w, b, dout = draw(rng, shape)
    cache = get_cache(affine_forward, x, w, b)
    got = call(affine_backward, dout, cache, returns="dx dw db")
    assert_matches("dx dw db", got, oracles.gradients(oracles.affine, (x, w, b), dout), x=x, w=w)


@pytest.mark.part("affine.forward", points=0.25)
def test_affine_forward_arguments(rng):
    """affine_forward leaves its arguments as they are, and a second call gives the same."""
    x, w, b, _ = draw(rng, (3, 2, 4))
    out, _ = call_twice(affine_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.affine(x, w, b), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=0.25)
def test_affine_backward_arguments(rng):
    """affine_backward leaves its arguments as they are, and a second call gives the same."""
    x, w, b, dout = draw(rng, (3, 2, 4))
    cache = get_cache(affine_forward, x, w, b)
    got = call_twice(affine_backward, dout, cache, returns="dx dw db")
    assert_matches("dx dw db", got, oracles.gradients(oracles.affine, (x, w, b), dout), x=x, w=w)


@pytest.mark.part("affine.forward", points=0.25)
@each_dtype
def test_affine_forward_dtypes(dtype, rng):
    """affine_forward answers in the dtype of its inputs."""
    x, w, b, _ = (array.astype(dtype) for array in draw(rng, (3, 2, 4)))
    out, _ = call(affine_forward, x, w, b, returns="out cache")
    assert_dtypes("out", out, dtype, x=x, w=w, b=b)
    assert_matches("out", out, oracles.affine(x, w, b), x=x, w=w, b=b)


@pytest.mark.part("affine.backward", points=0.25)
@each_dtype
def test_affine_backward_dtypes(dtype, rng):
    """affine_backward answers in the dtype of its inputs."""
    x, w, b, dout = (array.astype(dtype) for array in draw(rng, (3, 2, 4)))
    cache = get_cache(affine_forward, x, w, b)
    got = call(affine_backward, dout, cache, returns="dx dw db")
    assert_dtypes("dx dw db", got, dtype, dout=dout)
    assert_matches("dx dw db", got, oracles.gradients(oracles.affine, (x, w, b), dout), x=x, w=w)
