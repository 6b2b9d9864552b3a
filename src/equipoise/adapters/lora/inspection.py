"""What an adapter does to each module, and how its factors share it."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from equipoise.adapters.lora.adapter import Adapter, Module, read_adapter
from equipoise.adapters.lora.base import BaseModel
from equipoise.adapters.lora.factors import balance_gap, decomposition
from equipoise.adapters.lora.layouts import Down, Up
from equipoise.adapters.lora.resizing import rank_for_energy
from equipoise.adapters.lora.rewritten import sharpness
from equipoise.core.messages import shown_path
from equipoise.core.observable import Variable

VARIABLES = (
    Variable("rank", "rank of the factors", "r"),
    Variable("scale", "scale", "s"),
    Variable("norm_a", "norm of A", "‖A‖"),
    Variable("norm_b", "norm of B", "‖B‖"),
    Variable("balance", "balance", "‖B‖/‖A‖"),
    Variable("balance_gap", "balance gap", "‖AAᵀ − BᵀB‖/(‖A‖² + ‖B‖²)"),
    Variable("frobenius_norm", "Frobenius norm", "‖sBA‖"),
    Variable("spectral_norm", "spectral norm", "‖sBA‖₂"),
    Variable("nuclear_norm", "nuclear norm", "‖sBA‖_*"),
    Variable("stable_rank", "stable rank", "‖BA‖²/‖BA‖₂²"),
    Variable("effective_rank", "effective rank", "exp(−Σpᵢ log pᵢ), pᵢ = σᵢ/Σσ"),
    Variable("rank_90", "rank for 90% of the energy", "min r′: Σ_{i ≤ r′} σᵢ² ≥ 0.9 Σσᵢ²"),
    Variable("rank_99", "rank for 99% of the energy", "min r′: Σ_{i ≤ r′} σᵢ² ≥ 0.99 Σσᵢ²"),
    Variable("energy_half", "energy at half the rank", "Σ_{i ≤ r/2} σᵢ²/Σσᵢ²"),
    Variable("energy_quarter", "energy at a quarter of the rank", "Σ_{i ≤ r/4} σᵢ²/Σσᵢ²"),
    Variable("excess", "excess of the factors", "(‖A‖² + ‖B‖²)/(2‖BA‖_*)"),
    Variable("sharpness", "sharpness", "s²(‖A‖₂² + ‖B‖₂²)"),
    Variable("relative_change", "relative change of the weight", "‖ΔW‖/‖W‖"),
)
"""What is measured of each module. A mixture of experts has one row for each expert."""


def inspect(path: Path | str, base: Path | str | None = None) -> xr.Dataset:
    """Norms, ranks, scale and balance of each module of an adapter, with dims (module,) and (module, index).

    All is computed from the factors in float64 by thin QR decompositions, without the base model. `singular_values`
    holds those of sBA, filled up with NaN. The rows are in the order of the names, with numbers in them as numbers.

    - `path`: the adapter: a .safetensors file, the folder of an adapter, or the index of its shards.
    - `base`: the base model in the same forms, for `relative_change`; without it that variable is left out.

    Raises `InputError` if a file cannot be read, is no adapter, or is of another method than LoRA.
    """
    adapter = read_adapter(Path(path))
    model = None if base is None else BaseModel(Path(base))
    rows: list[dict[str, Any]] = []
    for module in sorted(adapter.modules, key=lambda each: natural(each.name)):
        size = float("nan") if model is None else model.norm(adapter, module)
        rows += _rows(module, *adapter.factors(module), size)
    return _dataset(adapter, rows, with_base=base is not None)


def natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts the numbers in names as numbers."""
    import re

    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name)]


def _rows(module: Module, a: Down, b: Up, size: float) -> list[dict[str, Any]]:
    values = decomposition(a, b).values
    rows = []
    for i in range(module.experts):
        name = module.name if module.experts == 1 else f"{module.name}[{i}]"
        rows.append({"module": name, "kind": module.kind, **_measured(module, a[i : i + 1], b[i : i + 1], values[i])})
    total = float(np.linalg.norm(module.scale * values))
    for row in rows:
        row["relative_change"] = total / size if size else float("nan")
    return rows


def _measured(module: Module, a: Down, b: Up, values: np.ndarray) -> dict[str, Any]:
    norm_a, norm_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    energies, total, rank = np.cumsum(values**2), float(np.sum(values)), module.rank
    found = {
        "rank": rank,
        "scale": module.scale,
        "norm_a": norm_a,
        "norm_b": norm_b,
        "balance": norm_b / norm_a if norm_a else np.nan,
        "balance_gap": balance_gap(a, b),
        "frobenius_norm": abs(module.scale) * float(np.sqrt(energies[-1])),
        "spectral_norm": abs(module.scale) * float(values[0]),
        "nuclear_norm": abs(module.scale) * total,
        "sharpness": sharpness(a, b, module.scale),
        "singular_values": abs(module.scale) * values,
    }
    if total == 0:
        return found
    shares = values[values > 0] / total
    return {
        **found,
        "stable_rank": float(energies[-1] / values[0] ** 2),
        "effective_rank": float(np.exp(-np.sum(shares * np.log(shares)))),
        "rank_90": int(rank_for_energy(values[None], 0.9)[0]),
        "rank_99": int(rank_for_energy(values[None], 0.99)[0]),
        "energy_half": _energy(energies, rank // 2),
        "energy_quarter": _energy(energies, rank // 4),
        "excess": (norm_a**2 + norm_b**2) / (2 * total),
    }


def _energy(energies: np.ndarray, rank: int) -> float:
    return float(energies[min(rank, energies.size) - 1] / energies[-1]) if rank else 0.0


def _dataset(adapter: Adapter, rows: list[dict[str, Any]], with_base: bool) -> xr.Dataset:
    columns: dict[str, Any] = {
        v.name: (
            "module",
            np.array([row.get(v.name, np.nan) for row in rows]),
            {"long_name": v.meaning, "formula": v.formula, "units": v.unit},
        )
        for v in VARIABLES
        if with_base or v.name != "relative_change"
    }
    longest = max(row["singular_values"].size for row in rows)
    spectra = np.full((len(rows), longest), np.nan)
    for i, row in enumerate(rows):
        spectra[i, : row["singular_values"].size] = row["singular_values"]
    about = {"long_name": "singular values", "formula": "σᵢ(sBA)", "units": "1"}
    columns["singular_values"] = (("module", "index"), spectra, about)
    coordinates = {
        "module": ("module", np.array([row["module"] for row in rows], dtype=object), {"long_name": "module"}),
        "kind": ("module", np.array([row["kind"] for row in rows], dtype=object), {"long_name": "kind of module"}),
        "index": ("index", np.arange(1, longest + 1), {"long_name": "number of the singular value"}),
    }
    notes = _notes(adapter)
    return xr.Dataset(
        columns, coordinates, {"title": "equipoise adapter", "path": shown_path(adapter.path), "notes": notes}
    )


def _notes(adapter: Adapter) -> str:
    """What the numbers do not tell."""
    if adapter.has_unknown_scales:
        return "There is no adapter_config.json beside the file, so the scales are unknown; 1 is taken."
    return ""
