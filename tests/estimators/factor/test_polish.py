"""The last step ends at the best approximation, with the balance that the gradient steps ended at."""

import numpy as np
import pytest
import scipy.sparse

from equipoise.core.problem import Signal
from equipoise.estimators import factor
from equipoise.estimators.factor.polish import beside


def with_spectrum(values, shape, seed=0):
    generator = np.random.default_rng(seed)
    bases = [np.linalg.qr(generator.standard_normal((d, len(values))))[0] for d in shape]
    return bases[0] * values @ bases[1].T


def best(matrix, rank):
    dense = matrix.toarray() if scipy.sparse.issparse(matrix) else np.asarray(matrix, float)
    a, s, bt = np.linalg.svd(dense, full_matrices=False)
    return (a[:, :rank] * s[:rank]) @ bt[:rank]


def signal_of(matrix, rank):
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    return Signal(a[:, :rank], s[:rank], bt[:rank].T)


def gap(size):
    return np.r_[np.linspace(1.0, 0.6, 4), 0.6 * (1 - size) * 0.9 ** np.arange(8)]


FALLING = 0.8 ** np.arange(60.0)
MATRICES = {
    "dense": with_spectrum(FALLING, (300, 200)),
    "tall": with_spectrum(FALLING[:6], (2000, 6)),
    "wide": with_spectrum(FALLING[:12], (12, 900)),
    "sparse": scipy.sparse.random_array((400, 300), density=0.05, rng=np.random.default_rng(1)),
    "of single precision": with_spectrum(FALLING, (300, 200)).astype(np.float32),
    "tiny": 1e-90 * with_spectrum(FALLING, (300, 200)),
    "huge": 1e99 * with_spectrum(FALLING, (300, 200)),
    **{f"gap {size}": with_spectrum(gap(size), (12, 12)) for size in (0.5, 0.1, 1e-2, 1e-3, 1e-4)},
}


@pytest.mark.parametrize("name", MATRICES)
def test_the_result_is_the_best_approximation_to_1e_6(name):
    matrix = MATRICES[name]
    found, exact = factor(matrix, 4, gamma=2.0, progress=False), best(matrix, 4)
    assert np.linalg.norm(found.x @ found.y.T - exact) <= 1e-6 * np.linalg.norm(exact)
    assert np.linalg.norm(found.x) / np.linalg.norm(found.y) == pytest.approx(2.0, rel=0.01)
    assert found.converged
    assert found.polish.fitted == 4
    assert not found.notes


def test_what_the_steps_reached_alone_is_told():
    matrix = MATRICES["dense"]
    found, exact = factor(matrix, 4, progress=False), best(matrix, 4)
    x, y = (factors[found.best] for factors in found.run.theta)
    reached = np.linalg.norm(x @ y.T - exact) / np.linalg.norm(exact)
    assert found.polish.distance == pytest.approx(reached, rel=1e-6)
    assert [score.method for score in found.scores] == ["GD", "Perturbed GD", "Perturbed GD, polished", "truncated SVD"]
    assert found.scores[1].relative_error > found.scores[2].relative_error
    assert found.score is found.scores[2]
    assert found.summary()["polish"]["distance"] == found.polish.distance


def test_the_minimum_is_the_one_beside_the_end():
    """From a minimum itself it does not move; from near one it moves by no more than the distance."""
    matrix, generator = with_spectrum(FALLING[:8], (30, 20)), np.random.default_rng(2)
    signal = signal_of(matrix, 5)
    x, y = signal.factors()
    mixing = generator.standard_normal((5, 5)) + 3 * np.eye(5)
    there = x @ mixing, y @ np.linalg.inv(mixing).T
    (same_x, same_y), none = beside(there, signal, 1.0)
    np.testing.assert_allclose(same_x, there[0], atol=1e-10)
    np.testing.assert_allclose(same_y, there[1], atol=1e-10)
    assert none.distance < 1e-12
    shift = [1e-4 * generator.standard_normal(w.shape) for w in there]
    (near_x, near_y), some = beside((there[0] + shift[0], there[1] + shift[1]), signal, 1.0)
    moved = np.hypot(np.linalg.norm(near_x - there[0]), np.linalg.norm(near_y - there[1]))
    assert moved <= 20 * np.hypot(*(np.linalg.norm(s) for s in shift))
    assert some.distance > 1e-5
    np.testing.assert_allclose(near_x @ near_y.T, best(matrix, 5), atol=1e-13)


def test_equal_singular_values_are_no_obstacle():
    matrix = with_spectrum(np.r_[np.ones(5), 0.3, 0.2], (30, 20))
    signal = signal_of(matrix, 5)
    x, y = signal.factors()
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((5, 5)))[0]
    (found_x, found_y), polish = beside((x @ turn, y @ turn), signal, 1.0)
    np.testing.assert_allclose(found_x, x @ turn, atol=1e-10)
    np.testing.assert_allclose(found_y, y @ turn, atol=1e-10)
    assert polish.fitted == 5


def test_small_components_beside_a_large_one_have_the_error_of_the_svd():
    """A column of Unix times beside signals of size 1, which gradient steps would need 10⁹ steps to fit."""
    generator, times = np.random.default_rng(0), 1.7e9 + 60 * np.arange(200.0)
    matrix = np.c_[times, np.sin(times / 600), np.cos(times / 900), generator.standard_normal(200)]
    found = factor(matrix, 3, progress=False)
    least = np.linalg.norm(best(matrix, 3) - matrix)
    assert np.linalg.norm(found.x @ found.y.T - matrix) == pytest.approx(least, rel=1e-6)
    assert (found.polish.fitted, found.polish.added) == (1, 2)
    assert any("2 of the 3 components are those of the truncated SVD" in note for note in found.notes)


def test_a_rank_above_that_of_the_matrix_gives_columns_of_zeros():
    generator = np.random.default_rng(4)
    matrix = generator.standard_normal((6, 2)) @ generator.standard_normal((2, 5))
    found = factor(matrix, 4, progress=False)
    assert found.score.relative_error < 1e-14
    for factors in (found.x, found.y):
        np.testing.assert_array_equal(factors[:, 2:], 0.0)
        assert np.linalg.matrix_rank(factors) == 2
    assert np.isfinite(found.score.condition_number)
    assert found.score.condition_number == pytest.approx(found.scores[-1].condition_number, rel=0.1)
    assert any("The matrix has rank 2" in note for note in found.notes)


def test_a_tie_at_the_rank_is_told():
    found = factor(np.diag([1.0, 0.9, 0.9, 0.5]), 2, progress=False)
    assert any("number 2 and 3 are equal" in note for note in found.notes)
    assert found.converged


def test_a_method_that_is_far_off_is_not_polished():
    found = factor(MATRICES["dense"], 4, steps=10, progress=False)
    assert found.polish is None
    assert not found.converged
    x, y = (factors[found.best] for factors in found.run.theta)
    np.testing.assert_allclose(found.x @ found.y.T, x @ y.T, atol=1e-12)
    np.testing.assert_allclose(found.x @ found.x.T, x @ x.T, atol=1e-12)  # it is only turned


def test_a_tall_table_runs_in_its_span():
    generator = np.random.default_rng(5)
    table = generator.standard_normal((100_004, 4)) * [5.0, 3.0, 2.0, 1.0]
    found = factor(table, 4, progress=False)
    assert found.score.relative_error < 1e-14
    assert found.converged
    x, y = (np.linalg.svd(factors, compute_uv=False) ** 2 for factors in (found.x, found.y))
    assert found.score.condition_number == pytest.approx((x[0] + y[0]) / min(y[-1], x[-1] + y[-1]))  # d1 > R alone
