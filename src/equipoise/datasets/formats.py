"""The table of file formats, one row per format, used by readers, messages, the help of the command line and the docs.

It imports only the standard library, so that help need not wait for NumPy.
"""

from collections.abc import Sequence
from typing import Literal

from equipoise.datasets.format import Format as Format
from equipoise.datasets.format import Kind as Kind
from equipoise.datasets.format import resolved as resolved

_READERS = "equipoise.datasets.readers"
_TEXT = f"{_READERS}.text.reading:read_text"
_IN_TEXT = (
    "separator",
    "decimal",
    "thousands",
    "missing_cells",
    "encoding",
    "comment",
    "header",
    "labels",
    "columns",
    "weights",
)
_IN_FRAMES = ("labels", "columns", "weights")
_IN_SHEETS = ("sheet", "missing_cells", "header", "labels", "columns", "weights")
_HDF5 = b"\x89HDF\r\n\x1a\n"

FORMATS = (
    Format((".npy",), "one NumPy array", matrix=f"{_READERS}.numpy_files:read_npy", opening=(b"\x93NUMPY",)),
    Format(
        (".npz",),
        "several NumPy arrays (`key` names the one to read), or a sparse matrix by `scipy.sparse.save_npz`",
        matrix=f"{_READERS}.numpy_files:read_npz",
        options=("key",),
    ),
    Format(
        (".csv",),
        "a table in text; cells are separated by commas or what the content shows",
        table=_TEXT,
        delimiter=",",
        compressible=True,
        options=_IN_TEXT,
    ),
    Format(
        (".tsv", ".tab"),
        "the same, by tabs or what the content shows",
        table=_TEXT,
        delimiter="\t",
        compressible=True,
        options=_IN_TEXT,
    ),
    Format(
        (".txt", ".asc", ".text"),
        "the same, by blanks or what the content shows",
        table=_TEXT,
        delimiter=" ",
        compressible=True,
        options=_IN_TEXT,
    ),
    Format(
        (".mtx",),
        "Matrix Market, dense or sparse",
        matrix=f"{_READERS}.matrix_market:read_matrix_market",
        compressible=True,
        opening=(b"%%MatrixMarket",),
    ),
    Format(
        (".data", ".base", ".test"),
        "MovieLens' own, cells separated by tabs, timestamps in the fourth column; or any table in text",
        table=_TEXT,
        delimiter="\t",
        stamped=True,
        compressible=True,
        options=_IN_TEXT,
    ),
    Format(
        (".dat",),
        "MovieLens' own, cells separated by double colons, timestamps in the fourth column; or any table in text",
        table=_TEXT,
        delimiter="::",
        stamped=True,
        compressible=True,
        options=_IN_TEXT,
    ),
    Format(
        (".xlsx", ".xlsm"),
        "a sheet of a spreadsheet (`sheet` names one of several)",
        table=f"{_READERS}.xlsx:read_xlsx",
        options=_IN_SHEETS,
        package="openpyxl",
        extra="spreadsheets",
    ),
    Format(
        (".ods",),
        "the same, in OpenDocument",
        table=f"{_READERS}.ods:read_ods",
        options=_IN_SHEETS,
        package="odf",
        extra="spreadsheets",
    ),
    Format(
        (".parquet",),
        "a Parquet table",
        table=f"{_READERS}.arrow:read_parquet",
        options=_IN_FRAMES,
        package="pyarrow",
        extra="datasets",
        opening=(b"PAR1",),
    ),
    Format(
        (".feather", ".arrow"),
        "a Feather or Arrow table",
        table=f"{_READERS}.arrow:read_feather",
        options=_IN_FRAMES,
        package="pyarrow",
        extra="datasets",
        opening=(b"ARROW1", b"FEA1"),
    ),
    Format(
        (".mat",),
        "MATLAB, of all versions, dense or sparse (`key` names the variable)",
        matrix=f"{_READERS}.matlab:read_mat",
        options=("key",),
        opening=(b"MATLAB",),
    ),
    Format(
        (".h5", ".hdf5", ".he5"),
        "HDF5 (`key` names the data set)",
        matrix=f"{_READERS}.hdf5:read_hdf5",
        options=("key",),
        opening=(_HDF5,),
    ),
    Format(
        (".h5ad",),
        "AnnData: its X, or the layer that `layer` names",
        matrix=f"{_READERS}.annotated:read_h5ad",
        options=("layer",),
        opening=(_HDF5,),
        package="anndata",
        extra="anndata",
    ),
    Format(
        (".zarr",),
        "a Zarr store, which is a folder (`key` names the array)",
        matrix=f"{_READERS}.zarr_stores:read_zarr",
        folder=True,
        options=("key",),
        package="zarr",
        extra="zarr",
    ),
    Format(
        (".nc", ".nc4", ".cdf"),
        "netCDF (`key` names the variable); its coordinates are the labels",
        matrix=f"{_READERS}.netcdf:read_netcdf",
        options=("key",),
        opening=(b"CDF", _HDF5),
    ),
    Format(
        (".safetensors",),
        "tensors (`key` names the one to read)",
        matrix=f"{_READERS}.tensors:read_safetensors",
        options=("key",),
        package="safetensors",
        extra="safetensors",
    ),
)
"""The supported formats, in the order in which messages list them."""

REFUSED = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), "numpy.save('m.npy', matrix), or to_parquet() of a data frame"),
    **dict.fromkeys((".pt", ".pth", ".ckpt"), "safetensors.torch.save_file({'m': tensor}, 'm.safetensors')"),
    **dict.fromkeys((".rds", ".rda", ".rdata"), "write.csv(m, 'm.csv') in R, or Matrix::writeMM for a sparse matrix"),
    ".xls": "'Save as' .xlsx in the spreadsheet",
}
"""Endings of files that are never read, because reading them could run code or takes an old format, and the way out."""


def holding(kind: Kind | Literal["auto"], formats: Sequence[Format] = FORMATS) -> tuple[Format, ...]:
    """The formats that can hold a matrix, or triplets; all of them for "auto"."""
    return tuple(each for each in formats if kind == "auto" or kind in each.holds)


def extensions(formats: Sequence[Format] = FORMATS) -> tuple[str, ...]:
    """Every extension of these formats, including those of compressed files."""
    return tuple(name for each in formats for name in each.names)


def in_brief(formats: Sequence[Format] = FORMATS) -> str:
    """The extensions for a line of help: ".npy, .csv[.gz]"."""
    return ", ".join(
        extension + ("[.gz]" if each.compressible else "") for each in formats for extension in each.extensions
    )
