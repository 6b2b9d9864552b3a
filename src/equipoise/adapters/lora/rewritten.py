"""What became of an adapter that was written anew, measured on what was read back from disk."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from equipoise.adapters.lora.adapter import Adapter, Module, read_adapter
from equipoise.adapters.lora.factors import balance_gap, distance
from equipoise.adapters.lora.layouts import Down, Up
from equipoise.core.errors import InputError
from equipoise.core.observable import Variable

VARIABLES = (
    Variable("rank_before", "rank before", "r"),
    Variable("rank", "rank", "r′"),
    Variable("scale", "scale", "s"),
    Variable("relative_error", "change of the product", "‖s′B′A′ − sBA‖/‖sBA‖"),
    Variable("least_error", "least change of this rank", "√(Σσ² left out/Σσ²)"),
    Variable("balance_gap_before", "balance gap before", "‖AAᵀ − BᵀB‖/(‖A‖² + ‖B‖²)"),
    Variable("balance_gap", "balance gap", "‖A′A′ᵀ − B′ᵀB′‖/(‖A′‖² + ‖B′‖²)"),
    Variable("sharpness_before", "sharpness before", "s²(‖A‖₂² + ‖B‖₂²)"),
    Variable("sharpness", "sharpness", "s′²(‖A′‖₂² + ‖B′‖₂²)"),
)

Original = Callable[[str], tuple[Down, Up, int]]
"""For the name of a module: A, s·B and the rank of what the result should be equal to."""

_OPTIMIZER = "An optimizer's moments (Adam's, momentum) belong to the old factors; start it anew if training goes on."
_COARSE, _USELESS = 0.02, 0.5


@dataclasses.dataclass(frozen=True)
class Rewritten:
    """An adapter that was written.

    - `path`: where it is.
    - `dataset`: for each module the ranks, the scale, the change of the product, balance gap and sharpness, as measured
      on what was read back from disk.
    - `nbytes`: the bytes of all its tensors.
    - `notes`: one sentence for each thing to know.
    """

    path: Path
    dataset: xr.Dataset
    nbytes: int
    notes: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        """The result as plain numbers, strings, lists and dictionaries."""
        columns = {name: self.dataset[name].values.tolist() for name in self.dataset.data_vars}
        names = self.dataset["module"].values.tolist()
        rows = [{"module": name, **{key: column[i] for key, column in columns.items()}} for i, name in enumerate(names)]
        worst = self.dataset["relative_error"].max() if names else np.nan
        return {
            "path": self.path,
            "bytes": self.nbytes,
            "largest_relative_error": float(worst),
            "modules": rows,
            "notes": list(self.notes),
        }


def measured(path: Path, original: Original, least_errors: Mapping[str, float]) -> xr.Dataset:
    """The comparison of the adapter at `path`, read anew, with what it should be.

    Raises `InputError` if the result is not worth keeping: if a module is not there, or if rounding changes a product
    by more than half.
    """
    adapter = read_adapter(path)
    found = {module.name: module for module in adapter.modules}
    if set(found) != set(least_errors):
        raise InputError(f"What was written to {path.name} has other modules than it should; nothing was kept.")
    rows = [_row(adapter, found[name], original(name), least) for name, least in least_errors.items()]
    columns = {
        v.name: (
            "module",
            np.array([row[i] for row in rows]),
            {"long_name": v.meaning, "formula": v.formula, "units": v.unit},
        )
        for i, v in enumerate(VARIABLES)
    }
    names = np.array(list(least_errors), dtype=object)
    dataset = xr.Dataset(columns, {"module": ("module", names, {"long_name": "module"})})
    worst, rounding = _worst_rounding(dataset)
    if rounding > _USELESS:
        raise InputError(
            f"Rounding would change {worst} by {rounding:.2g} of its size; give a finer dtype, such as float32."
        )
    return dataset


def _worst_rounding(dataset: xr.Dataset) -> tuple[str, float]:
    """The module whose product is changed most by rounding, and by how much, relative to its size."""
    errors, least = dataset["relative_error"].values, dataset["least_error"].values
    rounding = np.sqrt(np.maximum(errors**2 - least**2, 0))
    worst = int(np.argmax(rounding))
    return str(dataset["module"].values[worst]), float(rounding[worst])


def _row(adapter: Adapter, module: Module, original: tuple[Down, Up, int], least: float) -> tuple[float | int, ...]:
    a, b = adapter.factors(module)
    old_a, old_b, old_rank = original
    difference, size = distance(a, b * module.scale, old_a, old_b)
    unscaled = old_b / module.scale if module.scale else old_b
    return (
        old_rank,
        module.rank,
        module.scale,
        difference / size if size else difference,
        least,
        balance_gap(old_a, unscaled),
        balance_gap(a, b),
        sharpness(old_a, unscaled, module.scale),
        sharpness(a, b, module.scale),
    )


def sharpness(a: Down, b: Up, scale: float) -> float:
    """s²(‖A‖₂² + ‖B‖₂²), of the sharpest expert: λmax at a minimum of ½‖W + sBA − T‖², as if inputs were white."""
    return float(scale**2 * np.max(np.linalg.norm(a, 2, (1, 2)) ** 2 + np.linalg.norm(b, 2, (1, 2)) ** 2))


def notes_on(dataset: xr.Dataset, untrained: Sequence[str]) -> tuple[str, ...]:
    """What a user should know about a rewritten adapter."""
    notes = []
    if untrained:
        rest = f" and {len(untrained) - 1} more" if len(untrained) > 1 else ""
        notes.append(f"BA = 0 in {untrained[0]}{rest}: not trained, so there is nothing to balance.")
    worst, rounding = _worst_rounding(dataset)
    if rounding > _COARSE:
        notes.append(f"The dtype is coarse for {worst}: rounding changes its product by {rounding:.2g} of its size.")
    return (*notes, _OPTIMIZER)
