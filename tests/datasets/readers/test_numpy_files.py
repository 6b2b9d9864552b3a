import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix

shapes = array_shapes(min_dims=2, max_dims=2, max_side=6)
finite = st.floats(allow_nan=False, allow_infinity=False)
floats = arrays(np.float64, shapes, elements=finite)
others = st.sampled_from(["?", "i1", "u2", "<i4", ">i8", "<f4", ">f8", "f2"]).flatmap(
    lambda dtype: arrays(
        dtype, shapes, elements={"allow_nan": False, "allow_infinity": False} if "f" in dtype else None
    )
)


def _saved(array, *, version=None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), version=version)
    return stream.getvalue()


def _archived(**arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@given(matrix=st.one_of(floats, others), version=st.sampled_from([(1, 0), (2, 0), (3, 0)]), columns=st.booleans())
@pytest.mark.filterwarnings("ignore:Stored array in format")
def test_arrays_come_back_exactly(folder, matrix, version, columns):
    path = folder / "matrix.npy"
    path.write_bytes(_saved(np.asfortranarray(matrix) if columns else matrix, version=version))
    read = read_matrix(path)
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read, matrix.astype(np.float64), strict=True)
    assert read.flags.writeable


@given(matrix=floats, compressed=st.booleans())
def test_archives_come_back_exactly(folder, matrix, compressed):
    path = folder / "matrix.npz"
    (np.savez_compressed if compressed else np.savez)(path, target=matrix, steps=3, times=np.arange(4))
    np.testing.assert_array_equal(read_matrix(path), matrix, strict=True)
    np.testing.assert_array_equal(read_matrix(path, key="target"), matrix, strict=True)


@given(
    matrix=floats,
    form=st.sampled_from(["csr", "csc", "coo", "dia", "bsr"]),
    kind=st.sampled_from([scipy.sparse.csr_array, scipy.sparse.csr_matrix]),
    compressed=st.booleans(),
)
def test_sparse_archives_come_back_exactly(folder, matrix, form, kind, compressed):
    path = folder / "sparse.npz"
    scipy.sparse.save_npz(path, kind(matrix).asformat(form), compressed=compressed)
    read = read_matrix(path)
    assert isinstance(read, scipy.sparse.csr_array)
    np.testing.assert_array_equal(read.toarray(), matrix, strict=True)


def test_key_chooses_among_matrices(tmp_path):
    path = tmp_path / "two.npz"
    np.savez(path, a=np.ones((2, 2)), b=np.zeros((3, 1)))
    assert read_matrix(path, key="b").tolist() == [[0.0], [0.0], [0.0]]


MATRIX = _saved(np.ones((2, 3)))
TWO = "but a matrix has two dimensions; reshape it to (rows, columns)."
NO_ENTRIES = "so it holds no entries; give at least one row and one column."
COMPLEX = "holds complex numbers; give its real or imaginary part, a matrix of real numbers."
FINITE = "replace them by finite numbers, or drop their rows or columns."
DAMAGED = "it is damaged or not what its extension says, so save it again or correct its extension."


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x01"])
def test_what_is_no_npy_file_is_refused(refusal, content):
    assert refusal("x.npy", content) == (
        "x.npy does not begin like a .npy file; write it with numpy.save, or correct its extension."
    )


@pytest.mark.parametrize(
    "content",
    [
        MATRIX[:40],
        MATRIX.replace(b"\x01", b"\x09", 1),
        MATRIX.replace(b"(2, 3)", b"(2, 3-"),
        MATRIX.replace(b"'shape': (2, 3), }", b"'x':''" + b"-" * 11 + b"1"),
        MATRIX.replace(b"<f8", b"<q9"),
        MATRIX.replace(b"False", rb"1if\d"),
    ],
)
def test_damaged_headers_are_refused(refusal, content):
    assert refusal("x.npy", content) == "x.npy is damaged; save it again with NumPy."


@pytest.mark.parametrize(
    ("content", "there", "needed"),
    [
        (MATRIX[:-5], 43, 48),
        (MATRIX + MATRIX, 224, 48),
        (MATRIX.replace(b"(2, 3), }        ", b"(999999999, 999)}"), 48, 7991999992008),
    ],
)
def test_too_few_or_too_many_numbers_are_refused(refusal, content, there, needed):
    assert refusal("x.npy", content) == (
        f"x.npy holds {there} bytes of numbers, but its header announces {needed}; "
        "it was cut short or changed, so save it again."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (MATRIX.replace(b"(2, 3), }  ", b"(-2, -3), }"), f"has shape (-2, -3), {NO_ENTRIES}"),
        (_saved(np.ones((0, 3))), f"has shape (0, 3), {NO_ENTRIES}"),
        (_saved(np.ones(3)), f"has shape (3,), {TWO}"),
        (_saved(np.ones((1, 2, 3))), f"has shape (1, 2, 3), {TWO}"),
        (_saved(np.ones((2, 2), complex)), COMPLEX),
        (_saved(np.array([["a"]])), "holds entries of type '<U1', not numbers; convert it to float64."),
        (
            _saved(np.zeros((1, 1), "f8,i4")),
            "holds entries of type \"[('f0', '<f8'), ('f1', '<i4')]\", not numbers; convert it to float64.",
        ),
        (
            _saved(np.array([[1.0, np.nan]])),
            f"has 1 NaN and 0 infinite entries, the first in row 1, column 2 of the matrix (counted from 1); {FINITE}",
        ),
    ],
)
def test_unusable_arrays_are_refused(refusal, content, message):
    assert refusal("x.npy", content) == f"x.npy {message}"


ARCHIVE = _archived(a=np.ones((2, 2)))


@pytest.mark.parametrize("content", [b"", MATRIX, ARCHIVE[:-30]])
def test_what_is_no_archive_is_refused(refusal, content):
    assert refusal("x.npz", content) == (
        "x.npz is not a complete .npz archive; write it again with numpy.savez or correct its name."
    )


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        (
            _archived(),
            None,
            "x.npz holds no two-dimensional array but nothing; save a matrix with numpy.savez.",
        ),
        (
            _archived(a=np.ones(2), b=3),
            None,
            "x.npz holds no two-dimensional array but 'a' (2,), 'b' (); save a matrix with numpy.savez.",
        ),
        (
            _archived(a=np.ones((2, 2)), b=np.ones((3, 1)), c=1),
            None,
            "x.npz holds 2 matrices; pass the name of one as key=: 'a' (2, 2), 'b' (3, 1).",
        ),
        (
            _archived(a=np.ones((2, 2)), b=1),
            "B",
            "x.npz has no array 'B'; pass one of its arrays as key=: 'a', 'b'.",
        ),
        (_archived(), "a\n", r"x.npz has no array 'a\n'; pass one of its arrays as key=: nothing."),
        (_archived(a=np.ones(2)), "a", f"Array 'a' of x.npz has shape (2,), {TWO}"),
        (_archived(a=1j * np.ones((2, 2))), None, f"Array 'a' of x.npz {COMPLEX}"),
        (
            ARCHIVE.replace(np.ones(4).tobytes(), np.zeros(4).tobytes()),
            None,
            "Array 'a' of x.npz is damaged; save it again with NumPy.",
        ),
    ],
)
def test_unusable_archives_are_refused(refusal, content, key, message):
    assert refusal("x.npz", content, key=key) == message


ONE, TWO_ONES, PAIR = np.ones(1), np.ones(2), np.array([0, 1])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"format": b"csr", "data": TWO_ONES, "indices": np.array([0, 7]), "indptr": np.array([0, 1, 2])},
            "x.npz has broken sparse indices (indices must be < 2); build or save it again.",
        ),
        (
            {"format": b"csr", "data": TWO_ONES, "indices": PAIR, "indptr": np.array([0, 99, 0])},
            "x.npz has broken sparse indices (index pointers decrease); build or save it again.",
        ),
        (
            {
                "format": b"csr",
                "data": TWO_ONES,
                "indices": np.array([0, 1.5]),
                "indptr": np.array([0, 1, 2]),
            },
            "x.npz has sparse indices 'indices' that are not integers; save it again.",
        ),
        (
            {"format": b"coo", "data": ONE, "row": np.array([5]), "col": PAIR[:1]},
            f"Cannot read x.npz (axis 0 index 5 exceeds matrix dimension 2); {DAMAGED}",
        ),
        ({"format": b"xyz", "data": ONE}, f'Cannot read x.npz (Unknown format "xyz_matrix"); {DAMAGED}'),
        ({"format": b"coo", "data": 1j * ONE, "row": PAIR[1:], "col": PAIR[:1]}, f"x.npz {COMPLEX}"),
        (
            {"format": b"coo", "data": np.nan * ONE, "row": PAIR[1:], "col": PAIR[:1]},
            "x.npz has 1 NaN and 0 infinite entries, the first in row 2, column 1 of the matrix "
            f"(counted from 1); {FINITE}",
        ),
    ],
)
def test_broken_sparse_archives_are_refused(refusal, parts, message):
    assert refusal("x.npz", _archived(shape=(2, 2), **parts)) == message


class _Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_nothing_is_ever_unpickled(tmp_path):
    trace = tmp_path / "trace"
    bomb = np.array([[_Bomb(trace)]], dtype=object)
    scalar = np.array(_Bomb(trace), dtype=object)
    np.save(tmp_path / "array.npy", bomb, allow_pickle=True)
    np.savez(tmp_path / "archive.npz", a=bomb)
    np.savez(tmp_path / "sparse.npz", format=scalar, shape=scalar, data=scalar)
    np.savez(tmp_path / "indices.npz", format=b"csr", shape=(1, 1), data=np.ones(1), indices=bomb, indptr=bomb)
    with zipfile.ZipFile(tmp_path / "member.npz", "w") as archive:
        archive.writestr("a.npy", pickle.dumps(_Bomb(trace)))
    for name in ("pickle.npy", "pickle.npz", "pickle.csv", "pickle.mtx"):
        (tmp_path / name).write_bytes(pickle.dumps(_Bomb(trace)))

    np.load(tmp_path / "array.npy", allow_pickle=True)
    assert trace.exists(), "the bomb must work, or this test shows nothing"
    trace.unlink()

    files = [path for path in tmp_path.iterdir() if path.suffix]
    assert len(files) == 9
    for path in files:
        for key in (None, "a", "format") if path.suffix == ".npz" else (None,):
            with pytest.raises(InputError, match=path.name):
                read_matrix(path, key=key)
    assert not trace.exists()


def test_the_sentence_about_objects(refusal):
    stream = io.BytesIO()
    np.save(stream, np.array([[None]]), allow_pickle=True)
    assert refusal("x.npy", stream.getvalue()) == (
        "x.npy holds Python objects, which are never loaded; convert it to float64 first."
    )
