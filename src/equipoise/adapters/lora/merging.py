"""Merging adapters: the exact sum of their products, or its best approximation of a given rank."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.adapters.lora.adapter import CONFIG, Adapter, Module, dump_config, read_adapter
from equipoise.adapters.lora.balancing import check_dtype
from equipoise.adapters.lora.changes import Change, alpha_array, cast, factor_arrays
from equipoise.adapters.lora.factors import decomposition, split
from equipoise.adapters.lora.formats import PEFT_PREFIX
from equipoise.adapters.lora.layouts import Down, Up
from equipoise.adapters.lora.merged_settings import merged_metadata, merged_settings
from equipoise.adapters.lora.output import PEFT_FILE, Output, check_target, companions, write
from equipoise.adapters.lora.resizing import check_scales
from equipoise.adapters.lora.rewritten import Rewritten, measured, notes_on
from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.core.types import RealNumber


@dataclasses.dataclass(frozen=True)
class Part:
    """A module in one of the adapters, and the weight of that adapter."""

    adapter: Adapter
    module: Module
    weight: float

    @property
    def factor(self) -> float:
        """What its BA is multiplied by: the weight times the scale."""
        return self.weight * self.module.scale


def merge(
    sources: Sequence[tuple[Path | str, RealNumber]],
    target: Path | str,
    *,
    rank: int | None = None,
    dtype: str = "keep",
) -> Rewritten:
    """Write one adapter with ΔW = Σ wᵢ ΔWᵢ, balanced, with scale 1 everywhere.

    The factors are concatenated, so the sum is exact; its rank is the sum of the ranks, as far as the matrix allows, or
    `rank`. A module that only some adapters have is theirs alone. Configuration and metadata are those of the first.

    - `sources`: adapters and their weights wᵢ, as [(path, weight), …].
    - `target`: as for `balance`.
    - `rank`: the largest rank to keep; by default nothing is left out.
    - `dtype`: as for `balance`; "keep" is that of the first adapter that has the module.

    Raises `InputError` if the adapters do not fit together. DoRA cannot be merged, since its magnitudes do not add.
    """
    check_dtype(dtype)
    rank = None if rank is None else whole_number("rank", rank, 1)
    if not sources:
        raise InputError("There are no adapters to merge; give at least one.")
    weights = [real_number(f"The weight of {shown_path(path)}", weight) for path, weight in sources]
    adapters = [read_adapter(Path(path)) for path, _ in sources]
    parts = _parts(adapters, weights)
    is_folder = adapters[0].config is not None
    read = tuple(each for a in adapters for each in (a.path, a.shards.files[0].path.parent))
    target = check_target(Path(target), is_folder, read)
    changes = {name: _merged(own, rank) for name, own in parts.items()}

    def original(name: str) -> tuple[Down, Up, int]:
        return *_concatenated(parts[name]), sum(part.module.rank for part in parts[name])

    output = _output(adapters, parts, changes, dtype)
    least_errors = {name: change.least_error for name, change in changes.items()}
    dataset = write(output, target, lambda path: measured(path, original, least_errors))
    return Rewritten(target, dataset, output.nbytes, notes_on(dataset, []))


def _parts(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, list[Part]]:
    """The parts of each module, by name; raises `InputError` if they cannot be added."""
    first = adapters[0]
    found: dict[str, list[Part]] = {}
    for adapter, weight in zip(adapters, weights, strict=True):
        check_scales(adapter)
        name = shown_path(adapter.path)
        if (adapter.config is None) != (first.config is None):
            raise InputError(f"{name} and {shown_path(first.path)} have different formats; convert one of them first.")
        for module in adapter.modules:
            if module.names.magnitude is not None:
                raise InputError(
                    f"{name} is DoRA ({module.names.magnitude}); its magnitudes do not add, so it cannot be merged."
                )
            own = found.setdefault(module.name, [])
            if own and _sizes(own[0]) != _sizes(Part(adapter, module, weight)):
                raise InputError(
                    f"{module.name} has another shape in {name} than in {shown_path(own[0].adapter.path)}; merge "
                    "adapters of one base model."
                )
            own.append(Part(adapter, module, weight))
    return found


def _sizes(part: Part) -> tuple[Any, ...]:
    tensors, names = part.adapter.tensors, part.module.names
    return part.module.experts, part.module.kind, tensors[names.down].shape[1:], tensors[names.up].shape[:1]


def _concatenated(parts: Sequence[Part]) -> tuple[Down, Up]:
    """The factors side by side, those of B with weight and scale: their product is the sum."""
    factors = [(part.adapter.factors(part.module), part.factor) for part in parts]
    return np.concatenate([a for (a, _), _ in factors], 1), np.concatenate([b * w for (_, b), w in factors], 2)


def _merged(parts: Sequence[Part], rank: int | None) -> Change:
    found = decomposition(*_concatenated(parts))
    kept = min(found.values.shape[1], rank or found.values.shape[1])
    total, lost = float(np.sum(found.values**2)), float(np.sum(found.values[:, kept:] ** 2))
    return Change(*split(found, kept), (lost / total) ** 0.5 if total else 0.0)


def _output(
    adapters: Sequence[Adapter], parts: Mapping[str, list[Part]], changes: Mapping[str, Change], dtype: str
) -> Output:
    first = adapters[0]
    arrays: dict[str, np.ndarray] = _others(adapters)
    ranks = {name: change.rank for name, change in changes.items()}
    has_biases = any(part.module.names.bias for own in parts.values() for part in own)
    for name, own in parts.items():
        tensors, names = own[0].adapter.tensors, own[0].module.names
        arrays.update(factor_arrays(names, changes[name], tensors, dtype))
        if names.alpha is not None:
            arrays[names.alpha] = alpha_array(float(ranks[name]), tensors[names.alpha])
        if has_biases:
            arrays[names.up.removesuffix(".weight") + ".bias"] = _bias(own, arrays[names.up])
    settings = merged_settings(adapters, ranks, has_biases)
    metadata = merged_metadata(first.shards.metadata, settings, ranks)
    is_peft = first.config is not None
    texts = {CONFIG: dump_config(settings[0].values)} if is_peft else {}
    name = PEFT_FILE if is_peft else first.shards.files[0].path.name
    return Output({name: (arrays, metadata)}, texts, companions(first) if is_peft else (), is_peft)


def _bias(parts: Sequence[Part], up: np.ndarray) -> np.ndarray:
    """Σ wᵢsᵢ bᵢ, with 0 for those that have no bias."""
    total = np.zeros(up.shape[0])
    for part in parts:
        if part.module.names.bias is not None:
            total = total + part.factor * part.adapter.tensors[part.module.names.bias].numbers()
    return cast(total, up.dtype, "a bias")


def _others(adapters: Sequence[Adapter]) -> dict[str, np.ndarray]:
    """The tensors that are of no module; raises `InputError` if two adapters have one with different entries."""
    found: dict[str, np.ndarray] = {}
    for adapter in adapters:
        names = [module.names for module in adapter.modules]
        known = {name for each in names for name in (each.down, each.up, each.alpha, each.bias)}
        for name, tensor in adapter.tensors.items():
            if name in known:
                continue
            values = tensor.read()
            if name in found and (found[name].shape != values.shape or found[name].tobytes() != values.tobytes()):
                place = name.removeprefix(PEFT_PREFIX)
                raise InputError(
                    f"{place} is trained as a whole and differs between the adapters; it cannot be merged."
                )
            found[name] = values
    return found
