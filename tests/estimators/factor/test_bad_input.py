"""A user's mistake is one sentence that says how to mend it."""

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.estimators import factor

MATRIX = np.random.default_rng(0).standard_normal((12, 8))  # of a size that others use: one compilation for all


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rank": 0}, "The rank is 0"),
        ({"rank": 9}, "between 1 and 8"),
        ({"gamma": 0.0}, "gamma is 0.0"),
        ({"gamma": -1.0}, "gamma is -1.0"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"steps": 0}, "number of steps is 0"),
        ({"step_size": 0.0}, "step size is 0.0"),
        ({"step_size": -1.0}, "step size is -1.0"),
        ({"noise": -0.1}, "noise is -0.1"),
        ({"noise": float("inf")}, "noise is inf"),
        ({"start_balance": 0.0}, "balance is 0.0"),
        ({"start_scale": -1.0}, "scale is -1.0"),
        ({"seed": -1}, "seed is -1"),
        ({"replicates": 0}, "replicates is 0"),
    ],
)
def test_numbers_out_of_range(arguments, said):
    with pytest.raises(InputError) as caught:
        factor(MATRIX, **{"rank": 3, **arguments})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[1.0, np.nan]], "NaN"),
        (np.zeros((3, 2)), "Every entry of the matrix is 0"),
        ([[1e200, 1.0]], "divide the matrix"),
        ([[1e-200, 0.0]], "divide the matrix"),
        ([1.0, 2.0], "two dimensions"),
        ([["a"]], "not numbers"),
    ],
)
def test_matrices_that_cannot_be_factored(matrix, said):
    with pytest.raises(InputError, match=said):
        factor(matrix, 1)


def test_too_large_a_step_size_is_told_the_largest_stable_one():
    with pytest.raises(InputError, match="the largest stable step size here is") as caught:
        factor(MATRIX, 3, step_size=10.0)
    told = float(str(caught.value).split("here is ")[1].split(";")[0])
    top = np.linalg.svd(MATRIX, compute_uv=False)[0]
    assert 0 < told <= (1 + 1e-5) / top  # 2/λmax with λmax = 2σ1 in balanced coordinates, or less for the start


def test_noise_that_makes_every_replicate_diverge_is_told():
    with pytest.raises(InputError, match=r"diverged within .* take less noise than 1000"):
        factor(MATRIX, 3, noise=1e3, steps=100)
