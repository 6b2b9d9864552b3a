"""The minima, saddles and Hessian spectra of the objective without noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise as eq


def eigenvalues(problem, theta):
    return np.linalg.eigvalsh(np.asarray(eq.observables.dense_hessian(problem, theta)))


@pytest.mark.parametrize(("rows", "columns", "rank"), [(4, 3, 1), (3, 5, 2), (3, 3, 3)])
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_spectrum_at_any_point_of_zero_residual(rows, columns, rank, seed):
    random = np.random.default_rng(seed)
    theta = tuple(random.standard_normal((d, rank)) for d in (rows, columns))
    problem = eq.problems.factorization(theta, rank=rank, scale=0.7)
    expected = eq.theory.hessian_spectrum(theta, scale=0.7)
    np.testing.assert_allclose(eigenvalues(problem, theta), expected, atol=1e-12 * expected[-1])
    assert np.count_nonzero(expected == 0) == rank**2


def test_spectrum_where_the_factors_lack_rank():
    """Two columns for a matrix of rank 1: a third of the zeros more than r²."""
    problem = eq.problems.planted((4, 3), 1, seed=1, factors=2)
    theta = tuple(np.pad(w, ((0, 0), (0, 1))) for w in problem.signal.factors(2.0))
    expected = eq.theory.hessian_spectrum(theta)
    np.testing.assert_allclose(eigenvalues(problem, theta), expected, atol=1e-12)


@settings(max_examples=12)
@given(alpha=st.floats(0.1, 10) | st.floats(-10, -0.1))
def test_minima_of_rank_one(alpha):
    """No loss; the extreme eigenvalues and their ratio are those of Lemma 2."""
    problem = eq.problems.planted((4, 3), 1, values=(1.7,), seed=2)
    theta = eq.theory.global_minimum(problem.signal, alpha)
    assert float(problem.loss(theta)) < 1e-25
    found = eigenvalues(problem, theta)
    assert found[-1] == pytest.approx(eq.theory.sharpness(alpha, value=1.7), rel=1e-12)
    assert found[-1] / found[1] == pytest.approx(eq.theory.condition_number(alpha), rel=1e-8)
    assert abs(found[0]) < 1e-12 * found[-1]


def test_the_balanced_minimum_is_the_flattest():
    alphas = np.geomspace(0.1, 10, 101)
    assert alphas[np.argmin([eq.theory.sharpness(a) for a in alphas])] == pytest.approx(1)
    assert eq.theory.condition_number(1) == 2


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("rank", [1, 2])
def test_saddles(rank, side):
    """Stationary, and the most negative curvature is that of the closed form, at every size and at rank 2 too."""
    problem = eq.problems.planted((6, 5), rank, values=(1.6, 0.8)[:rank], seed=4)
    basis = (problem.signal.left, problem.signal.right)[side]
    random = np.random.default_rng(5)
    for size in (0.0, 0.1, 1.0, 10.0):
        factor = eq.theory.off_signal(basis, size * random.standard_normal(problem.shapes[side]))
        np.testing.assert_allclose(basis.T @ factor, 0, atol=1e-14)
        theta = [np.zeros(shape) for shape in problem.shapes]
        theta[side] = factor
        assert eq.theory.gradient_norms(problem, tuple(w[None] for w in theta))[0] < 1e-12
        expected = eq.theory.saddle_eigenvalue(problem.signal, factor)
        assert expected < 0
        assert eigenvalues(problem, tuple(theta))[0] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("alpha", [0.0, float("nan"), float("inf")])
def test_errors(alpha):
    signal = eq.problems.planted((4, 3), 1).signal
    for function in (eq.theory.condition_number, eq.theory.sharpness):
        with pytest.raises(eq.InputError, match=r"alpha is .* it must be finite"):
            function(alpha)
    with pytest.raises(eq.InputError, match=r"alpha is .* it must be finite"):
        eq.theory.global_minimum(signal, alpha)


def test_saddle_bound_is_the_eigenvalue_where_one_factor_vanishes():
    """(X, 0) with one column: g = ‖x‖², ρ = σ₁."""
    problem = eq.problems.planted((5, 4), 1, values=[2.0], seed=0)
    for size in (0.0, 0.3, 3.0, 1e4):
        x = eq.theory.off_signal(problem.signal.left, np.random.default_rng(0).standard_normal((5, 1)))
        x *= size / np.linalg.norm(x)
        wanted = eq.theory.saddle_eigenvalue(problem.signal, x, scale=0.8)
        assert eq.theory.saddle_bound(2.0, size**2, scale=0.8) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(("residual", "gap"), [(0.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (np.inf, 1.0), (1.0, np.nan)])
def test_saddle_bound_needs_a_residual(residual, gap):
    with pytest.raises(eq.InputError, match="must be finite"):
        eq.theory.saddle_bound(residual, gap)
