"""New factors for the modules of an adapter, and all that has to follow them: dtypes, α, configurations, metadata."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from equipoise.adapters.lora.adapter import CONFIG, Adapter, Module, dump_config
from equipoise.adapters.lora.formats import Names
from equipoise.adapters.lora.layouts import Down, Up, stored
from equipoise.adapters.lora.output import PEFT_FILE, Output, companions
from equipoise.adapters.lora.scales import Settings, in_metadata
from equipoise.adapters.lora.tensors import FLOATS, StoredTensor
from equipoise.core.errors import InputError


class Change(NamedTuple):
    """New factors of a module: A (E, r′, n), B (E, m, r′), and the least relative error that their rank allows."""

    a: Down
    b: Up
    least_error: float

    @property
    def rank(self) -> int:
        """r′."""
        return self.a.shape[1]


def changed(adapter: Adapter, changes: Mapping[str, Change], dtype: str) -> Output:
    """The adapter with new factors for all its modules; the scale s of each stays what it is."""
    arrays: dict[str, np.ndarray] = {}
    tensors = adapter.tensors
    for module in adapter.modules:
        arrays.update(factor_arrays(module.names, changes[module.name], tensors, dtype))
        if module.names.alpha is not None:
            alpha = module.scale * changes[module.name].rank
            arrays[module.names.alpha] = alpha_array(alpha, tensors[module.names.alpha])
    settings = [_changed_settings(each, adapter.modules, changes) for each in adapter.settings]
    single = PEFT_FILE if adapter.config is not None and adapter.shards.index is None else None
    files = {
        single or file.path.name: (
            {name: arrays[name] if name in arrays else tensor.read() for name, tensor in file.tensors.items()},
            _metadata(file.metadata, settings, adapter.modules, changes),
        )
        for file in adapter.shards.files
    }
    texts = {CONFIG: dump_config(settings[0].values)} if adapter.config is not None else {}
    output = Output(files, texts, companions(adapter), adapter.is_folder)
    return output._replace(texts={**texts, **_index(adapter, output)})


def factor_arrays(
    names: Names, change: Change, tensors: Mapping[str, StoredTensor], dtype: str
) -> dict[str, np.ndarray]:
    """The two tensors of a module in the dtype asked for; "keep" is that of the tensors that they replace."""
    old_down, old_up = tensors[names.down], tensors[names.up]
    down, up = stored(change.a, change.b, old_down.shape, old_up.shape)
    return {
        names.down: cast(down, old_down.dtype if dtype == "keep" else np.dtype(FLOATS[dtype]), names.down),
        names.up: cast(up, old_up.dtype if dtype == "keep" else np.dtype(FLOATS[dtype]), names.up),
    }


def cast(values: np.ndarray, dtype: np.dtype, name: str) -> np.ndarray:
    """The values in another dtype; raises `InputError` if one of them is too large for it."""
    with np.errstate(over="ignore"):
        found = values.astype(dtype)
    if not np.all(np.isfinite(found.astype(np.float64))):
        raise InputError(f"{name} has entries up to {np.abs(values).max():.3g}, too large for {dtype}; take float32.")
    return found


def alpha_array(alpha: float, old: StoredTensor) -> np.ndarray:
    """α in the dtype and shape that it had, or in float32 if only that is exact enough."""
    exact = np.full(old.shape, alpha).astype(old.dtype)
    return exact if float(exact.reshape(-1)[0]) == alpha else np.full(old.shape, alpha, np.float32)


def _changed_settings(settings: Settings, modules: tuple[Module, ...], changes: Mapping[str, Change]) -> Settings:
    own = [module for module in modules if module.settings is settings]
    if not own or all(changes[module.name].rank == module.rank for module in own):
        return settings
    ranks = {module.name: changes[module.name].rank for module in own}
    return settings.with_ranks(ranks, {module.name: module.scale for module in own})


def _metadata(
    metadata: Mapping[str, str] | None,
    settings: list[Settings],
    modules: tuple[Module, ...],
    changes: Mapping[str, Change],
) -> Mapping[str, str] | None:
    """The metadata with the new ranks, where it told the old ones."""
    if metadata is None or all(changes[module.name].rank == module.rank for module in modules):
        return metadata
    ranks = {changes[module.name].rank for module in modules}
    alphas = {module.scale * changes[module.name].rank for module in modules}
    told = {"ss_network_dim": _one_of(ranks), "ss_network_alpha": _one_of(alphas)}
    return {**in_metadata(metadata, settings), **{name: text for name, text in told.items() if name in metadata}}


def _one_of(numbers: set[Any]) -> str:
    """The one number, or what kohya's tool writes if there are several."""
    return str(next(iter(numbers))) if len(numbers) == 1 else "Dynamic"


def _index(adapter: Adapter, output: Output) -> dict[str, str]:
    index = adapter.shards.index
    if index is None:
        return {}
    values = json.loads(index.read_text(encoding="utf-8"))
    metadata = values.get("metadata")
    about = {**(metadata if isinstance(metadata, dict) else {}), "total_size": output.nbytes}
    return {index.name: json.dumps({**values, "metadata": about}, indent=2) + "\n"}
