"""The known optimum: attached, computed, and of double precision in any mode."""

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq
from equipoise.problems import AbstractProblem, Signal, factorization, planted, signal_of

M = np.random.default_rng(12).standard_normal((14, 11)) * (np.random.default_rng(13).random((14, 11)) < 0.6)
U, S, VT = np.linalg.svd(M, full_matrices=False)
FORMS = {
    "dense": M,
    "factored": (U * S, VT.T),
    "sparse": scipy.sparse.csr_array(M),
}


@pytest.mark.parametrize("rank", [1, 3, 9])
@pytest.mark.parametrize("form", FORMS)
def test_it_is_the_truncated_svd(form, rank):
    """Rank 3 of the sparse form is found by ARPACK, rank 9 by a dense SVD; no mode of JAX is asked for."""
    signal = factorization(FORMS[form], rank=rank).with_signal().known_signal()
    assert signal.left.dtype == signal.values.dtype == np.float64
    np.testing.assert_allclose(signal.values, S[:rank], rtol=1e-12)
    best = U[:, :rank] * S[:rank] @ VT[:rank]
    np.testing.assert_allclose(signal.left * signal.values @ signal.right.T, best, atol=1e-12)
    for side in (signal.left, signal.right):
        np.testing.assert_allclose(side.T @ side, np.eye(rank), atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_signs_are_fixed(form):
    left = factorization(FORMS[form], rank=3).with_signal().known_signal().left
    assert np.all(left[np.argmax(np.abs(left), axis=0), np.arange(3)] > 0)


def test_the_same_call_gives_the_same_numbers():
    first, second = (factorization(FORMS["sparse"], rank=3).with_signal().known_signal() for _ in range(2))
    np.testing.assert_array_equal(first.left, second.left)


@pytest.mark.parametrize("shape", [(4, 3), (14, 13)])
@pytest.mark.parametrize("wrap", [np.asarray, scipy.sparse.csr_array])
def test_a_matrix_of_zeros_has_one_too(shape, wrap):
    signal = factorization(wrap(np.zeros(shape)), rank=2).with_signal().known_signal()
    assert signal.values.tolist() == [0.0, 0.0]
    for side in (signal.left, signal.right):
        np.testing.assert_allclose(side.T @ side, np.eye(2), atol=1e-14)


def test_a_sparse_matrix_of_lower_rank():
    matrix = np.zeros((20, 15))
    matrix[0, 0], matrix[5, 7] = 3.0, 2.0
    signal = factorization(scipy.sparse.csr_array(matrix), rank=4).with_signal().known_signal()
    np.testing.assert_allclose(signal.values, [3.0, 2.0, 0.0, 0.0], atol=1e-14)
    np.testing.assert_allclose(signal.left * signal.values @ signal.right.T, matrix, atol=1e-14)


def test_what_is_attached_stays():
    given = Signal(np.eye(14, 1), np.ones(1), np.eye(11, 1))
    problem = factorization(M, rank=1, signal=given)
    assert problem.known_signal() is given
    assert problem.with_signal() is problem
    assert factorization(M, rank=1).known_signal() is None
    penalized = eq.problems.Penalized(problem, (np.eye(1), np.eye(1)), np.asarray(0.0))
    assert penalized.known_signal() is given
    assert penalized.with_signal().known_signal() is given


def test_it_is_found_where_it_is_asked_for():
    assert signal_of(planted((4, 3), 1)).values.tolist() == [1.0]
    assert signal_of(factorization(M, rank=2)).values.shape == (2,)


class Bowl(AbstractProblem):
    """½‖θ‖²: a problem that is no factorization."""

    @property
    def shapes(self):
        return ((3,),)

    @property
    def dtype(self):
        return np.dtype(np.float64)

    def loss(self, theta):
        return 0.5 * (theta[0] ** 2).sum()

    def gradient(self, theta):
        return (1.0 * theta[0],)

    def curvature(self, theta):
        return None


def test_other_problems_have_none():
    with pytest.raises(eq.InputError, match=r"^Bowl has no known optimum; use a factorization problem\.$"):
        signal_of(Bowl())


def test_a_problem_of_ones_own_runs():
    """The five members are all that the loop and the general observables need."""
    record = eq.Record(every=10, observables=("loss", "sharpness", "hessian_trace", "condition_number"))
    start = eq.initial.Given((np.array([1.0, 2.0, 3.0]),))
    run = eq.simulate(Bowl(), eq.dynamics.GradientDescent(0.1), start, seed=0, steps=10, record=record)
    np.testing.assert_allclose(run.theta[0][0], 0.9**10 * np.array([1.0, 2.0, 3.0]), rtol=1e-13)
    last = run.dataset.isel(replicate=0, step=-1)
    np.testing.assert_allclose([last["sharpness"], last["hessian_trace"], last["condition_number"]], [1.0, 3.0, 1.0])


@pytest.mark.parametrize("observable", ["balance", "distance", "relative_error", "nuclear_norm", "projections"])
def test_what_needs_a_factorization_says_so(observable):
    with pytest.raises(eq.InputError) as caught:
        eq.evaluate(Bowl(), (np.ones(3),), (observable,))
    assert observable in str(caught.value)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_factors_of_the_signal_are_balanced(gamma):
    signal = planted((5, 4), 2, values=(3.0, 1.0), seed=0).signal
    x, y = signal.factors(gamma)
    np.testing.assert_allclose(x @ y.T, signal.left * signal.values @ signal.right.T, atol=1e-14)
    np.testing.assert_allclose(x.T @ x, gamma**2 * y.T @ y, atol=1e-14)
    assert np.linalg.norm(x) / np.linalg.norm(y) == pytest.approx(gamma)
