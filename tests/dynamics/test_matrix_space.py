"""Methods that move the matrix itself: the cone, the multiplicative form, and flow of UUᵀ without U."""

import jax
import numpy as np
import pytest
import scipy.linalg

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

KEY = jax.random.key(3, impl="threefry2x32")
_G = np.random.default_rng(0)
_B = _G.standard_normal((5, 4, 4))
A = (_B + _B.transpose(0, 2, 1)) / 2
U = 0.4 * _G.standard_normal((4, 4))
TRUTH = np.outer([1.0, -0.5, 0.0, 0.3], [1.0, -0.5, 0.0, 0.3])
Y = np.einsum("mij,ij->m", A, TRUTH)
DIRECT = eq.problems.sensing(A, Y, parametrization="direct")
FACTORED = eq.problems.sensing(A, Y)
METHODS = {
    "ProjectedGradient": eq.dynamics.ProjectedGradient,
    "TimeOrderedExponential": eq.dynamics.TimeOrderedExponential,
    "MatrixFlow": eq.dynamics.MatrixFlow,
}


def _seldom(steps):
    return eq.Record(every=steps, observables=("loss",))


def _run(problem, method, start, steps=1):
    run = eq.simulate(problem, method, eq.initial.Given((start,)), seed=0, steps=steps, record=_seldom(steps))
    assert run.status[0].name == "completed"
    return run.theta[0][0]


@pytest.mark.parametrize("y", [Y, Y - 3.0])
def test_projected_gradient_ends_where_the_conditions_hold(y):
    """X ⪰ 0, G ⪰ 0 and ⟨G, X⟩ = 0 at the end, where an unconstrained minimum exists and where it does not."""
    problem = eq.problems.sensing(A, y, parametrization="direct")
    start = _G.standard_normal((4, 4))
    first = _run(problem, eq.dynamics.ProjectedGradient(0.01), start)
    assert np.linalg.eigvalsh(first)[0] >= -1e-13
    np.testing.assert_allclose(first, first.T, atol=1e-14)
    end = _run(problem, eq.dynamics.ProjectedGradient(0.01), start, 40_000)
    gradient = np.asarray(problem.gradient((end,))[0])
    assert np.linalg.eigvalsh(end)[0] >= -1e-12
    assert np.linalg.eigvalsh((gradient + gradient.T) / 2)[0] >= -1e-5
    assert abs(np.sum(gradient * end)) < 1e-5


def test_projected_gradient_takes_the_nearest_matrix_of_the_cone():
    moved = U + U.T - 0.1 * np.asarray(DIRECT.gradient((U + U.T,))[0])
    values, vectors = np.linalg.eigh(moved)
    assert values[0] < 0 < values[-1]
    wanted = vectors * np.maximum(values, 0) @ vectors.T
    found = _run(DIRECT, eq.dynamics.ProjectedGradient(0.1), U + U.T)
    np.testing.assert_allclose(found, wanted, atol=1e-13)


def test_the_flow_of_the_matrix_is_that_of_its_factors():
    start = U @ U.T
    found = _run(DIRECT, eq.dynamics.MatrixFlow(0.1), start, 5)
    u = _run(FACTORED, eq.dynamics.GradientFlow(0.1), U, 5)
    assert np.linalg.norm(found - start) > 0.1
    np.testing.assert_allclose(found, u @ u.T, atol=1e-6)


def test_the_exponential_tends_to_the_flow_at_first_order():
    start, time = U @ U.T, 0.2
    limit = _run(DIRECT, eq.dynamics.MatrixFlow(time), start)
    counts = np.array([100, 200, 400, 800])
    errors = [
        np.linalg.norm(_run(DIRECT, eq.dynamics.TimeOrderedExponential(time / n), start, int(n)) - limit)
        for n in counts
    ]
    order = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert order == pytest.approx(1.0, abs=0.1)


def test_the_exponential_stays_positive_semidefinite_and_of_its_rank():
    start = U[:, :2] @ U[:, :2].T
    end = _run(DIRECT, eq.dynamics.TimeOrderedExponential(0.02), start, 50)
    values = np.linalg.eigvalsh(end)
    assert np.all(np.abs(values[:2]) < 1e-10 * values[-1])
    assert values[2] > 1e-8


def test_commuting_measurements_have_a_closed_form():
    """Gunasekar et al. (2017), Section 4: X_t = exp(A*(s)) X₀ exp(A*(s)) with s = −4 ∫ r dt."""
    turn = np.linalg.qr(_G.standard_normal((4, 4)))[0]
    matrices = np.einsum("ia,ma,ja->mij", turn, _G.standard_normal((3, 4)), turn)
    y, size, steps = np.array([1.0, -0.5, 0.3]), 0.01, 60
    problem = eq.problems.sensing(matrices, y, parametrization="direct")
    start = U @ U.T
    at, s = start, np.zeros(3)
    for _ in range(steps):
        s -= 4 * size * (np.einsum("mij,ij->m", matrices, at) - y)
        factor = scipy.linalg.expm(np.einsum("m,mij->ij", s, matrices))
        at = factor @ start @ factor
    found = _run(problem, eq.dynamics.TimeOrderedExponential(size), start, steps)
    assert np.linalg.norm(found - start) > 0.1
    np.testing.assert_allclose(found, at, rtol=1e-9, atol=1e-11)


WRONG = {
    "not square": eq.problems.sensing(A[:, :3], Y, parametrization="direct"),
    "two factors": eq.problems.sensing(A, Y, parametrization="asymmetric"),
    "square factors": FACTORED,
    "one by one": eq.problems.sensing(A[:, :1, :1], Y),
    "narrow factors": eq.problems.sensing(A, Y, width=2),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", METHODS)
def test_factors_and_other_shapes_are_refused(name, wrong):
    problem = WRONG[wrong]
    theta = tuple(np.ones(shape) for shape in problem.shapes)
    for refused in (
        lambda: METHODS[name](0.1).step(problem, theta, None, KEY, 0),
        lambda: eq.simulate(problem, METHODS[name](0.1), eq.initial.Given(theta), seed=0, steps=1, record=_seldom(1)),
    ):
        with pytest.raises(eq.InputError, match=rf"^{name} moves .*; use parametrization='direct'\."):
            refused()


def test_one_by_one_matrices_are_matrices():
    problem = eq.problems.sensing(A[:, :1, :1], Y, parametrization="direct")
    assert _run(problem, eq.dynamics.ProjectedGradient(0.01), np.ones((1, 1))).shape == (1, 1)


@pytest.mark.parametrize("value", [0.0, -0.1, np.nan])
@pytest.mark.parametrize("name", METHODS)
def test_sizes_out_of_range(name, value):
    said = "time" if name == "MatrixFlow" else "step_size"
    with pytest.raises(eq.InputError, match=rf"^{said} is .*; it must be finite and greater than 0\.$"):
        METHODS[name](value)
