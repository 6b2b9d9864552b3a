"""Gradient descent on a factorization: phases that join, relative errors, and recordings thinned out."""

import numpy as np
import pytest

from equipoise.papers.du2018.shared.factorization import descent, ensemble, gaussian, instance, thinned


@pytest.fixture(scope="module")
def problem():
    return instance(1, seed=1)


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
