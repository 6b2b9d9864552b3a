"""What the studies share: a grid of runs, its pictures and its numbers."""

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from PIL import Image

import equipoise as eq


def swept(study: eq.sweeps.Study) -> xr.Dataset:
    """The first and the last recording of every run."""
    with tempfile.TemporaryDirectory() as folder:
        return eq.sweep(study, Path(folder) / "study.zarr", jobs=1).isel(step=[0, -1])


def options(description: str | None, folder: str) -> argparse.Namespace:
    """The options of the command line; the folder for the results exists afterwards."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a coarser grid, in seconds")
    parser.add_argument("--out", type=Path, default=Path(folder), help="the folder for pictures and data")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    return given


def save(figure: Figure, stem: Path) -> None:
    """The figure as a PNG of 256 colors, a third of its size otherwise."""
    (path,) = eq.plots.save_figure(figure, stem, draft=True)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
    small.save(path, optimize=True)


def write(dataset: xr.Dataset, stem: Path) -> None:
    """Write a dataset in a small file: statuses as numbers, everything else rounded to four digits and compressed."""
    plain, encoding = dataset.copy(), {}
    if "status" in plain:
        names = [status.name for status in eq.Status]
        codes = np.vectorize(names.index, otypes=[np.int8])(plain["status"].values.astype(str))
        meaning = {"flag_values": np.arange(len(names), dtype=np.int8), "flag_meanings": " ".join(names)}
        plain["status"] = plain["status"].copy(data=codes).assign_attrs(meaning)
        encoding["status"] = {"zlib": True, "complevel": 9}
    for name, variable in plain.data_vars.items():
        if variable.dtype.kind == "f":
            plain[name] = variable.copy(data=_rounded(variable.values).astype(np.float32))
            encoding[name] = {"zlib": True, "complevel": 9, "shuffle": True}
    plain.attrs = {"title": stem.name}
    plain.to_netcdf(stem.with_suffix(".nc"), engine="h5netcdf", encoding=encoding)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Rounded to 11 binary digits after the first, so that the rest compresses."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 4096) / 4096, exponent)


def write_numbers(numbers: Mapping[str, float], study: str, folder: Path) -> None:
    """Print the numbers that the page quotes, and put them beside those of the other studies into claims.json."""
    rounded = {name: float(f"{value:.4g}") for name, value in numbers.items()}
    path = folder / "claims.json"
    others = json.loads(path.read_text("utf-8")) if path.is_file() else []
    kept = [one for one in others if one["id"] != study]
    together = sorted([*kept, {"id": study, "measured": rounded}], key=lambda one: one["id"])
    path.write_text(json.dumps(together, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, value in rounded.items():
        print(f"{name}: {value:g}")
