"""Constructors of diagonal networks and of tensors: the losses they stand for, and what they refuse."""

import numpy as np
import pytest

import equipoise as eq

_G = np.random.default_rng(0)
INPUTS, TARGETS = _G.standard_normal((4, 3)), _G.standard_normal(4)
TENSOR = np.einsum("ar,br,cr->abc", *(_G.standard_normal((size, 2)) for size in (3, 4, 2)))


def _theta(problem):
    return tuple(np.random.default_rng(1).standard_normal(shape) for shape in problem.shapes)


@pytest.mark.parametrize(
    ("name", "options", "vector"),
    [
        ("powers", {}, lambda u, v: u**2 - v**2),
        ("powers", {"depth": 3}, lambda u, v: u**3 - v**3),
        ("product", {}, lambda u, v: u * v),
        ("product", {"depth": 3}, lambda u, v, w: u * v * w),
        ("direct", {}, lambda w: w),
    ],
)
def test_the_loss_of_a_regression(name, options, vector):
    problem = eq.problems.regression(INPUTS, TARGETS, parametrization=name, scale=0.5, **options)
    theta = _theta(problem)
    residual = INPUTS @ vector(*theta)[:, 0] - TARGETS
    assert float(problem.loss(theta)) == pytest.approx(0.5 * residual @ residual, rel=1e-13)


def test_the_true_vector_is_the_signal():
    truth = np.array([3.0, 0.0, -4.0])
    problem = eq.problems.regression(INPUTS, INPUTS @ truth, signal=truth)
    assert problem.known_signal().values == pytest.approx([5.0])
    at = problem.point(truth[:, None])
    error = eq.evaluate(problem, at, "reconstruction_error")["reconstruction_error"]
    assert error == pytest.approx(0.0, abs=1e-12)


def test_what_a_regression_refuses():
    with pytest.raises(eq.InputError, match=r"^There is no parametrization 'powder'; use 'powers'"):
        eq.problems.regression(INPUTS, TARGETS, parametrization="powder")
    with pytest.raises(eq.InputError, match=r"^The depth of a product is 1"):
        eq.problems.regression(INPUTS, TARGETS, parametrization="product", depth=1)
    with pytest.raises(eq.InputError, match=r"The parametrization makes matrices of shape \(4, 1\)"):
        eq.problems.regression(INPUTS, TARGETS, parametrization=eq.problems.Hadamard((4, 1)))


def test_methods_and_observables_of_two_factors_refuse_diagonal_networks():
    """θ is a pair of arrays there too, but not the factors of a product."""
    problem = eq.problems.regression(INPUTS, TARGETS, signal=np.ones(3))
    assert "RegularizedGD balances two factors" in eq.dynamics.RegularizedGD(0.1).refusal(problem)
    assert eq.dynamics.LineSearch(0.1).refusal(problem) == ""
    deep = eq.problems.regression(INPUTS, TARGETS, depth=3)
    assert "degree 1 or 2 in θ, but here it has degree 3" in eq.dynamics.LineSearch(0.1).refusal(deep)
    for name in ("matrix_gap", "distance", "projections"):
        with pytest.raises(eq.InputError, match=rf"^The observable {name} needs two factors, but here each entry"):
            eq.evaluate(problem, _theta(problem), name)
    with pytest.raises(eq.InputError, match=r"^The native engine runs factorizations XYᵀ alone"):
        eq.simulate(
            problem, eq.dynamics.GradientDescent(0.1), eq.initial.Constant(0.1), seed=0, steps=1, engine="native"
        )


def test_the_loss_of_a_tensor():
    problem = eq.problems.tensor_factorization(TENSOR, 3)
    theta = _theta(problem)
    wanted = 0.5 * np.sum((np.einsum("ar,br,cr->abc", *theta) - TENSOR) ** 2)
    assert float(problem.loss(theta)) == pytest.approx(wanted, rel=1e-12)


def test_a_tensor_from_some_of_its_entries():
    """Given by NaN or by indices, the loss is that of these entries."""
    known = _G.random(TENSOR.shape) < 0.5
    by_nan = eq.problems.tensor_completion(np.where(known, TENSOR, np.nan), 2)
    places = np.nonzero(known)
    by_index = eq.problems.tensor_completion((*places, TENSOR[places]), 2, shape=TENSOR.shape)
    theta = _theta(by_nan)
    wanted = np.sum((np.einsum("ar,br,cr->abc", *theta) - TENSOR)[known] ** 2)
    for problem in (by_nan, by_index):
        assert float(problem.loss(theta)) == pytest.approx(wanted, rel=1e-12)


def test_descent_finds_a_tensor_of_low_rank():
    problem = eq.problems.tensor_factorization(TENSOR, 2)
    run = eq.simulate(
        problem, eq.dynamics.GradientDescent(0.02), eq.initial.Gaussian(0.3), seed=0, steps=2000, replicates=2
    )
    error = run.dataset["loss"].values[:, -1].min() / np.sum(TENSOR**2)
    assert error < 1e-10


def test_what_a_tensor_refuses():
    with pytest.raises(eq.InputError, match=r"^The tensor has shape \(3,\); give at least two axes"):
        eq.problems.tensor_factorization(np.ones(3), 1)
    with pytest.raises(eq.InputError, match=r"^The width is 0"):
        eq.problems.tensor_factorization(TENSOR, 0)
    with pytest.raises(eq.InputError, match=r"^The unfolded tensor"):
        eq.problems.tensor_factorization(np.full((2, 2, 2), np.nan), 1)
    with pytest.raises(eq.InputError, match=r"^Give entries as \(i, j, k, …, values\) with shape="):
        eq.problems.tensor_completion((np.array([0]), np.array([0]), np.array([1.0])), 1)
    with pytest.raises(eq.InputError, match=r"^The indices do not fit a tensor of shape \(2, 2, 2\)"):
        eq.problems.tensor_completion((*(np.array([i]) for i in (0, 1, 2)), np.array([1.0])), 1, shape=(2, 2, 2))
    with pytest.raises(eq.InputError, match=r"^There is no row 2"):
        eq.problems.tensor_completion((*(np.array([i]) for i in (2, 1, 1)), np.array([1.0])), 1, shape=(2, 2, 2))
