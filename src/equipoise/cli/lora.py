"""`equipoise lora`: inspect, balance, resize and merge adapters."""

import csv
import itertools
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from equipoise.cli.options import AsJson, Flag, OptionalWholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table

if TYPE_CHECKING:
    import xarray as xr

    from equipoise.adapters.lora import Rewritten

_Adapter = Annotated[Path, Parameter(help="The adapter: a .safetensors file, its folder, or an index of shards.")]
_Target = Annotated[
    Path, Parameter(help="Where to write: a new folder for an adapter of several files, else a .safetensors file.")
]
_COLUMNS = {
    "rank": "r",
    "scale": "s",
    "balance": "‖B‖/‖A‖",
    "balance_gap": "Gap",
    "excess": "Excess",
    "frobenius_norm": "‖sBA‖",
    "rank_99": "99 %",
    "relative_change": "‖ΔW‖/‖W‖",
}
_MOST_ROWS = 400


def inspect(
    file: _Adapter,
    /,
    *,
    base: Annotated[Path | None, Parameter(help="The base model, for ‖ΔW‖/‖W‖.")] = None,
    picture: Annotated[Path | None, Parameter(metavar="NAME")] = None,
    as_csv: Annotated[bool, Parameter(name="--csv", show_default=False)] = False,
    as_json: AsJson = False,
) -> int:
    """Show what an adapter does to each module, and how its factors share it.

    "Gap" is ‖AAᵀ − BᵀB‖/(‖A‖² + ‖B‖²), 0 for balanced factors, "Excess" (‖A‖² + ‖B‖²)/(2‖BA‖_*), 1 for balanced ones,
    and "99 %" the rank for 99 % of the energy. CSV and JSON have more columns.

    Parameters
    ----------
    picture
        Draw spectra, balance and size by depth into NAME.png and NAME.pdf.
    as_csv
        Print a table of comma-separated values on stdout, and everything else on stderr.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.adapters import lora
    from equipoise.core.errors import InputError

    if as_csv and as_json:
        raise InputError("Give one of --csv and --json.")
    with only_results_on_stdout():
        dataset = lora.inspect(file, base)
        if picture is not None:
            _draw(dataset, picture)
    if dataset.attrs["notes"]:
        print_line(f"note: {dataset.attrs['notes']}", to_stderr=as_csv or as_json)
    if as_csv:
        _print_csv(dataset)
    elif as_json:
        print_json({"file": file, "base": base, "modules": _rows(dataset), "notes": _listed(dataset.attrs["notes"])})
    else:
        _print_modules(dataset, file)
    return 0


def balance(
    source: _Adapter, target: _Target, /, *, gamma: float = 1.0, dtype: str = "keep", as_json: AsJson = False
) -> int:
    """Write an adapter with the same products BA and balanced factors, A′A′ᵀ = B′ᵀB′.

    Names, shapes, ranks and scales stay. What was written is read back, and its relative error is printed.

    Parameters
    ----------
    gamma
        The balance ‖B‖/‖A‖ to have.
    dtype
        The type of the factors: keep, float64, float32, float16 or bfloat16.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.adapters import lora

    with only_results_on_stdout():
        found = lora.balance(source, target, gamma=gamma, dtype=dtype)
    return _print_rewritten(found, as_json)


def resize(
    source: _Adapter,
    target: _Target,
    /,
    *,
    rank: OptionalWholeNumber = None,
    energy: float | None = None,
    ratio: float | None = None,
    per_layer: Flag = False,
    dtype: str = "keep",
    as_json: AsJson = False,
) -> int:
    """Write an adapter of a smaller rank: the best approximation of each BA, balanced, with the same scale.

    Give one of --rank, --energy and --ratio. What was written is read back, and its relative error is printed.

    Parameters
    ----------
    rank
        The new rank; where a product cannot have it, its own.
    energy
        The share of Σσ² to keep, such as 0.99, with the smallest rank that does.
    ratio
        Keep the singular values of at least the largest one divided by this.
    per_layer
        Give each module its own rank; by default all get the largest that one of them needs.
    dtype
        The type of the factors: keep, float64, float32, float16 or bfloat16.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.adapters import lora

    with only_results_on_stdout():
        found = lora.resize(source, target, rank=rank, energy=energy, ratio=ratio, per_layer=per_layer, dtype=dtype)
    return _print_rewritten(found, as_json)


def merge(
    *adapters: Annotated[str, Parameter(help="The adapters, each with its weight, as in style.safetensors:0.7.")],
    out: Annotated[Path, Parameter(metavar="PATH", help="Where to write, a folder or a .safetensors file.")],
    rank: OptionalWholeNumber = None,
    dtype: str = "keep",
    as_json: AsJson = False,
) -> int:
    """Write one adapter that does what several do together: the weighted sum of their products, exactly.

    The result is balanced and has the scale 1. Its rank is the sum of the ranks, or --rank.

    Parameters
    ----------
    rank
        The largest rank to keep; by default nothing is left out.
    dtype
        The type of the factors: keep, float64, float32, float16 or bfloat16.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.adapters import lora

    with only_results_on_stdout():
        found = lora.merge([_weighted(each) for each in adapters], out, rank=rank, dtype=dtype)
    return _print_rewritten(found, as_json)


def _weighted(text: str) -> tuple[Path, float]:
    """A path and a weight from "path:weight"; the weight is 1 if what follows the last colon is no number."""
    path, colon, weight = text.rpartition(":")
    try:
        return (Path(path), float(weight)) if colon else (Path(text), 1.0)
    except ValueError:
        return Path(text), 1.0


def _draw(dataset: "xr.Dataset", picture: Path) -> None:
    from equipoise.adapters import lora
    from equipoise.plots import save_figure

    stem = picture.with_suffix("") if picture.suffix in (".png", ".pdf") else picture
    for path in save_figure(lora.draw(dataset), stem):
        print_line(f"drawn to {path}", to_stderr=True)


def _columns(dataset: "xr.Dataset") -> list[str]:
    """The variables and coordinates with one value for each module."""
    return ["kind", *(str(name) for name in dataset.data_vars if dataset[name].dims == ("module",))]


def _rows(dataset: "xr.Dataset") -> list[dict[str, Any]]:
    names, columns = dataset["module"].values, {name: dataset[name].values for name in _columns(dataset)}
    spectra = dataset["singular_values"].values
    return [
        {
            "module": str(name),
            **{key: values[i] for key, values in columns.items()},
            "singular_values": [value for value in spectra[i].tolist() if not math.isnan(value)],
        }
        for i, name in enumerate(names)
    ]


def _print_csv(dataset: "xr.Dataset") -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    columns = _columns(dataset)
    writer.writerow(["module", *columns])
    for row in _rows(dataset):
        writer.writerow([row["module"], *("" if row[name] != row[name] else row[name] for name in columns)])


def _print_modules(dataset: "xr.Dataset", file: Path) -> None:
    shown = {name: title for name, title in _COLUMNS.items() if name in dataset}
    rows = _rows(dataset)
    common = _common_beginning([row["module"] for row in rows])
    cells = [
        (row["module"].removeprefix(common), *(_number(float(row[name])) for name in shown))
        for row in rows[:_MOST_ROWS]
    ]
    after = f", names after {common}" if common else ""
    count = f"{len(rows)} module{'s' if len(rows) > 1 else ''}"
    print_table(("Module", *shown.values()), cells, title=f"{file.name}: {count}{after}")
    if len(rows) > _MOST_ROWS:
        print_line(f"and {len(rows) - _MOST_ROWS} more; --csv and --json show all")


def _common_beginning(names: list[str]) -> str:
    """The longest beginning of all names that ends in a dot or an underscore."""
    first, last = (min(names), max(names)) if len(names) > 1 else ("", "")
    equal = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    common = "".join(letter for letter, _ in equal)
    return common[: max(common.rfind("."), common.rfind("_")) + 1]


def _print_rewritten(found: "Rewritten", as_json: bool) -> int:
    """The totals of a rewritten adapter, or all of it as JSON."""
    dataset = found.dataset
    if as_json:
        print_json(found.summary())

    def span(name: str) -> str:
        least, largest = float(dataset[name].min()), float(dataset[name].max())
        return _number(least) if least == largest else f"{_number(least)} to {_number(largest)}"

    pairs = (("Rank", "rank"), ("Balance gap", "balance_gap"), ("Sharpness", "sharpness"))
    rows = [(title, span(f"{name}_before"), span(name)) for title, name in pairs]
    rows.append(("Change of the product", "–", span("relative_error")))
    if float(dataset["least_error"].max()) > 0:
        rows.append(("Least for this rank", "–", span("least_error")))
    modules = dataset.sizes["module"]
    title = f"{modules} module{'s' if modules > 1 else ''}, {found.nbytes / 1e6:.3g} MB of tensors"
    print_table(("", "Before", "After"), rows, title=title, to_stderr=as_json)
    for note in found.notes:
        print_line(f"note: {note}", to_stderr=as_json)
    print_line(f"written to {found.path}", to_stderr=as_json)
    return 0


def _listed(note: str) -> list[str]:
    return [note] if note else []


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}"
