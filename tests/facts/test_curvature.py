"""Sharpness, trace and condition number against the Hessian as a dense matrix, and against Lemma 2."""

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import equipoise as eq
from equipoise.observables import dense_hessian

pytestmark = pytest.mark.usefixtures("double")

CURVATURE = ("sharpness", "hessian_trace", "condition_number")


def _hessian(problem, theta):
    return np.asarray(dense_hessian(problem, theta))


def _gauss_newton(problem, theta):
    """2 scale JᵀJ with J the Jacobian of θ -> XYᵀ."""
    flat, unravel = ravel_pytree(theta)

    def product(point):
        x, y = unravel(point)
        return (x @ y.T).ravel()

    jacobian = np.asarray(jax.jacobian(product)(flat))
    return problem.measurement.curvature_scale() * jacobian.T @ jacobian


def _nonzero(eigenvalues):
    sizes = np.abs(eigenvalues)
    return sizes[sizes > 1e-10 * sizes.max()]


def _condition(matrix):
    sizes = _nonzero(np.linalg.eigvalsh(matrix))
    return sizes.max() / sizes.min()


def _minimum(shape, values, stretch, seed=0):
    """A minimum (√S A D, √S B D⁻ᵀ) of the planted problem that is as unbalanced as D = `stretch` is."""
    problem = eq.problems.planted(shape, len(values), values=values, seed=seed)
    x, y = problem.signal.factors()
    return problem, (np.asarray(x @ stretch), np.asarray(y @ np.linalg.inv(stretch).T))


def test_dense_hessian_is_that_of_autodiff(matrix, point):
    problem = eq.problems.factorization(matrix, rank=2)
    theta = point(problem)
    flat, unravel = ravel_pytree(theta)
    wanted = jax.jit(jax.hessian(lambda p: problem.loss(unravel(p))))(flat)
    np.testing.assert_allclose(_hessian(problem, theta), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("products", [19, 23])
def test_sharpness_without_the_vectors_of_lanczos(rank, products, monkeypatch):
    # at a minimum the Hessian has few distinct eigenvalues: Lanczos goes on long after it is exhausted
    monkeypatch.setattr("equipoise.observables.hessian.KEPT_NUMBERS", 0)
    problem, theta = _minimum((7, 6), np.array([2.0, 1.5])[:rank], np.diag([1.7, 0.8])[:rank, :rank])
    found = eq.evaluate(problem, theta, (eq.observables.sharpness(products),))
    assert float(found["sharpness"]) == pytest.approx(np.linalg.eigvalsh(_hessian(problem, theta))[-1], rel=1e-12)


@pytest.mark.parametrize("rank", [1, 2])
def test_sharpness_and_trace_anywhere(matrix, point, rank):
    problem = eq.problems.factorization(matrix, rank=rank, scale=1.5)
    theta = point(problem)
    eigenvalues = np.linalg.eigvalsh(_hessian(problem, theta))
    found = eq.evaluate(problem, theta, (eq.observables.sharpness(products=60), "hessian_trace"))
    assert float(found["sharpness"]) == pytest.approx(eigenvalues[-1], rel=1e-12)
    assert float(found["hessian_trace"]) == pytest.approx(eigenvalues.sum(), rel=1e-12)


def test_sharpness_of_few_products_is_a_lower_bound_that_tightens(matrix, point):
    problem = eq.problems.factorization(matrix, rank=2)
    theta = point(problem)
    largest = np.linalg.eigvalsh(_hessian(problem, theta))[-1]
    ladder = [
        float(eq.evaluate(problem, theta, (eq.observables.sharpness(products=k),))["sharpness"]) for k in (2, 4, 12)
    ]
    assert ladder == sorted(ladder)
    assert ladder[0] < 0.999 * largest
    assert all(value <= largest * (1 + 1e-12) for value in ladder)
    assert ladder[-1] == pytest.approx(largest, rel=1e-6)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3), (3, 2), (2, 2)])
def test_condition_number_is_that_of_the_gauss_newton_part(shape):
    """Also where a factor is square, and its Gram matrix's eigenvalues no longer stand alone."""
    problem = eq.problems.factorization(np.random.default_rng(1).standard_normal(shape), rank=2, scale=0.7)
    generator = np.random.default_rng(2)
    theta = tuple(generator.standard_normal(s) for s in problem.shapes)
    part = _gauss_newton(problem, theta)
    known = problem.curvature(theta)
    sizes = _nonzero(np.linalg.eigvalsh(part))
    assert float(known.largest) == pytest.approx(sizes.max(), rel=1e-12)
    assert float(known.smallest) == pytest.approx(sizes.min(), rel=1e-10)
    assert float(known.trace) == pytest.approx(np.trace(part), rel=1e-12)
    found = eq.evaluate(problem, theta, ("condition_number",))["condition_number"]
    assert float(found) == pytest.approx(_condition(part), rel=1e-10)


@pytest.mark.parametrize("stretch", [1.0, 2.0, 0.3])
@pytest.mark.parametrize("values", [(1.0,), (2.0, 0.5)])
def test_at_a_minimum_all_three_are_those_of_the_hessian(values, stretch):
    bend = stretch * (np.eye(len(values)) + 0.2 * np.triu(np.ones((len(values),) * 2), 1))
    problem, theta = _minimum((5, 4), values, bend)
    hessian = _hessian(problem, theta)
    found = eq.evaluate(problem, theta, CURVATURE)
    assert float(found["sharpness"]) == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-9)
    assert float(found["hessian_trace"]) == pytest.approx(np.trace(hessian), rel=1e-12)
    assert float(found["condition_number"]) == pytest.approx(_condition(hessian), rel=1e-8)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0, 1.5, 4.0])
def test_lemma_2(alpha):
    """At (αu*, v*/α): κ = max(α⁴, α⁻⁴) + 1, λmax = α² + α⁻² (Liu et al. 2021), and the trace d1/α² + d2 α²."""
    problem, theta = _minimum((5, 4), (1.0,), np.array([[alpha]]))
    found = eq.evaluate(problem, theta, CURVATURE)
    assert float(found["condition_number"]) == pytest.approx(max(alpha**4, alpha**-4) + 1, rel=1e-12)
    assert float(found["sharpness"]) == pytest.approx(alpha**2 + alpha**-2, rel=1e-12)
    assert float(found["hessian_trace"]) == pytest.approx(5 / alpha**2 + 4 * alpha**2, rel=1e-12)
    assert _condition(_hessian(problem, theta)) == pytest.approx(max(alpha**4, alpha**-4) + 1, rel=1e-9)


def _bare(problem):
    """The same problem without closed forms: penalties that are zero."""
    zeros = tuple(np.zeros((r, r)) for _, r in problem.shapes)
    return eq.problems.Penalized(problem, zeros, np.asarray(0.0))


@pytest.mark.parametrize("values", [(1.0,), (2.0, 0.5)])
def test_closed_forms_agree_with_lanczos_at_a_minimum(values):
    problem, theta = _minimum((5, 4), values, 1.5 * np.eye(len(values)))
    closed, lanczos = (eq.evaluate(p, theta, CURVATURE) for p in (problem, _bare(problem)))
    assert _bare(problem).curvature(theta) is None
    for name in CURVATURE:
        assert float(lanczos[name]) == pytest.approx(float(closed[name]), rel=1e-8)


def test_lanczos_condition_number_of_an_indefinite_hessian():
    """At the saddle the eigenvalues are ±σ: what fills the place after a breakdown must not be taken for one."""
    problem = eq.problems.planted((5, 4), 2, values=(3.0, 1.0), seed=4)
    theta = tuple(np.zeros(s) for s in problem.shapes)
    hessian = _hessian(problem, theta)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian)[[0, -1]], [-3.0, 3.0], rtol=1e-12)
    found = eq.evaluate(_bare(problem), theta, CURVATURE)
    assert float(found["condition_number"]) == pytest.approx(3.0, rel=1e-9)
    assert float(found["sharpness"]) == pytest.approx(3.0, rel=1e-12)
    assert float(found["hessian_trace"]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("wrap", [lambda problem: problem, _bare])
def test_where_the_hessian_vanishes_nothing_is_nan(wrap):
    problem = wrap(eq.problems.factorization(np.zeros((4, 3)), rank=2))
    found = eq.evaluate(problem, tuple(np.zeros(s) for s in problem.shapes), CURVATURE)
    assert float(found["sharpness"]) == 0
    assert float(found["hessian_trace"]) == 0
    assert float(found["condition_number"]) == np.inf


@pytest.mark.parametrize("scale", [1e-150, 1.0])
def test_lanczos_at_a_rank_deficient_point(scale):
    """A Hessian with few distinct eigenvalues: the Krylov space is exhausted long before the products are."""
    problem = eq.problems.factorization(scale * np.outer(np.eye(6)[0], np.eye(5)[0]), rank=3)
    x, y = (np.sqrt(scale) * np.eye(d, 3) * [1.0, 0.0, 0.0] for d in (6, 5))
    hessian = _hessian(problem, (x, y))
    found = eq.evaluate(problem, (x, y), ("sharpness", "hessian_trace"))
    assert float(found["sharpness"]) == pytest.approx(np.linalg.eigvalsh(hessian / scale)[-1] * scale, rel=1e-12)
    assert float(found["hessian_trace"]) == pytest.approx(np.trace(hessian), rel=1e-12)


def test_sharpness_of_the_valley():
    """Two parameters, so two products: λmax = 2(x² + y²) on xy = 1."""
    for x in (0.2, 1.0, 5.0):
        theta = (np.array([[x]]), np.array([[1 / x]]))
        found = eq.evaluate(eq.problems.valley(), theta, CURVATURE)
        assert float(found["sharpness"]) == pytest.approx(2 * (x**2 + x**-2), rel=1e-12)
        assert float(found["condition_number"]) == pytest.approx(1.0, rel=1e-12)


def test_single_precision_curvature_does_not_break_down():
    problem, theta = _minimum((6, 5), (1.0,), np.array([[1.5]]))
    matrix = np.asarray(problem.measurement.target.matmul(np.eye(5)))
    single = eq.problems.factorization(matrix, rank=1, dtype=np.float32)
    found = eq.evaluate(single, tuple(w.astype(np.float32) for w in theta), CURVATURE)
    assert {str(value.dtype) for value in found.values()} == {"float32"}
    assert float(found["sharpness"]) == pytest.approx(1.5**2 + 1.5**-2, rel=1e-5)
