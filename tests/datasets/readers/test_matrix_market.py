import gzip
import io

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix

finite = st.floats(allow_nan=False, allow_infinity=False)
matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=finite)
squares = arrays(np.float64, st.integers(1, 5).map(lambda n: (n, n)), elements=st.floats(-1e9, 1e9))


def _write(path, matrix, **options):
    stream = io.BytesIO()
    scipy.io.mmwrite(stream, matrix, **options)
    content = stream.getvalue()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)


@given(matrix=matrices, sparse=st.booleans(), packed=st.booleans(), comment=st.sampled_from(["", "one\n\n%two"]))
def test_matrices_come_back_exactly(folder, matrix, sparse, packed, comment):
    path = folder / ("m.mtx.gz" if packed else "m.mtx")
    _write(path, scipy.sparse.coo_array(matrix) if sparse else matrix, comment=comment, symmetry="general")
    read = read_matrix(path)
    assert isinstance(read, scipy.sparse.csr_array) == sparse
    np.testing.assert_array_equal(read.toarray() if sparse else read, matrix, strict=True)


@given(matrix=squares, symmetry=st.sampled_from(["symmetric", "skew-symmetric"]), sparse=st.booleans())
def test_symmetries_are_expanded(folder, matrix, symmetry, sparse):
    path = folder / "symmetric.mtx"
    matrix = matrix + matrix.T if symmetry == "symmetric" else matrix - matrix.T
    _write(path, scipy.sparse.coo_array(matrix) if sparse else matrix, symmetry=symmetry)
    assert symmetry.encode() in path.read_bytes()
    read = read_matrix(path)
    np.testing.assert_array_equal(read.toarray() if sparse else read, matrix, strict=True)


def _read(tmp_path, header: str, body: str):
    path = tmp_path / "m.mtx"
    path.write_text(f"%%MatrixMarket matrix {header}\n{body}", encoding="ascii")
    read = read_matrix(path)
    assert read.dtype == np.float64
    return (read.toarray() if scipy.sparse.issparse(read) else read).tolist()


@pytest.mark.parametrize(
    ("header", "body", "matrix"),
    [
        ("array integer general", "2 2\n1\n2\n3\n4\n", [[1, 3], [2, 4]]),
        ("array real hermitian", "2 2\n1\n2\n3\n", [[1, 2], [2, 3]]),
        ("array real skew-symmetric", "2 2\n5\n", [[0, -5], [5, 0]]),
        ("coordinate pattern general", "2 2 2\n1 2\n2 1\n", [[0, 1], [1, 0]]),
        ("coordinate pattern symmetric", "2 2 2\n1 1\n2 1\n", [[1, 1], [1, 0]]),
        ("coordinate real general", "2 2 2\n1 2 .5\n2 1 -1e1", [[0, 0.5], [-10, 0]]),
        ("coordinate real hermitian", "2 2 1\n2 1 4\n", [[0, 4], [4, 0]]),
        ("coordinate integer general", "1 2 1\n1 2 -7\n", [[0, -7]]),
        ("coordinate unsigned-integer general", "1 2 1\n1 2 7\n", [[0, 7]]),
        ("COORDINATE Real General\r", "% note\r\n\r\n1 2 1\r\n\r\n  1\t2  7.  \r\n", [[0, 7]]),
        ("coordinate real general", "2 2 0\n", [[0, 0], [0, 0]]),
    ],
)
def test_kinds_of_files(tmp_path, header, body, matrix):
    assert _read(tmp_path, header, body) == matrix


def test_duplicates_are_settled_as_asked(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_bytes(b"%%MatrixMarket matrix coordinate real general\n2 2 3\n1 2 5\n1 2 1\n2 2 1\n")
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert str(caught.value) == (
        f"Entries 1 and 2 of {path} are both at row 1, column 2 (all counted from 1); delete one, or pass "
        "duplicates='mean', 'last' or 'sum'."
    )
    for duplicates, value in (("sum", 6.0), ("mean", 3.0), ("last", 1.0)):
        read = read_matrix(path, duplicates=duplicates)
        assert (read.nnz, read[0, 1], read.has_canonical_format) == (2, value, True)


DAMAGED = "; it is damaged or not what its extension says, so save it again or correct its extension."
NO_HEADER = "x.mtx does not begin with a Matrix Market header; write it with scipy.io.mmwrite or correct its extension."


@pytest.mark.parametrize("content", [b"", b"1 2\n3 4\n", b"%%MatrixMarket matrix array real general"])
def test_a_file_without_its_header_is_refused(refusal, content):
    assert refusal("x.mtx", content) == NO_HEADER


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("tensor real general\n1 1\n1\n", "Line 1: Invalid MatrixMarket header element: tensor"),
        ("array real general\n1 x\n1\n", "Invalid integer value"),
        ("array real general\n2 1\n1\n", "Truncated file. Expected another 1 lines"),
        ("array real general\n2 1\n1\n2\n3\n", "Line 5: Too many values in array (file too long)"),
        ("coordinate real general\n2 2 2\n1 1 5\n", "Truncated file. Expected another 1 lines"),
        ("coordinate real general\n2 2 1\n3 1 5\n", "Line 3: Row index out of bounds"),
        ("coordinate real general\n2 2 1\n1 0 5\n", "Line 3: Column index out of bounds"),
        ("coordinate integer general\n1 1 1\n1 1 99999999999999999999\n", "Line 3: Integer out of range"),
    ],
)
def test_what_scipy_refuses_is_passed_on(refusal, content, said):
    assert refusal("x.mtx", f"%%MatrixMarket matrix {content}".encode()) == f"Cannot read x.mtx ({said}){DAMAGED}"


REAL = "row, column and real value"


@pytest.mark.parametrize(
    ("content", "line", "held", "wanted"),
    [
        ("coordinate real general\n2 2 2\n1 1 5\n1 2 3,5\n", 4, "1 2 3,5", REAL),
        ("coordinate real general\n% note\n2 2 1\n1 1 1D5\n", 4, "1 1 1D5", REAL),
        ("coordinate real general\n2 2 1\n1 1\n", 3, "1 1", REAL),
        ("coordinate integer general\n2 2 1\n1 1 3.7\n", 3, "1 1 3.7", "row, column and integer value"),
        ("coordinate pattern general\n2 2 1\n1 1 5\n", 3, "1 1 5", "row and column"),
        ("array real general\n1 2\n1 2\n", 3, "1 2", "one real value"),
        ("array pattern general\n1 1\n1\n", 3, "1", "one pattern value"),
    ],
)
def test_lines_that_scipy_would_misread_are_refused(refusal, content, line, held, wanted):
    assert refusal("x.mtx", f"%%MatrixMarket matrix {content}".encode()) == (
        f"Line {line} of x.mtx holds '{held}', not {wanted}; correct it or the header."
    )


COMPLEX = "x.mtx holds complex numbers; give its real or imaginary part, a matrix of real numbers."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("coordinate complex general\n1 1 1\n1 1 5 6\n", COMPLEX),
        ("array complex general\n1 1\n5 6\n", COMPLEX),
        (
            "array real symmetric\n2 3\n1\n2\n3\n",
            "x.mtx is symmetric by its header but 2 by 3; correct its header.",
        ),
        (
            "coordinate real symmetric\n3 3 2\n3 1 4\n1 3 4\n",
            "x.mtx is symmetric by its header but lists entries on both sides of the diagonal, "
            "which would count twice; keep those below it or write 'general' in the header.",
        ),
        (
            "array real general\n0 3\n",
            "x.mtx has shape (0, 3), so it holds no entries; give at least one row and one column.",
        ),
        (
            "coordinate real general\n2 2 1\n2 1 -inf\n",
            "x.mtx has 0 NaN and 1 infinite entries, the first in row 2, column 1 of the matrix "
            "(counted from 1); replace them by finite numbers, or drop their rows or columns.",
        ),
        (
            "coordinate real general\n1000000000 2 1\n2 1 1\n",
            "x.mtx has 1,000,000,000 rows, more than 100,000,000; drop the rows without entries.",
        ),
    ],
)
def test_unusable_matrices_are_refused(refusal, content, message):
    assert refusal("x.mtx", f"%%MatrixMarket matrix {content}".encode()) == message


def test_comments_in_old_encodings_are_skipped(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_bytes(b"%%MatrixMarket matrix array real general\n% Universit\xe9\n1 1\n5\n")
    assert read_matrix(path).tolist() == [[5.0]]


def test_what_cannot_fit_in_memory_is_refused(refusal):
    message = refusal("x.mtx", b"%%MatrixMarket matrix array real general\n100000000 100000000\n1\n")
    assert message.startswith("x.mtx does not fit in memory (Unable to allocate 71.1 PiB")
    assert message.endswith("; give a smaller matrix.")
