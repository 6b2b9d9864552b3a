"""Matrices of which some entries are not known."""

import numpy as np
import pytest
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.datasets import finite_matrix, read_matrix


@pytest.mark.parametrize("cell", ["", " ", "nan", "NaN", "NA", "n/a", "null", "None", "?", "-", ".", '""'])
@pytest.mark.parametrize("header", ["", "x,y\n"])
def test_missing_cells_become_nan(tmp_path, cell, header):
    path = tmp_path / "m.csv"
    path.write_text(f"{header}1,2\n3,{cell}\n{cell},6\n", encoding="utf-8")
    expected = [[1.0, 2.0], [3.0, np.nan], [np.nan, 6.0]]
    np.testing.assert_array_equal(read_matrix(path, missing="allowed"), expected)


def test_a_matrix_in_which_nothing_is_missing_is_read_alike(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("1\t2\n3\t4\n", encoding="utf-8")
    np.testing.assert_array_equal(read_matrix(path, missing="allowed"), read_matrix(path))


def test_nan_in_numpys_files(tmp_path):
    matrix = np.array([[1.0, np.nan], [np.nan, 4.0]])
    np.save(tmp_path / "m.npy", matrix)
    np.testing.assert_array_equal(read_matrix(tmp_path / "m.npy", missing="allowed"), matrix)
    with pytest.raises(InputError, match="has 2 NaN and 0 infinite entries, the first in row 1, column 2"):
        read_matrix(tmp_path / "m.npy")


def test_infinity_and_text_are_still_refused(refusal):
    assert refusal("m.csv", b"1,3\n2,inf\n", missing="allowed") == (
        "Row 2, column 2 of m.csv holds 'inf', which is not finite or overflows float64; write a finite number there."
    )
    assert refusal("m.csv", b"1,3\n2,x\n", missing="allowed") == (
        "Row 2, column 2 of m.csv holds 'x', which is not a number; "
        "write a number there, or leave out its row or column."
    )


def test_a_sparse_matrix_may_store_nan():
    matrix = scipy.sparse.csr_array(np.array([[1.0, np.nan], [0.0, 2.0]]))
    assert np.isnan(finite_matrix(matrix, "M", missing="allowed").data).sum() == 1
    matrix.data[0] = np.inf
    with pytest.raises(InputError, match="has 1 infinite entries, the first in row 1, column 1"):
        finite_matrix(matrix, "M", missing="allowed")


@pytest.mark.usefixtures("unchecked")
def test_an_option_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"^missing is 'drop'; it must be 'error' or 'allowed'\.$"):
        read_matrix(tmp_path / "m.csv", missing="drop")
    with pytest.raises(InputError, match=r"^missing is 'drop'; it must be 'error' or 'allowed'\.$"):
        finite_matrix([[1.0]], "M", missing="drop")
