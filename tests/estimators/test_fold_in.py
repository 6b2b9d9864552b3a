import numpy as np
import pytest

from equipoise import InputError
from equipoise.estimators.complete.means import SHRINKAGE
from equipoise.estimators.fold_in import fold_in


@pytest.fixture(scope="module")
def row():
    """The entries of a row, column factors, and means of columns."""
    rng = np.random.default_rng(0)
    return np.array([4, 0, 2, 5]), rng.standard_normal(4), rng.standard_normal((6, 2)), rng.standard_normal(6)


def test_the_objective_is_stationary(row):
    columns, values, right, means = row
    u, r = fold_in(columns, values, right, means, 0.3)
    residual = means[columns] + r + right[columns] @ u - values
    np.testing.assert_allclose(right[columns].T @ residual + 0.3 * u, 0, atol=1e-14)
    np.testing.assert_allclose(residual.sum() + SHRINKAGE * r, 0, atol=1e-14)


def test_without_a_penalty_entries_of_the_model_give_its_factor(row):
    columns, _, right, _ = row
    u, r = fold_in(columns, right[columns] @ [2.0, -1.0], right, None, 0.0)
    np.testing.assert_allclose(u, [2.0, -1.0], rtol=1e-13)
    assert r == 0


def test_fewer_entries_than_columns_give_the_shortest_factor(row):
    _, _, right, _ = row
    u, _ = fold_in(np.array([3]), np.array([1.5]), right, None, 0)
    np.testing.assert_allclose(u, 1.5 * right[3] / (right[3] @ right[3]), rtol=1e-13)


def test_a_row_without_entries_is_zero(row):
    *_, right, means = row
    u, r = fold_in(np.zeros(0, np.int64), np.zeros(0), right, means, 0.1)
    assert (u.tolist(), r) == ([0.0, 0.0], 0.0)


@pytest.mark.parametrize(
    ("columns", "values", "penalty", "said"),
    [([6], [1.0], 0.1, "There is no column 6"), ([1], [np.nan], 0.1, "not finite"), ([1], [1.0], -1, "penalty is -1")],
)
def test_bad_input(row, columns, values, penalty, said):
    *_, right, means = row
    with pytest.raises(InputError, match=said):
        fold_in(np.array(columns), np.array(values), right, means, penalty)
