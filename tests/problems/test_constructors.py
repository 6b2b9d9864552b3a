"""The front doors: what they make of a user's matrix, and what they refuse."""

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq
from equipoise.problems import Dense, LowRank, Sparse, factorization, planted

M = np.arange(12.0).reshape(4, 3)
FIRST = "the first in row {}, column {} of the matrix (counted from 0)"


def _message(*arguments, **options):
    with pytest.raises(eq.InputError) as caught:
        factorization(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


@pytest.mark.parametrize("matrix", [M, M.tolist(), M.astype(int), np.asfortranarray(M)])
def test_arrays(matrix):
    problem = factorization(matrix, rank=2)
    assert isinstance(problem.measurement.target, Dense)
    np.testing.assert_array_equal(problem.measurement.target.entries, M)
    assert problem.shapes == ((4, 2), (3, 2))
    assert problem.rank == 2
    assert problem.dtype == np.float64


def test_the_users_array_is_copied():
    matrix = M.copy()
    problem = factorization(matrix, rank=1)
    matrix[0, 0] = 100.0
    assert problem.measurement.target.entries[0, 0] == 0.0


def test_factors():
    problem = factorization((M, np.eye(3)), rank=1)
    assert isinstance(problem.measurement.target, LowRank)
    assert problem.shapes == ((4, 1), (3, 1))


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", [scipy.sparse.coo_array, scipy.sparse.coo_matrix])
def test_sparse_matrices(form, kind):
    target = factorization(kind(M).asformat(form), rank=1).measurement.target
    assert isinstance(target, Sparse)
    found = np.zeros((4, 3))
    found[target.rows, target.columns] = target.values
    np.testing.assert_array_equal(found, M)


def test_duplicates_add_up_as_real_numbers():
    """100 + 100 overflows in the type that they are stored in."""
    matrix = scipy.sparse.coo_array((np.array([100, 100, 1], np.int8), ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    target = factorization(matrix, rank=1).measurement.target
    assert sorted(target.values.tolist()) == [1.0, 200.0]
    assert matrix.nnz == 3


def test_a_clean_csr_array_is_taken_apart_once(monkeypatch):
    matrix = scipy.sparse.csr_array(M)

    def refuse(*_, **__):
        raise AssertionError("converted, though it is clean")

    for conversion in ("tocoo", "tocsr", "sum_duplicates", "sort_indices"):
        monkeypatch.setattr(scipy.sparse.csr_array, conversion, refuse)
    target = factorization(matrix, rank=1).measurement.target
    np.testing.assert_array_equal(target.columns, matrix.indices)
    np.testing.assert_array_equal(target.values, matrix.data)
    np.testing.assert_array_equal(target.rows, [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    matrix.data[:] = 0.0
    assert target.values[0] == 1.0


@pytest.mark.parametrize("matrix", [1e300 * M, scipy.sparse.csr_array(1e300 * M)])
def test_entries_that_the_precision_cannot_hold(matrix):
    said = "The matrix has 0 NaN and 11 infinite entries, the first in row 0, column 1"
    assert said in _message(matrix, 1, dtype=np.float32)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, "float32"])
@pytest.mark.parametrize("matrix", [M, (M, np.eye(3)), scipy.sparse.csr_array(M)])
def test_precision(matrix, dtype):
    assert factorization(matrix, rank=1, dtype=dtype).dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.complex128])
def test_other_precisions_are_refused(dtype):
    assert _message(M, 1, dtype=dtype) == f"The dtype is {np.dtype(dtype)}; use float64 or float32."


@pytest.mark.parametrize("rank", [0, -1, 4])
def test_ranks_out_of_range(rank):
    assert "ank is " in _message(M, rank)
    with pytest.raises(eq.InputError):
        planted((4, 3), rank)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.ones(3), "The matrix has shape (3,), but a matrix has two dimensions;"),
        (np.ones((2, 2, 2)), "The matrix has shape (2, 2, 2), but a matrix has two dimensions;"),
        (np.ones((0, 3)), "The matrix has shape (0, 3), so it holds no entries;"),
        (1.0, "The matrix has shape (), but a matrix has two dimensions;"),
        (None, "The matrix holds Python objects"),
        ("text", "The matrix holds entries of type '<U4', not numbers;"),
        ([[1.0, 2.0], [3.0]], "The matrix cannot be made an array"),
        (1j * M, "The matrix holds complex numbers;"),
        (np.where(M == 5.0, np.nan, M), f"The matrix has 1 NaN and 0 infinite entries, {FIRST.format(1, 2)};"),
        (np.where(M > 9.0, np.inf, M), f"The matrix has 0 NaN and 2 infinite entries, {FIRST.format(3, 1)};"),
        (np.ma.masked_equal(M, 5.0), "The matrix has masked entries;"),
        ((M, np.ones((3, 2))), "L has 3 columns and R has 2; give both the same number"),
        ((M,), "The matrix is a tuple of length 1; pass an array, or a pair (L, R) of factors."),
        ((M, np.full((3, 3), np.nan)), f"The factor R has 9 NaN and 0 infinite entries, {FIRST.format(0, 0)};"),
        ((scipy.sparse.coo_array(M), M), "The factor L is sparse, but a dense array is needed; convert it with"),
        (scipy.sparse.coo_array(np.ones(3)), "The matrix has shape (3,), but a matrix has two dimensions;"),
        (scipy.sparse.coo_array(1j * M), "The matrix holds complex numbers;"),
        (
            scipy.sparse.coo_array(([1.0, np.nan], ([0, 3], [1, 2])), shape=(4, 3)),
            f"The matrix has 1 NaN and 0 infinite entries, {FIRST.format(3, 2)};",
        ),
    ],
)
def test_matrices_that_are_refused(matrix, said):
    assert said in _message(matrix, 1)


@pytest.mark.parametrize("scale", [0.0, -0.5, np.nan, np.inf])
def test_scales_out_of_range(scale):
    assert "it must be finite and greater than 0 (½ gives the usual convention)." in _message(M, 1, scale=scale)


def test_planted_on_the_axes():
    problem = planted((5, 4), 2)
    np.testing.assert_array_equal(problem.signal.left, np.eye(5, 2))
    np.testing.assert_array_equal(problem.signal.right, np.eye(4, 2))
    np.testing.assert_array_equal(problem.measurement.target.matmul(np.eye(4)), np.diag([1.0, 1, 0, 0, 0])[:, :4])


@pytest.mark.usefixtures("double")
def test_planted_at_random():
    problem = planted((6, 5), 3, values=(1.0, 3.0, 2.0), seed=8, factors=4)
    matrix = np.asarray(problem.measurement.target.matmul(np.eye(5)))
    assert problem.shapes == ((6, 4), (5, 4))
    np.testing.assert_allclose(np.linalg.svd(matrix)[1], [3.0, 2.0, 1.0, 0.0, 0.0], atol=1e-14)
    left, values, right = problem.signal
    np.testing.assert_allclose(left * values @ right.T, matrix, atol=1e-14)
    for side in (left, right):
        np.testing.assert_allclose(side.T @ side, np.eye(3), atol=1e-14)
    again = planted((6, 5), 3, values=(1.0, 3.0, 2.0), seed=8)
    np.testing.assert_array_equal(again.signal.left, left)
    assert np.max(np.abs(planted((6, 5), 3, seed=9).signal.left - left)) > 0.1


@pytest.mark.parametrize("values", [(1.0,), (1.0, 0.0), (1.0, -1.0), (1.0, np.nan), (1.0, np.inf), (1.0, 2.0, 3.0)])
def test_planted_values_are_as_many_as_the_rank_and_positive(values):
    with pytest.raises(eq.InputError, match=r"^values must be 2 finite numbers greater than 0, one for each"):
        planted((4, 3), 2, values=values)


@pytest.mark.parametrize("factors", [0, 4])
def test_planted_with_an_impossible_number_of_columns(factors):
    with pytest.raises(eq.InputError, match="ank is "):
        planted((4, 3), 2, factors=factors)


def test_the_valley_knows_its_optimum():
    problem = eq.problems.valley()
    assert problem.shapes == ((1, 1), (1, 1))
    assert problem.measurement.scale == 1.0
    assert problem.known_signal().values.tolist() == [1.0]
