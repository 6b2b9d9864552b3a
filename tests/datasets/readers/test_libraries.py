"""Every format is read from a file that another library has written, and a hostile file is refused in one sentence."""

import importlib
import io
import pickle
import struct

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.datasets import read_labelled_matrix, read_matrix, read_triplets, triplets_from_matrix

MATRIX = np.array([[1.5, -2.0, 0.0], [0.25, 4.0, 1e-300]])
ROWS, COLUMNS = ["ann", "bob"], ["x", "y", "z"]


def _library(name):
    return pytest.importorskip(name, reason=f"{name} is optional")


def _frame():
    pandas = importlib.import_module("pandas")
    return pandas.DataFrame(MATRIX, index=ROWS, columns=COLUMNS)


def _labelled(path, **options):
    found = read_labelled_matrix(path, **options)
    np.testing.assert_array_equal(found.matrix, MATRIX, strict=True)
    return found.row_labels.tolist(), found.column_labels.tolist()


def _refused(path, **options) -> str:
    with pytest.raises(InputError) as caught:
        read_matrix(path, **options)
    message = str(caught.value)
    assert message.isprintable()
    assert message.endswith(".")
    return message


@pytest.mark.parametrize("options", [{}, {"sep": ";", "decimal": ","}, {"sep": "\t"}, {"encoding": "utf-16"}])
def test_pandas_text(tmp_path, options):
    _frame().to_csv(tmp_path / "m.csv", **options)
    assert _labelled(tmp_path / "m.csv") == (ROWS, COLUMNS)


@pytest.mark.parametrize(("extension", "library"), [(".xlsx", "openpyxl"), (".ods", "odf")])
def test_spreadsheets(tmp_path, extension, library):
    _library(library)
    pandas = importlib.import_module("pandas")
    path = tmp_path / f"m{extension}"
    _frame().to_excel(str(path))
    assert _labelled(path) == (ROWS, COLUMNS)
    with pandas.ExcelWriter(str(path)) as writer:
        _frame().to_excel(writer, sheet_name="first")
        _frame().T.to_excel(writer, sheet_name="second")
    assert "has 2 sheets; pass one of them as sheet=: 'first', 'second'." in _refused(path)
    assert "has no sheet 'third'; pass one" in _refused(path, sheet="third")
    assert _labelled(path, sheet="first") == (ROWS, COLUMNS)
    np.testing.assert_array_equal(read_matrix(path, sheet="2"), MATRIX.T)


@pytest.mark.parametrize(("extension", "library"), [(".xlsx", "openpyxl"), (".ods", "odf")])
def test_entries_in_a_spreadsheet(tmp_path, extension, library):
    _library(library)
    pandas = importlib.import_module("pandas")
    table = {"rating": [4, 3.5, 1], "user": ["NA", "bob", "bob"], "when": pandas.to_datetime(["2024-05-01"] * 3)}
    path = tmp_path / f"t{extension}"
    pandas.DataFrame({**table, "film": [7, 7, 9]}).to_excel(str(path), index=False)
    found = read_triplets(path)
    assert found.users.tolist() == ["NA", "bob", "bob"]
    assert (found.items.tolist(), found.values.tolist()) == ([7, 7, 9], [4.0, 3.5, 1.0])
    assert found.timestamps.tolist() == [1714521600] * 3


@pytest.mark.parametrize(("extension", "library"), [(".xlsx", "openpyxl"), (".ods", "odf")])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"rubbish" * 99, "cut"])
def test_spreadsheets_that_are_none(tmp_path, extension, library, content):
    _library(library)
    path = tmp_path / f"m{extension}"
    if content == "cut":
        _frame().to_excel(str(path))
        content = path.read_bytes()[:-200]
    path.write_bytes(content)
    assert str(path) in _refused(path)


def test_a_sheet_that_announces_too_many_cells(tmp_path):
    _library("odf")
    table = importlib.import_module("odf.table")
    document = importlib.import_module("odf.opendocument").OpenDocumentSpreadsheet()
    sheet = table.Table(name="bomb")
    row = table.TableRow(numberrowsrepeated=10**9)
    cell = table.TableCell(numbercolumnsrepeated=10**9, valuetype="float", value="1")
    row.addElement(cell)
    sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    document.save(str(tmp_path / "bomb.ods"))
    assert "has more than 20,000,000 cells" in _refused(tmp_path / "bomb.ods")


def test_a_sheet_with_one_cell_in_the_far_corner(tmp_path):
    openpyxl = _library("openpyxl")
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "corner.xlsx")
    assert "has more than 20,000,000 cells" in _refused(tmp_path / "corner.xlsx")


@pytest.mark.parametrize("write", ["to_parquet", "to_feather"])
def test_pandas_arrow(tmp_path, write):
    _library("pyarrow")
    path = tmp_path / ("m." + write.removeprefix("to_"))
    frame = _frame() if write == "to_parquet" else _frame().reset_index(names="name")
    getattr(frame, write)(path)
    assert _labelled(path) == (ROWS, COLUMNS)
    path.write_bytes(path.read_bytes()[:-20])
    assert "is damaged" in _refused(path)


def test_a_wide_table_of_whole_numbers_in_parquet_is_a_matrix(tmp_path):
    _library("pyarrow")
    pandas = importlib.import_module("pandas")
    counts = np.arange(60).reshape(10, 6)
    pandas.DataFrame(counts, columns=[f"gene{k}" for k in range(6)]).to_parquet(tmp_path / "m.parquet")
    np.testing.assert_array_equal(read_matrix(tmp_path / "m.parquet"), counts)


def test_polars(tmp_path):
    polars = _library("polars")
    _library("pyarrow")
    frame = polars.DataFrame({"name": ROWS, **{title: MATRIX[:, k] for k, title in enumerate(COLUMNS)}})
    for name in ("m.parquet", "m.csv", "m.feather"):
        write = {"m.csv": frame.write_csv, "m.parquet": frame.write_parquet, "m.feather": frame.write_ipc}[name]
        write(tmp_path / name)
        assert _labelled(tmp_path / name) == (ROWS, COLUMNS)


@pytest.mark.parametrize("kind", ["5", "4", "7.3"])
@pytest.mark.parametrize("sparse", [False, True])
def test_matlab(tmp_path, kind, sparse):
    path = tmp_path / "m.mat"
    if kind == "7.3":
        _write_matlab_73(path, sparse)
    else:
        scipy.io.savemat(path, {"m": scipy.sparse.csc_array(MATRIX) if sparse else MATRIX}, format=kind)
    found = read_matrix(path)
    assert isinstance(found, scipy.sparse.csr_array) == sparse
    np.testing.assert_array_equal(found.toarray() if sparse else found, MATRIX)


def _write_matlab_73(path, sparse):
    """As MATLAB writes it: transposed, behind 512 bytes of its own."""
    h5py = importlib.import_module("h5py")
    with h5py.File(path, "w", userblock_size=512) as file:
        if sparse:
            columns = scipy.sparse.csc_array(MATRIX)
            group = file.create_group("m")
            group.attrs["MATLAB_sparse"] = np.uint64(2)
            group.attrs["MATLAB_class"] = np.bytes_("double")
            group["data"], group["ir"], group["jc"] = columns.data, columns.indices, columns.indptr
        else:
            file["m"] = MATRIX.T
            file["m"].attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(512))


def test_matlab_variables(tmp_path):
    path = tmp_path / "m.mat"
    cell = np.array([["a", 1.0]], dtype=object)
    scipy.io.savemat(path, {"a": MATRIX, "b": MATRIX[:, :2], "name": "text", "c": cell, "s": {"x": 1.0}})
    assert "holds 2 matrices; pass the name of one as key=: 'a' (2, 3), 'b' (2, 2)." in _refused(path)
    np.testing.assert_array_equal(read_matrix(path, key="a"), MATRIX)
    assert "has no array 'c' of numbers" in _refused(path, key="c")
    scipy.io.savemat(path, {"c": cell})
    assert "holds no matrix of numbers but 'c: cell'" in _refused(path)
    content = path.read_bytes()
    for bad in (content[:150], content[:128] + b"\xff" * 64, b"MATLAB 5.0 MAT-file" + b"\0" * 300):
        path.write_bytes(bad)
        _refused(path)


@pytest.mark.parametrize("name", ["m.h5", "m.hdf5"])
def test_hdf5(tmp_path, name):
    h5py = _library("h5py")
    path = tmp_path / name
    with h5py.File(path, "w") as file:
        file["group/m"] = MATRIX
        file["text"] = "words"
        file.create_dataset("objects", data=["a", "b"], dtype=h5py.string_dtype())
    np.testing.assert_array_equal(read_matrix(path), MATRIX)
    np.testing.assert_array_equal(read_matrix(path, key="/group/m"), MATRIX)
    assert "has no array 'objects' of numbers; pass one of its arrays as key=: 'group/m' (2, 3)." in _refused(
        path, key="objects"
    )


def test_hostile_hdf5(tmp_path):
    h5py = _library("h5py")
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("m", shape=(10**7, 10**6), dtype="f8", chunks=(1000, 1000))
    assert "announces 80,000,000,000,000 bytes of numbers, but only 0 are stored" in _refused(path)
    (tmp_path / "secret").write_bytes(bytes(64))
    with h5py.File(path, "w") as file:
        file.create_dataset("m", shape=(2, 4), dtype="f8", external=[(str(tmp_path / "secret"), 0, 64)])
    assert "is stored in other files, which are not read" in _refused(path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["m"] = MATRIX
    with h5py.File(path, "w") as file:
        file["m"] = h5py.ExternalLink("other.h5", "m")
    assert "holds no matrix of numbers" in _refused(path)
    path.write_bytes((tmp_path / "other.h5").read_bytes()[:500])
    _refused(path)


@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_anndata(tmp_path, kind):
    anndata = _library("anndata")
    pandas = importlib.import_module("pandas")
    matrix = MATRIX if kind == "dense" else scipy.sparse.csr_matrix(MATRIX).asformat(kind)
    path = tmp_path / "m.h5ad"
    anndata.AnnData(
        X=matrix,
        obs=pandas.DataFrame(index=ROWS),
        var=pandas.DataFrame(index=COLUMNS),
        layers={"double": 2 * matrix},
    ).write_h5ad(path)
    found = read_labelled_matrix(path)
    dense = found.matrix if kind == "dense" else found.matrix.toarray()
    np.testing.assert_array_equal(dense, MATRIX)
    assert (found.row_labels.tolist(), found.column_labels.tolist()) == (ROWS, COLUMNS)
    double = read_matrix(path, layer="double")
    np.testing.assert_array_equal(double if kind == "dense" else double.toarray(), 2 * MATRIX)
    assert "has no layer 'triple'; pass one of them as layer=: 'X', 'double'." in _refused(path, layer="triple")


def test_zarr(tmp_path):
    zarr = _library("zarr")
    path = tmp_path / "m.zarr"
    group = zarr.open_group(str(path), mode="w")
    for name in ("a", "b"):
        group.create_array(name, data=MATRIX)
    np.testing.assert_array_equal(read_matrix(path, key="b"), MATRIX)
    assert "holds 2 matrices; pass the name of one as key=: " in _refused(path)
    metadata = path / "a" / "zarr.json"
    metadata.write_text(metadata.read_text().replace('"zstd"', '"pickle"'))
    assert _refused(path, key="a").endswith(
        "is encoded by pickle, which is never loaded; write it again with numbers only."
    )
    metadata.write_text("{")
    _refused(path, key="a")
    (tmp_path / "file.zarr").write_text("x")
    assert "is not a folder" in _refused(tmp_path / "file.zarr")


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_netcdf(tmp_path, engine):
    xarray = _library("xarray")
    path = tmp_path / "m.nc"
    coordinates = {"row": ROWS, "column": COLUMNS}
    made = xarray.Dataset({"m": (("row", "column"), MATRIX), "n": ("row", [1.0, 2.0])}, coords=coordinates)
    made.to_netcdf(path, engine=engine)
    assert _labelled(path) == (ROWS, COLUMNS)
    path.write_bytes(path.read_bytes()[:300])
    _refused(path)


def test_safetensors(tmp_path):
    numpy_files = _library("safetensors.numpy")
    path = tmp_path / "m.safetensors"
    numpy_files.save_file({"m": MATRIX, "bias": np.ones(3)}, path)
    np.testing.assert_array_equal(read_matrix(path), MATRIX)
    content = path.read_bytes()
    for bad in (content[:-8], struct.pack("<Q", 2**62) + content[8:], b"", b"\x02" + bytes(7) + b"[]"):
        path.write_bytes(bad)
        _refused(path)


@pytest.mark.parametrize("name", ["m.pkl", "m.pt", "m.rds", "m.RData", "m.joblib", "m.xls", "m.pickle.gz"])
def test_pickles_are_refused_with_the_way_to_convert(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(MATRIX))
    assert "convert it: " in _refused(path)


def test_objects_of_numpy_are_refused(tmp_path):
    stream = io.BytesIO()
    np.save(stream, np.array([[None, 1]], dtype=object), allow_pickle=True)
    (tmp_path / "m.npy").write_bytes(stream.getvalue())
    assert "Python objects, which are never loaded" in _refused(tmp_path / "m.npy")


@pytest.mark.parametrize("text", ["a,b\n1,2\n", '{"a": 1}'])
@pytest.mark.parametrize("name", ["m.mat", "m.h5", "m.npy", "m.parquet", "m.nc"])
def test_a_text_with_another_extension_is_told(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    if name == "m.parquet":
        _library("pyarrow")
    assert "begins like a text, not like a " in _refused(tmp_path / name)


def test_labels_become_ids(tmp_path):
    (tmp_path / "m.csv").write_text("gene,s1,s2\nTP53,1,\nBRCA1,,4\n")
    found = triplets_from_matrix(read_labelled_matrix(tmp_path / "m.csv", missing="allowed"))
    assert (found.row_ids.tolist(), found.column_ids.tolist()) == (["TP53", "BRCA1"], ["s1", "s2"])
    assert found.values.tolist() == [1.0, 4.0]


def test_a_label_that_stands_twice(tmp_path):
    (tmp_path / "m.csv").write_text("gene,s1,s2\nTP53,1,2\nTP53,3,4\n")
    found = read_labelled_matrix(tmp_path / "m.csv")
    assert found.row_labels.tolist() == ["TP53", "TP53"]
    with pytest.raises(InputError, match=r"^The rows 1 and 2 of the matrix .* both have the label 'TP53'; give each"):
        triplets_from_matrix(found)
