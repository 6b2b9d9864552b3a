"""What the entries on matrix factorization measure, where a condition of the paper is broken or the answer is known."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers.du2018 import lemma3_2, stages, theorem3_1, theorem3_2
from equipoise.papers.du2018.factorization import descent, ensemble, gaussian, instance, largest, norm_of, thinned

EPSILON = 0.1


@pytest.fixture(scope="module")
def problem():
    return instance(1, seed=1)


def _extremes(problem, schedule, start, steps=300):
    return theorem3_1.extremes(problem, schedule, start, EPSILON, [(steps, 1)], 0)


def test_an_unbalanced_start_breaks_the_first_part_of_lemma_3_1(problem):
    schedule = theorem3_1.schedules(norm_of(problem), 1, EPSILON)[theorem3_1.PRINTED]
    found = _extremes(problem, schedule, eq.initial.Gaussian((0.2, 0.01)))
    assert largest(found["largest_gap"]) > 1


def test_a_step_size_that_is_too_large_breaks_the_second(problem):
    found = _extremes(problem, eq.dynamics.PowerDecay(1.5, 0.0), theorem3_1.start(EPSILON))
    assert largest(found["largest_increase"]) > 0


def test_a_start_that_is_too_large_breaks_the_third(problem):
    schedule = theorem3_1.schedules(norm_of(problem), 1, EPSILON)[theorem3_1.PRINTED]
    found = _extremes(problem, schedule, gaussian(1.0))
    assert largest(found["largest_norm"]) > 1
    assert largest(found["first_loss"]) > 1


def test_phases_join_to_one_path(problem):
    once = ensemble(problem, descent(0.1), gaussian(0.1), [(60, 20)], seed=3)
    twice = ensemble(problem, descent(0.1), gaussian(0.1), [(20, 1), (40, 20)], seed=3)
    assert twice["step"].values.tolist() == [*range(21), 40, 60]
    np.testing.assert_allclose(twice["loss"].sel(step=once["step"]), once["loss"], rtol=1e-13)


def test_phases_keep_to_the_schedule(problem):
    once = ensemble(problem, descent(0.5, 0.75), gaussian(0.1), [(60, 20)], seed=3)
    twice = ensemble(problem, descent(0.5, 0.75), gaussian(0.1), [(20, 1), (40, 20)], seed=3)
    np.testing.assert_allclose(twice["loss"].sel(step=once["step"]), once["loss"], rtol=1e-13)


def test_the_error_is_relative_to_the_matrix():
    ran = ensemble(instance(3, seed=0), descent(0.1), gaussian(1e-9), [(10, 10)], seed=0)
    np.testing.assert_allclose(ran["error"].isel(step=0), 1.0, rtol=1e-9)


def test_thinning_keeps_both_ends(problem):
    ran = ensemble(problem, descent(0.1), gaussian(0.1), [(300, 1)], seed=3)
    few = thinned(ran, 20)
    assert few["step"].values[[0, -1]].tolist() == [0, 300]
    assert few.sizes["step"] <= 21


def test_enumerated_points_fit_what_they_say():
    small = eq.problems.planted(lemma3_2.SHAPE, lemma3_2.RANK, values=lemma3_2.VALUES, seed=5)
    points, labels = lemma3_2.enumerated(small, 1, np.random.default_rng(0))
    partial = lemma3_2._partial(small)
    fitted = labels["fitted"][1]
    for (u, v), count in zip(points, fitted, strict=True):
        assert np.linalg.norm(u @ v.T - partial, axis=(1, 2)).min() < 1e-12
        assert np.linalg.matrix_rank(u @ v.T, tol=1e-8) == count


def test_curvature_of_the_formula_is_that_of_the_hessian():
    """Eq. (12) against the dense Hessian."""
    small = eq.problems.planted(lemma3_2.SHAPE, lemma3_2.RANK, values=lemma3_2.VALUES, seed=5)
    point = tuple(np.random.default_rng(1).standard_normal(shape) for shape in small.shapes)
    away = np.concatenate([w.ravel() for w in eq.theory.from_nearest_optimum(small.signal, point)])
    wanted = away @ np.asarray(eq.observables.dense_hessian(small, point)) @ away
    found = lemma3_2.curvature(lemma3_2.measured(small, [point]))
    assert float(found[0]) == pytest.approx(wanted, rel=1e-12)


def test_passages_are_first_steps():
    start = eq.theory.Strengths(np.array([0.1]), np.array([0.1]), np.array([0.0]), np.array([0.0]))
    (found,) = stages.passages(start, 0.1, np.array([0.5]), 200)
    now, step = start, 0
    while float(now.distance(stages.VALUE)[0]) > 0.5 * stages.VALUE:
        now, step = now.after_step(0.1 / stages.VALUE, stages.VALUE), step + 1
    assert found[0] == step
    assert np.isnan(stages.passages(start, 0.1, np.array([0.5]), step - 1)).all()


def test_what_is_drawn_in_law_is_what_factors_have():
    """Means of α², α⊥² over many starts, in law and drawn as factors: within 5 standard errors."""
    count, d = 20_000, 12
    random = np.random.default_rng(0)
    in_law = stages.drawn(count, float(d), random)
    std = stages.C_INIT * (stages.VALUE / d) ** 0.5
    factors = std * random.standard_normal((2, count, d))
    for on, off, side in ((in_law.alpha, in_law.alpha_off, 0), (in_law.beta, in_law.beta_off, 1)):
        for found, wanted in ((on**2, factors[side, :, 0] ** 2), (off**2, (factors[side, :, 1:] ** 2).sum(axis=1))):
            error = np.hypot(found.std(), wanted.std()) / count**0.5
            assert abs(found.mean() - wanted.mean()) < 5 * error


def test_share_that_crosses():
    assert theorem3_2.crossing(0.001) == 1.0
    assert theorem3_2.crossing(0.5) == pytest.approx(2 * np.log(101 / 99) / np.log(3))


def test_slope_of_a_line_is_its_slope():
    import xarray as xr

    x = np.arange(5.0)
    times = xr.DataArray(3 * x[:, None] + np.array([0.0, 10.0, 20.0]), dims=("dimension", "start"))
    found = theorem3_2.slope(times, x)
    assert (found.low, found.estimate, found.high) == pytest.approx((3.0, 3.0, 3.0))
