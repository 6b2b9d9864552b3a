"""The completions on a grid: every one of them is there, and their flow is the package's gradient flow."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers.gunasekar2017.shared import grid
from equipoise.papers.gunasekar2017.shared.settings import path


@pytest.fixture(scope="module")
def everything():
    return grid.feasible()


def test_every_mask_leaves_out_one_of_four_kinds(everything):
    kinds = [grid.hidden(mask) for mask in grid.MASKS]
    found = {kind: kinds.count(kind) for kind in kinds}
    assert found == {"two off the diagonal": 3, "two on the diagonal": 3, "x_kk and x_ik": 6, "x_kk and x_ij": 3}
    assert everything.mask.size == 31_350


def test_directions_do_not_depend_on_who_else_runs(everything):
    few = np.array([3, 500, 20_000])
    np.testing.assert_array_equal(grid.directions(everything.take(few), 5), grid.directions(everything, 5)[few])


def test_chebyshev_step_is_stable_and_of_second_order():
    import jax

    with jax.enable_x64(True):
        assert abs(float(grid.chebyshev_step(lambda u: -u, 1.0, grid.STABILITY))) < 1
        assert abs(float(grid.chebyshev_step(lambda u: -u, 1.0, 66.0))) > 1
        errors = [abs(float(grid.chebyshev_step(lambda u: u * u, 1.0, h)) - 1 / (1 - h)) for h in (0.02, 0.01)]
    assert 7 < errors[0] / errors[1] < 9


def example(everything, entries, values):
    """One instance with these entries seen, counted from 1, and values in ninths."""
    mask = grid.MASKS.index(tuple(grid.ENTRIES.index((i - 1, j - 1)) for i, j in entries))
    here = (everything.mask == mask) & np.isclose(everything.values, np.array(values) / 9).all(axis=1)
    return everything.take(np.flatnonzero(here))


EXAMPLES = [
    ([(1, 3), (2, 2), (2, 3), (3, 3)], (3, 7, -1, 1)),
    ([(1, 1), (1, 3), (2, 2), (2, 3)], (9, 7, 9, 1)),
    ([(1, 1), (1, 2), (1, 3), (2, 3)], (5, 1, 9, 1)),
]


@pytest.mark.parametrize(("entries", "values"), EXAMPLES)
@pytest.mark.parametrize("weight", [1.0, 2.0])
def test_the_limits_are_those_of_gradient_flow(everything, entries, values, weight):
    one = example(everything, entries, values)
    start = 1e-4 * grid.directions(one, 1)
    ours = grid.flow(one, start, weight=weight, most_steps=4000)
    matrices, data = grid.measurements(one, weight)
    problem = eq.problems.sensing(matrices[0].reshape(4, 3, 3), data[0], scale=0.25)
    flow = eq.dynamics.GradientFlow(400.0)
    u = path(problem, flow, eq.initial.Given((start[0],)), steps=10, every=10, seed=0).theta[0][0]
    assert ours.misfit[0] <= grid.TOLERANCE
    np.testing.assert_allclose(ours.matrix[0], u @ u.T, atol=3e-3 * one.upper[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_limit_above_the_minimum_from_smaller_and_smaller_starts(everything, seed):
    one = example(everything, [(1, 1), (1, 2), (2, 2), (2, 3)], (3, 1, 1, -1))
    matrices, data = grid.measurements(one)
    problem = eq.problems.sensing(matrices[0].reshape(4, 3, 3), data[0], scale=0.25)
    flow = eq.dynamics.GradientFlow(1000.0, 1e-9, 1e-30)
    starts = np.array([1e-9, 1e-12, 1e-16])[:, None, None] * grid.directions(one, seed)
    u = path(problem, flow, eq.initial.Given((starts,)), steps=10, every=10, seed=0, replicates=3).theta[0]
    excess = (u**2).sum(axis=(1, 2)) / one.upper - 1
    np.testing.assert_allclose(excess, 0.151, atol=2e-3)


def test_measurements_of_an_entry_given_once(everything):
    few = everything.take(np.arange(0, 31_350, 5000))
    matrices, data = grid.measurements(few)
    for k in range(few.mask.size):
        sensing = eq.problems.sensing(matrices[k].reshape(4, 3, 3), data[k])
        entries = (few.rows[k], few.columns[k], few.values[k])
        completion = eq.problems.completion(entries, shape=(3, 3), parametrization="symmetric")
        u = np.random.default_rng(k).standard_normal((3, 3))
        np.testing.assert_allclose(sensing.gradient((u,))[0], completion.gradient((u,))[0], rtol=1e-12, atol=1e-12)
