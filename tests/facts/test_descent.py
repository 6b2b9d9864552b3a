"""What gradient descent keeps, what it drifts by, and what it does not see."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise as eq

SHAPES, RANK, STEPS = (4, 3), 2, 40
TARGET = np.random.default_rng(11).standard_normal(SHAPES)
ONCE = eq.Record(every=STEPS, observables=("loss",))
# few of them, of one compiled shape, and the same ones every time
few = settings(max_examples=25)
seeds = st.integers(0, 10**6)


def _start(seed):
    generator = np.random.default_rng([1, seed])
    return tuple(0.5 * generator.standard_normal((d, RANK)) for d in SHAPES)


def _orthogonal(seed, size):
    q, r = np.linalg.qr(np.random.default_rng([2, seed]).standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def _end(theta, *, matrix=TARGET, scale=0.5, step_size=0.03, dynamics=None, steps=STEPS):
    """θ after so many steps of gradient descent."""
    problem = eq.problems.factorization(matrix, rank=RANK, scale=scale)
    dynamics = dynamics or eq.dynamics.GradientDescent(step_size=step_size)
    run = eq.simulate(problem, dynamics, eq.initial.Given(theta), seed=0, steps=steps, record=ONCE)
    assert run.status == (eq.Status.completed,)
    return tuple(w[0] for w in run.theta)


def _close(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 * np.max(np.abs(other)))


def test_without_noise_perturbed_gd_is_gradient_descent():
    silent = _end(_start(0), dynamics=eq.dynamics.PerturbedGD(step_size=0.03, noise=eq.noise.Gaussian(std=0.0)))
    for one, other in zip(silent, _end(_start(0)), strict=True):
        np.testing.assert_array_equal(one, other)


@few
@given(seeds)
def test_rotating_the_factors_rotates_the_path(seed):
    turn, (x, y) = _orthogonal(seed, RANK), _start(seed)
    moved_x, moved_y = _end((x, y))
    _close(_end((x @ turn, y @ turn)), (moved_x @ turn, moved_y @ turn))


@few
@given(seeds)
def test_turning_the_matrix_turns_the_path(seed):
    p, q, (x, y) = _orthogonal(seed, SHAPES[0]), _orthogonal(seed + 1, SHAPES[1]), _start(seed)
    moved_x, moved_y = _end((x, y))
    _close(_end((p @ x, q @ y), matrix=p @ TARGET @ q.T), (p @ moved_x, q @ moved_y))


@few
@given(seeds, st.floats(1e-3, 1e3))
def test_scaling_the_matrix_scales_the_path(seed, scale):
    """M -> cM, θ -> √c θ and η -> η/c."""
    start, root = _start(seed), scale**0.5
    moved = _end(start)
    scaled = _end(tuple(root * w for w in start), matrix=scale * TARGET, step_size=0.03 / scale)
    _close(scaled, tuple(root * w for w in moved))


@few
@given(seeds)
def test_permuting_columns_permutes_the_path(seed):
    """As a rotation, but to the last bit up to the order of two sums."""
    x, y = _start(seed)
    moved = _end((x, y))
    _close(_end((x[:, ::-1], y[:, ::-1])), tuple(w[:, ::-1] for w in moved))


def test_the_scale_of_the_loss_is_a_factor_of_the_step_size():
    half, whole = _end(_start(3)), _end(_start(3), step_size=0.015, scale=1.0)
    _close(whole, half)


def _gap(theta):
    x, y = theta
    return x.T @ x - y.T @ y


def test_the_gap_drifts_by_the_square_of_the_step_size():
    """One step changes XᵀX − YᵀY by η²(G_XᵀG_X − G_YᵀG_Y) exactly: gradient flow keeps it, descent drifts."""
    start = _start(4)
    residual = start[0] @ start[1].T - TARGET
    gradient = residual @ start[1], residual.T @ start[0]
    sizes = np.array([1e-1, 1e-2, 1e-3])
    drifts = []
    for size in sizes:
        drift = _gap(_end(start, step_size=size, steps=1)) - _gap(start)
        np.testing.assert_allclose(drift, size**2 * _gap(gradient), rtol=0, atol=1e-14)
        drifts.append(np.linalg.norm(drift))
    slope = np.polyfit(np.log(sizes), np.log(drifts), 1)[0]
    assert slope == pytest.approx(2.0, abs=1e-6)


def test_per_flow_time_the_drift_is_linear_in_the_step_size():
    """Over a fixed time Tη the gap drifts by O(η) (Du et al. 2018, Section 3)."""
    start, sizes = _start(5), np.array([4e-3, 2e-3, 1e-3, 5e-4])
    drifts = [np.linalg.norm(_gap(_end(start, step_size=size, steps=round(1 / size))) - _gap(start)) for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(drifts), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.02)
    assert drifts[0] > 1e-4


def test_uneven_steps_keep_their_own_gap():
    """With step sizes (ηx, ηy) it is XᵀX/ηx − YᵀY/ηy that is kept to first order."""
    (x, y), shares = _start(6), (1.0, 4.0)
    changes = []
    for size in (1e-3, 1e-4):
        moved_x, moved_y = _end((x, y), step_size=tuple(size * share for share in shares), steps=1)
        kept = (moved_x.T @ moved_x - x.T @ x) / shares[0] - (moved_y.T @ moved_y - y.T @ y) / shares[1]
        lost = moved_x.T @ moved_x - x.T @ x - (moved_y.T @ moved_y - y.T @ y)
        changes.append((np.linalg.norm(kept), np.linalg.norm(lost)))
    assert changes[0][0] / changes[1][0] == pytest.approx(100, rel=1e-3)
    assert changes[0][1] / changes[1][1] == pytest.approx(10, rel=0.1)


def test_descent_stays_at_the_saddle_and_noise_leaves_it():
    saddle = tuple(np.zeros((d, RANK)) for d in SHAPES)
    assert all(np.all(w == 0) for w in _end(saddle))
    noisy = eq.dynamics.PerturbedGD(step_size=0.03, noise=eq.noise.Gaussian(std=0.1))
    x, y = _end(saddle, dynamics=noisy, steps=400)
    assert np.linalg.norm(x @ y.T - TARGET) < 0.8 * np.linalg.norm(TARGET)


def test_descent_never_leaves_the_orthogonal_subspace():
    """Lemma 1 (ii) of Liu et al. (2021): started orthogonal to the optimum, the factors shrink to the saddle."""
    problem = eq.problems.planted((5, 4), 1)  # on the axes, where the projection is exact
    record = eq.Record(every=400, observables=("projections",))
    start = eq.initial.OrthogonalToSignal(std=0.5)
    run = eq.simulate(problem, eq.dynamics.GradientDescent(0.1), start, seed=1, steps=400, replicates=4, record=record)
    data = run.dataset
    assert np.all(data["on_signal_x"] == 0)
    assert np.all(data["on_signal_y"] == 0)
    for name in ("off_signal_x", "off_signal_y"):
        assert np.all(data[name].isel(step=0) > 0.1)
        assert np.all(data[name].isel(step=-1) < data[name].isel(step=0))


@few
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_the_valley(x, y):
    """(1 − xy)² and its gradient 2(xy − 1)(y, x): no ½."""
    problem, theta = eq.problems.valley(), (np.array([[x]]), np.array([[y]]))
    assert float(problem.loss(theta)) == pytest.approx((1 - x * y) ** 2, rel=1e-14, abs=1e-30)
    with eq.numerics():
        gradient = [float(g[0, 0]) for g in problem.gradient(theta)]
    assert gradient == pytest.approx([2 * (x * y - 1) * y, 2 * (x * y - 1) * x], rel=1e-13, abs=1e-300)
    assert not jax.config.jax_enable_x64
