"""Gradient flow: closed forms, what it conserves, and that gradient descent tends to it."""

import time as clock

import numpy as np
import pytest
import scipy.linalg

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

_G = np.random.default_rng(3)
A = _G.standard_normal((5, 3, 2))
Y = _G.standard_normal(5)
TARGET = _G.standard_normal((4, 3))
THETA = (_G.standard_normal((4, 2)), _G.standard_normal((3, 2)))
FULL = eq.problems.factorization(TARGET, rank=2)


def _run(problem, method, theta, steps=1):
    record = eq.Record(every=steps, observables=("loss",))
    return eq.simulate(problem, method, eq.initial.Given(theta), seed=0, steps=steps, record=record)


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_a_linear_problem_has_a_closed_form(scale):
    """W(t) = W* + exp(−Ht)(W₀ − W*) with H = 2 scale AᵀA, on the range of which W* is the least-squares solution."""
    problem = eq.problems.sensing(A, Y, parametrization="direct", scale=scale)
    rows = A.reshape(5, 6)
    start, time = _G.standard_normal(6), 0.7
    solution = start + np.linalg.pinv(rows) @ (Y - rows @ start)
    wanted = solution + scipy.linalg.expm(-2 * scale * time * rows.T @ rows) @ (start - solution)
    for steps in (1, 7):
        run = _run(problem, eq.dynamics.GradientFlow(time / steps), (start.reshape(3, 2),), steps)
        np.testing.assert_allclose(run.theta[0][0].ravel(), wanted, atol=1e-7)
    assert np.linalg.norm(wanted - start) > 0.1


@pytest.mark.parametrize("tolerance", [1e-5, 1e-9])
def test_what_flow_conserves_is_conserved_to_the_tolerance(tolerance):
    """Du et al. (2018), Theorem 2.2: XᵀX − YᵀY."""
    run = _run(FULL, eq.dynamics.GradientFlow(0.5, tolerance, tolerance), THETA, 10)
    x, y = (w[0] for w in run.theta)
    before = THETA[0].T @ THETA[0] - THETA[1].T @ THETA[1]
    assert np.linalg.norm(x - THETA[0]) > 0.1
    np.testing.assert_allclose(x.T @ x - y.T @ y, before, atol=100 * tolerance)


def test_gradient_descent_tends_to_it_at_first_order():
    time, counts = 0.5, np.array([100, 200, 400, 800])
    limit = _run(FULL, eq.dynamics.GradientFlow(time), THETA).theta
    errors = []
    for n in counts:
        theta = _run(FULL, eq.dynamics.GradientDescent(time / n), THETA, int(n)).theta
        errors.append(sum(np.linalg.norm(w - v) for w, v in zip(theta, limit, strict=True)))
    assert -np.polyfit(np.log(counts), np.log(errors), 1)[0] == pytest.approx(1.0, abs=0.1)


def test_time_adds_up():
    once = _run(FULL, eq.dynamics.GradientFlow(0.6), THETA).theta
    thrice = _run(FULL, eq.dynamics.GradientFlow(0.2), THETA, 3).theta
    for one, other in zip(once, thrice, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e3), (np.float32, 1e2)])
def test_steps_that_overflow_are_taken_again_shorter(dtype, size):
    problem = eq.problems.factorization(TARGET, rank=2, dtype=dtype)
    run = _run(problem, eq.dynamics.GradientFlow(0.02), tuple(size * w for w in THETA))
    assert run.status[0].name == "completed"
    x, y = (w[0].astype(float) for w in run.theta)
    before = size**2 * (THETA[0].T @ THETA[0] - THETA[1].T @ THETA[1])
    np.testing.assert_allclose(x.T @ x - y.T @ y, before, atol=1e-4 * np.max(np.abs(before)))


def test_who_starts_too_far_out_diverges_at_once_and_holds_nobody_up():
    starts = tuple(np.stack([w, 1e40 * w]) for w in THETA)
    method = eq.dynamics.GradientFlow(0.02)
    eq.simulate(FULL, method, eq.initial.Given(starts), seed=0, steps=1, replicates=2)  # compiles
    begin = clock.perf_counter()
    run = eq.simulate(FULL, method, eq.initial.Given(starts), seed=0, steps=50, replicates=2)
    assert clock.perf_counter() - begin < 10  # 100 000 stages a step would be a minute and more
    assert [status.name for status in run.status] == ["completed", "diverged"]
    assert run.dataset["end_step"].values.tolist() == [50, 1]


@pytest.mark.parametrize("name", ["time", "relative_tolerance", "absolute_tolerance"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("make", [eq.dynamics.GradientFlow, eq.dynamics.MatrixFlow])
def test_settings_out_of_range(make, name, value):
    with pytest.raises(eq.InputError, match=rf"^{name} is .*; it must be finite and greater than 0\.$"):
        make(**{"time": 1.0, name: value})
