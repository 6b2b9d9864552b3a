"""Resizing an adapter: the best product of a smaller rank."""

from pathlib import Path

import numpy as np
from jaxtyping import Float64

from equipoise.adapters.lora.adapter import Adapter, Module, read_adapter
from equipoise.adapters.lora.balancing import check_dtype, rewritten
from equipoise.adapters.lora.changes import Change
from equipoise.adapters.lora.factors import decomposition, split
from equipoise.adapters.lora.output import check_target
from equipoise.adapters.lora.rewritten import Rewritten
from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.core.types import RealNumber

ROUNDING = 1e-12


def resize(
    source: Path | str,
    target: Path | str,
    *,
    rank: int | None = None,
    energy: RealNumber | None = None,
    ratio: RealNumber | None = None,
    per_layer: bool = False,
    dtype: str = "keep",
) -> Rewritten:
    """Write the adapter with the best approximation of each BA by a smaller rank, balanced.

    The scale s stays: α becomes s·r′, or s·√r′ with rsLoRA. No rank is greater than the product can have, min(m, n, r).
    Nothing is written unless all of it is, and what was written is read back and compared.

    - `source`, `target`: as for `balance`.
    - `rank`: the new rank.
    - `energy`: instead, the smallest rank with Σ_{i ≤ r′} σᵢ² ≥ energy · Σσᵢ², for the singular values σ of BA.
    - `ratio`: instead, the number of singular values of at least σ₁/ratio.
    - `per_layer`: give each module its own rank for `energy` or `ratio`; by default all get the largest that one needs.
    - `dtype`: as for `balance`.

    Give exactly one of `rank`, `energy` and `ratio`. Raises `InputError` if the adapter cannot be read or resized, or
    the result not be written.
    """
    rank, energy, ratio = _checked(rank, energy, ratio, per_layer)
    check_dtype(dtype)
    adapter = read_adapter(Path(source))
    check_scales(adapter)
    target = check_target(Path(target), adapter.is_folder, (Path(source), adapter.shards.files[0].path.parent))
    ranks = _ranks(adapter, rank, energy, ratio, per_layer)
    changes, untrained = {}, []
    for module in adapter.modules:
        change, trained = _resized(*adapter.factors(module), ranks[module.name])
        changes[module.name] = change
        untrained += [] if trained else [module.name]
    return rewritten(adapter, target, changes, untrained, dtype)


def _resized(a: np.ndarray, b: np.ndarray, rank: int) -> tuple[Change, bool]:
    """The factors of a smaller rank, and whether the module was trained; if not, it stays so with fewer rows of A."""
    found = decomposition(a, b)
    total = float(np.sum(found.values**2))
    if not total:
        return Change(a[:, :rank], b[:, :, :rank] * 0, 0.0), False
    lost = float(np.sum(found.values[:, rank:] ** 2))
    return Change(*split(found, rank), (lost / total) ** 0.5), True


def _ranks(
    adapter: Adapter, rank: int | None, energy: float | None, ratio: float | None, per_layer: bool
) -> dict[str, int]:
    """The rank of each module; modules that one entry of a configuration speaks of have the same."""
    needed, most = {}, {}
    for module in adapter.modules:
        values = decomposition(*adapter.factors(module)).values
        most[module.name] = values.shape[1]
        needed[module.name] = rank if rank is not None else _needed(values, energy, ratio)
    largest = max(needed.values())
    shared: dict[object, int] = {}
    for module in adapter.modules:
        wanted = needed[module.name] if per_layer or rank is not None else largest
        entry = _entry(module)
        shared[entry] = max(shared.get(entry, 1), min(wanted, most[module.name]))
    return {module.name: shared[_entry(module)] for module in adapter.modules}


def _entry(module: Module) -> object:
    return module.name if module.settings is None else (module.settings.prefix, module.settings.local(module.name))


def _needed(values: Float64[np.ndarray, "experts k"], energy: float | None, ratio: float | None) -> int:
    """The smallest rank that is enough for every expert."""
    if energy is not None:
        return int(rank_for_energy(values, energy).max())
    assert ratio is not None
    return max(1, int(np.sum((values > 0) & (values * ratio >= values[:, :1] * (1 - ROUNDING)), 1).max()))


def rank_for_energy(values: Float64[np.ndarray, "experts k"], energy: float) -> np.ndarray:
    """The smallest r with Σ_{i ≤ r} σᵢ² ≥ energy · Σσᵢ², for each row of decreasing σ; 1 where all are 0."""
    sums = np.cumsum(values**2, 1)
    return 1 + np.minimum(np.sum(sums < energy * sums[:, -1:] * (1 - ROUNDING), 1), values.shape[1] - 1)


def check_scales(adapter: Adapter) -> None:
    """Raise `InputError` if the scales are not known, or depend on the rank through the base model."""
    name = shown_path(adapter.path)
    if adapter.has_unknown_scales:
        raise InputError(f"{name} has no adapter_config.json beside it, so its scales are unknown; put it there.")
    for settings in adapter.settings:
        if settings.changes_base:
            raise InputError(
                f"{settings.place} says that training started with {settings.changes_base}, which takes a part of this "
                "rank out of the base model each time it is loaded; convert it to LoRA first, by save_pretrained with "
                "path_initial_model_for_weight_conversion."
            )


def _checked(
    rank: int | None, energy: RealNumber | None, ratio: RealNumber | None, per_layer: bool
) -> tuple[int | None, float | None, float | None]:
    if sum(each is not None for each in (rank, energy, ratio)) != 1:
        raise InputError("Give exactly one of rank, energy and ratio.")
    if per_layer and rank is not None:
        raise InputError(
            "per_layer goes with energy or ratio, which can need other ranks in other modules; leave it out."
        )
    return (
        None if rank is None else whole_number("rank", rank, 1),
        None if energy is None else real_number("energy", energy, above=0, most=1, hint="a fraction"),
        None if ratio is None else real_number("ratio", ratio, least=1, hint="σ₁ over the smallest to keep"),
    )
