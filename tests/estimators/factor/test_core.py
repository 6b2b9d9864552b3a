"""A large matrix is factored in the span of its leading singular vectors, with the same result."""

import math

import numpy as np
import pytest

from equipoise.estimators import factor
from equipoise.estimators.factor.core import core_of
from equipoise.estimators.factor.settings import Wishes, choose
from equipoise.estimators.factor.target import LARGE, SURPLUS, target_of
from equipoise.machine import native

SHAPE, RANK = (300, 200), 12


@pytest.fixture(scope="module")
def matrix():
    """300 x 200 with a falling spectrum, so that much is left beyond the rank and beyond the core."""
    generator = np.random.default_rng(5)
    bases = [np.linalg.qr(generator.standard_normal((d, 60)))[0] for d in SHAPE]
    return bases[0] * np.arange(1.0, 61.0) ** -0.7 @ bases[1].T


@pytest.fixture(scope="module")
def found(matrix):
    return factor(matrix, RANK, gamma=2.0, progress=False)


def test_the_core_is_diagonal_and_small(matrix):
    core = core_of(target_of(matrix, RANK))
    assert sum(SHAPE) * RANK > LARGE
    assert core.target.shape == (RANK + SURPLUS, RANK + SURPLUS)
    small = core_of(target_of(matrix[:20, :15], RANK))
    assert small.left is None


def test_the_result_is_the_best_approximation_with_the_balance_asked_for(matrix, found):
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    best = (a[:, :RANK] * s[:RANK]) @ bt[:RANK]
    assert np.linalg.norm(found.x @ found.y.T - best) <= 1e-6 * np.linalg.norm(best)
    # by themselves the steps end once the error is 0.1% above the least one or closer, as for a small matrix
    assert found.target.excess(found.scores[1].relative_error) <= 1e-3
    assert np.linalg.norm(found.x) / np.linalg.norm(found.y) == pytest.approx(2.0, rel=0.01)
    assert found.converged


def test_recorded_losses_are_those_of_the_whole_matrix(matrix, found):
    x, y = (factors[found.best] for factors in found.run.theta)
    lost = np.linalg.norm(x @ y.T - matrix)
    loss = float(found.run.dataset["loss"].values[found.best, -1])
    assert math.sqrt(2 * loss) == pytest.approx(lost, rel=1e-9)
    assert found.scores[1].relative_error == pytest.approx(lost / np.linalg.norm(matrix), rel=1e-9)
    assert found.run.theta[0].shape[1:] == (SHAPE[0], RANK)


def test_noise_has_the_same_strength_on_fewer_entries(matrix, found):
    target = target_of(matrix, RANK)
    core = core_of(target)
    said = Wishes(1.0, None, None, 0.01, 100.0, None)
    inner = choose(core.target, core.wishes(said))
    outer = core.reported(inner)
    assert outer.noise[1] == pytest.approx(0.01)
    for d, std, other in zip(SHAPE, outer.noise, inner.noise, strict=True):
        assert d * std**2 == pytest.approx((RANK + SURPLUS) * other**2)


@pytest.mark.skipif(bool(native.missing()), reason="installed without a C++ compiler")
def test_it_runs_on_the_native_engine(found):
    assert found.run.dataset.attrs["engine"] == "native"
