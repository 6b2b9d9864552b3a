"""Small completions: the closed forms against their certificate, a general solver, and what can be solved by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.certified import minimum_nuclear_norm
from equipoise.certified.small_completions import minimum_trace_completions
from equipoise.core.errors import InputError

ENTRIES = list(itertools.combinations_with_replacement(range(3), 2))
MASKS = list(itertools.combinations(ENTRIES, 4))
LEVELS = np.linspace(-1, 1, 10)


def solve(mask, values):
    rows, columns = zip(*mask, strict=True)
    return minimum_trace_completions(rows, columns, np.atleast_2d(values))


def adjoint(mask, dual):
    matrix = np.zeros((3, 3))
    for (i, j), weight in zip(mask, dual, strict=True):
        matrix[i, j] += weight / 2
        matrix[j, i] += weight / 2
    return matrix


@pytest.mark.parametrize("mask", MASKS)
def test_each_certificate_stands_on_its_own(mask):
    values = np.random.default_rng(1).uniform(-1, 1, (400, 4))
    solved = solve(mask, values)
    assert 10 <= solved.feasible.sum() < 400
    for k in np.flatnonzero(solved.feasible):
        matrix, dual = solved.matrix[k], solved.dual[k]
        assert [matrix[i, j] for i, j in mask] == [matrix[j, i] for i, j in mask] == values[k].tolist()
        assert np.linalg.eigvalsh(matrix)[0] >= -1e-12 * solved.upper[k]
        assert np.linalg.eigvalsh(adjoint(mask, dual))[-1] <= 1
        assert solved.lower[k] <= values[k] @ dual * (1 + 1e-12) <= solved.upper[k] * (1 + 1e-12)
        # the least diagonal entry drawn is 1e-3, and the dual point as large as its square
        assert np.trace(matrix) == pytest.approx(solved.lower[k], rel=1e-14 * (1 + np.abs(dual).max()))


@pytest.mark.parametrize("mask", MASKS)
def test_against_the_general_solver(mask):
    values = np.random.default_rng(2).uniform(-1, 1, (200, 4))
    solved = solve(mask, values)
    rows, columns = zip(*mask, strict=True)
    for k in np.flatnonzero(solved.feasible & (solved.margin > 0.05))[:3]:
        found = minimum_nuclear_norm((rows, columns, (3, 3)), values[k], psd=True)
        assert solved.upper[k] == pytest.approx(found.upper, rel=1e-5)
        assert found.lower <= solved.upper[k] * (1 + 1e-9)


@pytest.mark.parametrize("mask", MASKS)
def test_margin_against_a_search_over_completions(mask):
    hidden = [pair for pair in ENTRIES if pair not in mask]
    values = np.random.default_rng(3).uniform(-1, 1, (6, 4))
    solved = solve(mask, values)
    far = np.concatenate([np.linspace(-1, 1, 41), [10.0, 1e3, 1e5]])
    for k in range(6):
        matrices = np.zeros((far.size**2, 3, 3))
        for (i, j), value in zip(mask, values[k], strict=True):
            matrices[:, i, j] = matrices[:, j, i] = value
        for (i, j), choice in zip(hidden, np.meshgrid(far, far), strict=True):
            matrices[:, i, j] = matrices[:, j, i] = choice.ravel()
        best = np.linalg.eigvalsh(matrices)[:, 0].max()
        assert best <= solved.margin[k] + 1e-9
        assert best >= solved.margin[k] - 0.1


def test_the_grid_of_the_paper():
    fillings = np.array(list(itertools.product(LEVELS, repeat=4)))
    solved = [solve(mask, fillings) for mask in MASKS]
    assert sum(int(s.feasible.sum()) for s in solved) == 31_350
    assert sum(int(s.boundary.sum()) for s in solved) == 1_050
    assert max(s.gap[s.feasible].max() for s in solved) <= 1e-11
    assert all((s.margin[~s.feasible] < -1e-3).all() for s in solved)


def test_the_diagonal_seen_fixes_the_trace():
    solved = solve([(0, 0), (0, 1), (1, 1), (2, 2)], [1.0, 0.5, 2.0, 3.0])
    assert solved.upper[0] == 6
    np.testing.assert_allclose(solved.dual[0], [1, 0, 1, 1], rtol=1e-12)


def test_by_hand():
    # x_33 ≥ x_23²/x_22 = 4
    assert solve([(0, 0), (0, 1), (1, 1), (1, 2)], [1.0, 0.5, 1.0, 2.0]).upper[0] == 6
    # x_33 ≥ max(x_13²/x_11, x_23²/x_22) = 4
    assert solve([(0, 0), (0, 2), (1, 1), (1, 2)], [1.0, 2.0, 3.0, 1.0]).upper[0] == 8
    # (x_22, x_33) = (4, 9) + |1 − 6|
    assert solve([(0, 0), (0, 1), (0, 2), (1, 2)], [1.0, 2.0, 3.0, 1.0]).upper[0] == 24


def test_boundary_and_none():
    mask = [(0, 0), (0, 1), (1, 1), (1, 2)]
    solved = solve(mask, [[1.0, 1.0, 1.0, 2.0], [1.0, 1.01, 1.0, 2.0], [0.0, 0.0, 1.0, 2.0], [1.0, 0.0, 0.0, 2.0]])
    assert solved.feasible.tolist() == [True, False, True, False]
    assert solved.boundary.tolist() == [True, False, True, False]
    assert np.isinf(solved.gap[[1, 3]]).all()
    assert solved.lower[[1, 3]].tolist() == [0, 0]
    assert np.isnan(solved.matrix[[1, 3]]).all()
    assert np.isnan(solved.dual[[1, 3]]).all()
    assert solve(mask, np.zeros(4)).gap[0] == 0


@given(st.sampled_from(MASKS), st.integers(0, 2**32 - 1), st.permutations(range(3)), st.floats(1e-6, 1e6))
def test_numbering_order_signs_and_units_do_not_matter(mask, seed, renamed, unit):
    random = np.random.default_rng(seed)
    values = random.uniform(-1, 1, (20, 4))
    signs = random.choice([-1.0, 1.0], 3)
    order = random.permutation(4)
    other = [(renamed[mask[k][0]], renamed[mask[k][1]]) for k in order]
    flipped = np.array([signs[mask[k][0]] * signs[mask[k][1]] for k in order])
    solved, again = solve(mask, values), solve(other, unit * flipped * values[:, order])
    assert (solved.feasible == again.feasible).all()
    np.testing.assert_allclose(again.upper, unit * solved.upper, rtol=1e-9)
    np.testing.assert_allclose(again.margin, unit * solved.margin, rtol=1e-9, atol=1e-12 * unit)


@pytest.mark.parametrize(
    ("rows", "columns", "values"),
    [
        ([0, 0, 1], [0, 1, 1], np.ones((2, 3))),
        ([0, 0, 1, 3], [0, 1, 1, 2], np.ones((2, 4))),
        ([0, 0, 1, -1], [0, 1, 1, 2], np.ones((2, 4))),
        ([0, 0, 1, 1], [0, 1, 1, 0], np.ones((2, 4))),
        ([0.0, 0, 1, 1], [0, 1, 1, 2], np.ones((2, 4))),
        ([0, 0, 1, 1], [0, 1, 1, 2], np.ones(4)),
        ([0, 0, 1, 1], [0, 1, 1, 2], np.full((1, 4), np.nan)),
    ],
)
def test_what_does_not_fit_is_refused(rows, columns, values):
    with pytest.raises(InputError):
        minimum_trace_completions(rows, columns, values)
