import ml_dtypes
import numpy as np
import pytest
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.core.user_matrix import finite_matrix, known_entries, stored_entries


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.float32, np.longdouble, ">f8"])
def test_real_types_become_native_float64(dtype):
    entries = np.array([[0, 1, 1], [1, 0, 1]])
    result = finite_matrix(entries.astype(dtype), "M")
    assert result.dtype == np.dtype(np.float64)
    assert result.dtype.isnative
    np.testing.assert_array_equal(result, entries)


def test_float64_is_not_copied_unless_asked_for():
    matrix, sparse = np.eye(3), scipy.sparse.csr_array(np.eye(3))
    assert finite_matrix(matrix, "M") is matrix
    assert finite_matrix(sparse, "M") is sparse
    for given in (matrix, sparse):
        copied = finite_matrix(given, "M", copy=True)
        assert (copied != given).sum() == 0
        copied *= 2
        assert (given @ np.ones(3)).tolist() == [1.0] * 3


def test_small_floats_that_numpy_itself_does_not_know():
    matrix = np.array([[1.5, -2.0]]).astype(ml_dtypes.bfloat16)
    assert finite_matrix(matrix, "M").tolist() == [[1.5, -2.0]]


@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array])
def test_another_precision(form):
    matrix = form([[1.0, 0.1]])
    assert finite_matrix(matrix, "M", dtype=np.float32).dtype == np.float32
    assert matrix.dtype == np.float64


def test_lists_become_arrays():
    np.testing.assert_array_equal(finite_matrix([[1, 2], [3, 4]], "M"), [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"])
@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csr_matrix])
def test_every_sparse_format_becomes_rows(form, kind):
    entries = np.array([[0, 2, 0], [3, 0, 4]])
    result = finite_matrix(kind(entries).asformat(form), "M")
    assert isinstance(result, scipy.sparse.csr_array)
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result.toarray(), entries)


def test_duplicates_add_up_as_real_numbers():
    entries = (np.array([100, 100, 1], dtype=np.int8), ([0, 0, 1], [1, 1, 0]))
    result = finite_matrix(scipy.sparse.coo_array(entries, shape=(2, 2)), "M")
    assert result.nnz == 2
    np.testing.assert_array_equal(result.toarray(), [[0.0, 200.0], [1.0, 0.0]])


def test_the_callers_sparse_matrix_stays_as_it_was():
    matrix = scipy.sparse.csr_array((np.array([1.0, 2.0, 4.0]), np.array([1, 1, 0]), np.array([0, 3])), (1, 2))
    result = finite_matrix(matrix, "M")
    np.testing.assert_array_equal(result.toarray(), [[4.0, 3.0]])
    np.testing.assert_array_equal(matrix.data, [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(matrix.indices, [1, 1, 0])


def _message(matrix) -> str:
    with pytest.raises(InputError) as caught:
        finite_matrix(matrix, "The target")
    return str(caught.value)


NOT_FINITE = (
    "The target has 2 NaN and 1 infinite entries, the first in row 2, column 3 of the matrix "
    "(counted from 1); replace them by finite numbers, or drop their rows or columns."
)


def test_entries_that_are_not_finite_are_counted_and_placed():
    matrix = np.ones((3, 4))
    matrix[1, 2], matrix[1, 3], matrix[2, 0] = np.inf, np.nan, np.nan
    assert _message(matrix) == NOT_FINITE
    assert _message(np.asfortranarray(matrix)) == NOT_FINITE
    sparse = matrix.copy()
    sparse[0] = 0.0  # an empty row before
    for form in ("csr", "csc", "coo"):
        assert _message(scipy.sparse.csr_array(sparse).asformat(form)) == NOT_FINITE


def test_rows_and_columns_are_counted_from_0_where_the_caller_says_so():
    matrix = np.array([[1.0, 2.0], [3.0, np.nan]])
    for form in (np.asarray, scipy.sparse.csr_array):
        with pytest.raises(InputError, match=r"the first in row 1, column 1 of the matrix \(counted from 0\); replace"):
            finite_matrix(form(matrix), "M", counted_from=0)


def test_what_is_known_comes_row_by_row():
    dense = np.array([[np.nan, 2.0], [0.0, np.nan]])
    sparse = scipy.sparse.csr_array((np.array([0.0, 2.0]), ([1, 0], [0, 1])), shape=(2, 2))
    for matrix in (dense, sparse):
        rows, columns, values = known_entries(matrix, "M")
        assert (rows.tolist(), columns.tolist(), values.tolist()) == ([0, 1], [1, 0], [2.0, 0.0])
    assert stored_entries(sparse)[2] is sparse.data
    for nothing in (np.full((2, 2), np.nan), scipy.sparse.csr_array((2, 2))):
        with pytest.raises(InputError, match=r"^M has no known entry; give at least one number\.$"):
            known_entries(nothing, "M")


def test_overflow_to_infinity_is_found():
    large = np.longdouble("1e400") if np.finfo(np.longdouble).max > 1e308 else np.inf
    assert "0 NaN and 1 infinite entries, the first in row 1, column 2" in _message(np.array([[1, large]]))


COMPLEX = "holds complex numbers; give its real or imaginary part, a matrix of real numbers"
TWO = "but a matrix has two dimensions; reshape it to (rows, columns)"
NO_ENTRIES = "so it holds no entries; give at least one row and one column"


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 2), complex), COMPLEX),
        (scipy.sparse.csr_array((2, 2), dtype=complex), COMPLEX),
        (np.array([[None]]), "holds Python objects, which are never loaded; convert it to float64 first"),
        (np.array([["a"]]), "holds entries of type '<U1', not numbers; convert it to float64"),
        (
            np.zeros((1, 1), "M8[Y]"),
            "holds entries of type 'datetime64[Y]', not numbers; convert it to float64",
        ),
        (np.ones(3), f"has shape (3,), {TWO}"),
        (np.float64(3), f"has shape (), {TWO}"),
        (np.ones((2, 3, 4)), f"has shape (2, 3, 4), {TWO}"),
        (scipy.sparse.coo_array([1.0, 2.0]), f"has shape (2,), {TWO}"),
        (np.ones((0, 4)), f"has shape (0, 4), {NO_ENTRIES}"),
        (scipy.sparse.csr_array((3, 0)), f"has shape (3, 0), {NO_ENTRIES}"),
        (
            np.ma.masked_equal([[1, 2]], 2),
            "has masked entries; fill them with numbers first, for example by .filled(0)",
        ),
        (
            scipy.sparse.coo_array((10**9, 2)),
            "has 1,000,000,000 rows, more than 100,000,000; drop the rows without entries",
        ),
    ],
)
def test_what_is_no_real_matrix_is_refused(matrix, message):
    assert _message(matrix) == f"The target {message}."


def test_ragged_lists_are_refused():
    message = _message([[1, 2], [3]])
    assert message.startswith("The target cannot be made an array (setting an array element with a sequence")
    assert message.endswith("; give rows of equal length.")


@pytest.mark.parametrize(
    ("indices", "pointers"),
    [
        ([0, 5], [0, 1, 2]),
        ([0, -1], [0, 1, 2]),
        ([0, 1], [0, 9, 0]),
        ([0, 1], [0, -4, 2]),
        ([0, 1], [0, 2**31 - 1, -(2**31)]),
    ],
)
def test_indices_that_point_outside_are_refused_before_anything_follows_them(indices, pointers):
    matrix = scipy.sparse.csr_array((2, 2))
    matrix.data = np.array([1.0, 2.0])
    matrix.indices, matrix.indptr = np.array(indices, dtype=np.int32), np.array(pointers, dtype=np.int32)
    message = _message(matrix)
    assert message.startswith("The target has broken sparse indices (")
    assert message.endswith("; build or save it again.")
