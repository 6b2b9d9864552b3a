"""Whatever a file holds, the outcome is a finite float64 matrix or one sentence."""

import gzip
import io
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix
from equipoise.datasets.formats import holding

repeatable = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

PACKAGES = {
    each.extensions[0]: each.package for each in holding("matrix") if each.package and not find_spec(each.package)
}
NAMES = [
    name
    for each in holding("matrix")
    if not each.folder and each.extensions[0] not in PACKAGES
    for name in (each.extensions[0], *each.names[1:2])
]

OPENINGS = {
    ".parquet": b"PAR1",
    ".feather": b"ARROW1\x00\x00",
    ".mat": b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM",
    ".h5": b"\x89HDF\r\n\x1a\n",
    ".h5ad": b"\x89HDF\r\n\x1a\n",
    ".nc": b"CDF\x01",
    ".safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    ".xlsx": b"PK\x03\x04",
    ".ods": b"PK\x03\x04",
    ".npy": np.lib.format.MAGIC_PREFIX + b"\x01\x00",
    ".npz": b"PK\x03\x04",
    ".mtx": b"%%MatrixMarket matrix coordinate real general\n2 2 2\n",
}


def _outcome_is_clean(path, capfd) -> None:
    try:
        matrix = read_matrix(path)
    except InputError as error:
        message = str(error)
        assert message.isprintable()
        assert message.endswith(".")
        assert str(path) in message
    else:
        entries = matrix.data if scipy.sparse.issparse(matrix) else matrix
        assert isinstance(matrix, np.ndarray | scipy.sparse.csr_array)
        assert matrix.dtype == np.float64
        assert matrix.ndim == 2
        assert np.isfinite(entries).all()
    assert capfd.readouterr() == ("", "")


def _written(path, content: bytes, packed: bool):
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    return path


@pytest.mark.parametrize("extension", NAMES)
@repeatable
@given(data=st.data())
def test_arbitrary_bytes(folder, capfd, extension, data):
    opening = OPENINGS.get(extension.removesuffix(".gz"), b"1,2\t")
    content = data.draw(st.sampled_from([b"", opening])) + data.draw(
        st.one_of(st.binary(max_size=200), st.text("0123456789.,-e \t\n\r\"';x%", max_size=60).map(str.encode))
    )
    packed = extension.endswith(".gz") and data.draw(st.booleans())
    _outcome_is_clean(_written(folder / f"any{extension}", content, packed), capfd)


def _npy(array) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _mtx(matrix, **options) -> bytes:
    stream = io.BytesIO()
    scipy.io.mmwrite(stream, matrix, **options)
    return stream.getvalue()


def _members(matrix) -> dict[str, bytes]:
    stream = io.BytesIO()
    if scipy.sparse.issparse(matrix):
        scipy.sparse.save_npz(stream, matrix)
    else:
        np.savez(stream, matrix=matrix, steps=3)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


DENSE = np.array([[1.5, -2.0, 0.0], [0.0, 4.0, 1e-300], [7.0, 0.0, 0.25]])
SPARSE = scipy.sparse.csr_array(DENSE)
TABLE = b"one,two,three\n1.5,-2,0\n0,4,1e-300\n"
VALID = {
    ".npy": [_npy(DENSE), _npy(np.asfortranarray(DENSE)), _npy(DENSE.astype(">i2"))],
    ".csv": [TABLE, TABLE.replace(b"\n", b"\r\n"), b'"1","2"\n3,4\n'],
    ".tsv": [TABLE.replace(b",", b"\t")],
    ".mtx": [
        _mtx(DENSE, symmetry="general"),
        _mtx(SPARSE, symmetry="general"),
        _mtx(DENSE + DENSE.T, symmetry="symmetric"),
        _mtx(scipy.sparse.csr_array(DENSE - DENSE.T), symmetry="skew-symmetric"),
        _mtx(SPARSE, symmetry="general", field="pattern"),
    ],
}
ARCHIVES = [_members(DENSE)] + [_members(SPARSE.asformat(form)) for form in ("csr", "csc", "coo", "dia", "bsr")]


@st.composite
def _edits(draw, content: bytes) -> bytes:
    """`content` with one to three short stretches replaced."""
    tokens = [
        b"",
        b"0",
        b"9",
        b"-",
        b".",
        b",",
        b"\n",
        b" ",
        b'"',
        b"\xff",
        b"\x00",
        b"\x7f",
        b"nan",
        b"1e999",
        b"'O'",
    ]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.one_of(st.integers(start, min(start + 8, len(content))), st.just(len(content))))
        content = content[:start] + draw(st.one_of(st.sampled_from(tokens), st.binary(max_size=9))) + content[end:]
    return content


@pytest.mark.parametrize("extension", VALID)
@repeatable
@given(data=st.data())
def test_damaged_files(folder, capfd, extension, data):
    content = data.draw(st.sampled_from(VALID[extension]).flatmap(_edits))
    _outcome_is_clean(_written(folder / f"damaged{extension}", content, packed=False), capfd)


@repeatable
@given(data=st.data())
def test_damaged_archives(folder, capfd, data):
    """A member is changed and its checksum renewed, so that the change reaches the readers."""
    members = dict(data.draw(st.sampled_from(ARCHIVES)))
    changed = data.draw(st.sampled_from(sorted(members)))
    members[changed] = data.draw(_edits(members[changed]))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    content = stream.getvalue()
    if data.draw(st.booleans()):
        content = data.draw(_edits(content))
    _outcome_is_clean(_written(folder / "damaged.npz", content, packed=False), capfd)


@repeatable
@given(data=st.data())
def test_damaged_gzip(folder, capfd, data):
    content = data.draw(_edits(gzip.compress(TABLE)))
    _outcome_is_clean(_written(folder / "damaged.csv.gz", content, packed=False), capfd)


def test_the_undamaged_files_are_read(folder):
    """Or else the tests above would have nothing to damage."""
    for extension, contents in VALID.items():
        for content in contents:
            assert read_matrix(_written(folder / f"whole{extension}", content, packed=False)).ndim == 2
