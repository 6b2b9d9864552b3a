"""The dataset of a store as one file."""

from pathlib import Path
from typing import Any, Literal

import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.files import whole_file
from equipoise.results import save_dataset
from equipoise.sweeps.store.reading import load

Format = Literal["nc", "csv", "parquet"]


def export(store: str | Path, path: str | Path, to: Format = "nc") -> Path:
    """Write the dataset of a store as one file, whole or not at all; returns its path.

    - `store`: the folder of the store.
    - `path`: the file to write.
    - `to`: "nc" for netCDF, which keeps everything; "csv" or "parquet" for a table with a line for each point,
      replicate, step and entry of a further dim.

    Raises `InputError` if there is no store, if the folder of the file is not writable, and for "parquet" without the
    package pyarrow.
    """
    path, dataset = Path(path), load(store)
    if to == "nc":
        return save_dataset(dataset, path)
    if to == "parquet":
        _check_pyarrow()
    frame = _table(dataset)
    with whole_file(path) as temporary:
        if to == "csv":
            frame.to_csv(temporary, index=False)
        else:
            frame.to_parquet(temporary, index=False)
    return path


def _table(dataset: xr.Dataset) -> Any:
    """The dataset as a table of pandas; a dim without values is numbered."""
    numbered = dataset.assign_coords(
        {str(dim): range(size) for dim, size in dataset.sizes.items() if dim not in dataset}
    )
    return numbered.to_dataframe().reset_index()


def _check_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise InputError(
            "Parquet is written by the package pyarrow, which is not installed; run: pip install pyarrow."
        ) from error
