"""An adapter on disk: its modules with their factors, ranks and scales."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from equipoise.adapters.lora.formats import PEFT_PREFIX, Kind, Names, modules_in
from equipoise.adapters.lora.layouts import Down, Up, matrices, rank_in
from equipoise.adapters.lora.scales import Settings, parsed, settings_in_metadata
from equipoise.adapters.lora.shards import Shards, open_shards
from equipoise.adapters.lora.tensors import StoredTensor
from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path

CONFIG = "adapter_config.json"


@dataclasses.dataclass(frozen=True)
class Module:
    """A module that the adapter changes by ΔW = s·BA.

    - `names`: the names of its tensors.
    - `kind`: "linear", "embedding", "convolution" or "experts".
    - `experts`: the number of experts; 1 for the other kinds.
    - `rank`: r, the number of rows of A and columns of B, for each expert.
    - `scale`: s.
    - `settings`: the configuration that gives the scale, if there is one.
    """

    names: Names
    kind: Kind
    experts: int
    rank: int
    scale: float
    settings: Settings | None

    @property
    def name(self) -> str:
        """The name of the module, with the prefix that it has in the file."""
        return self.names.module


@dataclasses.dataclass(frozen=True)
class Adapter:
    """An adapter as read.

    - `path`: what was given.
    - `shards`: the files and their tensors.
    - `modules`: the modules, in the order of the file.
    - `settings`: the configurations, one for each component that has one.
    - `config`: adapter_config.json, if the adapter is one of peft and has it.
    """

    path: Path
    shards: Shards
    modules: tuple[Module, ...]
    settings: tuple[Settings, ...]
    config: Path | None

    @property
    def is_folder(self) -> bool:
        """Whether the adapter consists of several files, which belong in a folder of their own."""
        return self.config is not None or self.shards.index is not None

    @property
    def tensors(self) -> Mapping[str, StoredTensor]:
        """All tensors by name."""
        return self.shards.tensors

    @property
    def has_unknown_scales(self) -> bool:
        """Whether the scales were in a configuration that is not there."""
        return self.config is None and any(module.name.startswith(PEFT_PREFIX) for module in self.modules)

    def factors(self, module: Module) -> tuple[Down, Up]:
        """A (E, r, n) and B (E, m, r) of a module, in float64; raises `InputError` if they are not finite."""
        tensors, names = self.tensors, module.names
        return matrices(tensors[names.down].numbers(), tensors[names.up].numbers(), module.experts)


def read_adapter(path: Path) -> Adapter:
    """The adapter at a file or folder: safetensors of peft, kohya, diffusers or ComfyUI.

    Only headers and scales are read; `Adapter.factors` reads the rest. Raises `InputError` for anything else.
    """
    path = Path(path)
    shards = open_shards(path)
    tensors, file = shards.tensors, shown_path(path)
    names = modules_in(tensors, file)
    config = _config_beside(shards) if any(each.module.startswith(PEFT_PREFIX) for each in names) else None
    settings = _settings(config, shards, file)
    modules = tuple(_module(each, tensors, settings, file) for each in names)
    return Adapter(path, shards, modules, tuple(settings), config)


def _config_beside(shards: Shards) -> Path | None:
    config = shards.files[0].path.parent / CONFIG
    return config if config.is_file() else None


def _settings(config: Path | None, shards: Shards, file: str) -> list[Settings]:
    if config is None:
        return settings_in_metadata(shards.metadata, file)
    place = shown_path(config)
    values = parsed(config.read_text(encoding="utf-8", errors="replace"), place)
    method = values.get("peft_type", "LORA")
    if method not in ("LORA", None):
        raise InputError(f"{place} is of the method {method}; only LORA, a product of two factors, can be read.")
    if values.get("use_bdlora"):
        raise InputError(
            f"{place} has block-diagonal factors (use_bdlora), which a decomposition would fill; leave it."
        )
    return [Settings(PEFT_PREFIX, values, place)]


def _module(names: Names, tensors: Mapping[str, StoredTensor], settings: list[Settings], file: str) -> Module:
    down, up = tensors[names.down].shape, tensors[names.up].shape
    rows = rank_in(down, up, f"{names.module} in {file}")
    own = next((each for each in settings if names.module.startswith(each.prefix)), None)
    experts = _experts(names, rows, own)
    kind: Kind = "experts" if experts > 1 else "embedding" if names.is_embedding else "linear"
    if len(down) > 2:
        kind = "convolution"
    if names.alpha is not None:
        alpha = tensors[names.alpha]
        if alpha.size != 1:
            raise InputError(f"{names.alpha} in {file} has {alpha.size} entries; it must be one number.")
        return Module(names, kind, 1, rows, float(alpha.numbers().reshape(())) / rows, None)
    return Module(names, kind, experts, rows // experts, 1.0 if own is None else own.scale(names.module), own)


def _experts(names: Names, rows: int, settings: Settings | None) -> int:
    """The number of experts: A has r rows for each. Raises `InputError` if the configuration has another rank."""
    if settings is None or names.alpha is not None:
        return 1
    rank = settings.rank(names.module)
    if rows == rank or (settings.has_experts and rows % rank == 0):
        return rows // rank
    raise InputError(
        f"{names.module} has rank {rows}, but {settings.place} gives it {rank}; they do not belong together, so save "
        "the adapter again."
    )


def dump_config(values: Mapping[str, object]) -> str:
    """A configuration as peft writes it: sorted, indented by two."""
    return json.dumps(values, indent=2, sort_keys=True)
