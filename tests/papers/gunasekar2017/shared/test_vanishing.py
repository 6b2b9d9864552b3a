"""The flow of logarithms is gradient flow, and stays one where U would start from rounding errors."""

import numpy as np
import pytest
import scipy.integrate

import equipoise as eq
from equipoise.papers.gunasekar2017.shared import phases
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.gunasekar2017.shared.vanishing import vanishing_flow

EXAMPLES = list(phases.EXAMPLES.values())


@pytest.mark.parametrize("values", EXAMPLES)
def test_from_a_moderate_start_it_is_gradient_flow_on_factors(values):
    matrices, data = phases.entries_of(values)
    unit = phases.direction(3, 5)
    problem = eq.problems.sensing(matrices, data, scale=FLOW_SCALE)
    flow = eq.dynamics.GradientFlow(200.0, 1e-10, 1e-14)
    u = path(problem, flow, eq.initial.Given((1e-3 * unit,)), steps=10, every=10, seed=0).theta[0][0]
    end = vanishing_flow(matrices, data, unit, 3, time=2000.0, until=1e-12, tolerance=1e-9)
    np.testing.assert_allclose(end.matrix, u @ u.T, atol=1e-4)


def test_in_factors_rounding_errors_end_the_growth_of_an_excess():
    matrices, data = phases.entries_of(EXAMPLES[1])
    unit = phases.direction(3, 2017)

    def velocity(_, state):
        u = state.reshape(3, 3)
        residual = np.einsum("mij,ij->m", matrices, u @ u.T) - data
        return -(np.tensordot(residual, matrices, 1) @ u).ravel()

    traces = []
    for decades in (24, 64):
        options = {"method": "DOP853", "rtol": 1e-8, "atol": 10.0 ** -(decades + 12)}
        u = scipy.integrate.solve_ivp(velocity, (0, 6000), 10.0**-decades * unit.ravel(), **options).y[:, -1]
        traces.append((u**2).sum())
    exact = [vanishing_flow(matrices, data, unit, decades, time=1e5).trace for decades in (24, 64)]
    assert abs(traces[1] / traces[0] - 1) < 0.05
    assert exact[1] / exact[0] > 1.2


def test_with_one_measurement_it_ends_at_the_top_eigenvector_from_any_small_start():
    values = np.array([1.0, 0.5, -0.3, 0.1])
    basis = np.linalg.qr(np.random.default_rng(2).standard_normal((4, 4)))[0]
    matrix = (basis * values) @ basis.T
    unit = np.random.default_rng(3).standard_normal((4, 4))
    unit /= np.linalg.norm(unit)
    excess = []
    for decades in (2, 4, 200):
        end = vanishing_flow(matrix[None], np.ones(1), unit, decades, time=1e5, until=1e-10)
        assert end.misfit <= 1.1e-10
        excess.append(end.trace - 1)
    # the size of U₀ to the power 2(1 − λ₂/λ₁) = 1, until the misfit is all that is left
    assert np.log10(excess[0] / excess[1]) == pytest.approx(2, abs=0.2)
    assert abs(excess[2]) <= 1e-8


def test_both_small_completions_have_a_limit_that_no_direction_changes():
    last = phases.examples((300, 1000), 2, 7, 1e-7)["excess"]
    np.testing.assert_allclose(last.sel(decades=300), last.sel(decades=1000), rtol=2e-3)
    np.testing.assert_allclose(last.isel(start=0), last.isel(start=1), rtol=2e-3)
    assert float(last.min()) > 0.1
