"""The weights of a base model that an adapter's modules change."""

from collections.abc import Mapping
from pathlib import Path

from equipoise.adapters.lora.adapter import Adapter, Module
from equipoise.adapters.lora.shards import open_shards
from equipoise.adapters.lora.tensors import StoredTensor

_PREFIXES = (
    "lora_unet_",
    "lora_te1_",
    "lora_te2_",
    "lora_te_",
    "diffusion_model.",
    "transformer.",
    "unet.",
    "text_encoder.",
)


class BaseModel:
    """The weights of a base model (a .safetensors file, a folder or an index of shards), by the names of modules."""

    def __init__(self, path: Path) -> None:
        tensors = {name.removesuffix(".weight"): tensor for name, tensor in open_shards(path).tensors.items()}
        self._weights: Mapping[str, StoredTensor] = {
            name.replace(".", "_"): tensor for name, tensor in tensors.items() if tensor.is_real
        }

    def norm(self, adapter: Adapter, module: Module) -> float:
        """‖W‖ of the weight that the module changes; NaN if it is not there, or not the only one of that name."""
        found = self._find(module)
        names = module.names
        outputs, inputs = adapter.tensors[names.up].shape[0], adapter.tensors[names.down].shape[1:]
        size = outputs * module.experts
        for length in inputs:
            size *= length
        return found.frobenius_norm() if found is not None and found.size == size else float("nan")

    def _find(self, module: Module) -> StoredTensor | None:
        """The weight whose name, with _ for a dot, is that of the module, or the only one that ends like it."""
        name = module.name if module.settings is None else module.settings.local(module.name)
        for prefix in _PREFIXES:
            if module.settings is None and name.startswith(prefix):
                name = name.removeprefix(prefix)
                break
        wanted = name.replace(".", "_")
        if wanted in self._weights:
            return self._weights[wanted]
        ending = [key for key in self._weights if key.endswith("_" + wanted) or wanted.endswith("_" + key)]
        return self._weights[ending[0]] if len(ending) == 1 else None
