"""Real models: monitors of PyTorch modules and of trees of JAX arrays, and LoRA adapters on disk.

`equipoise.adapters.torch` needs PyTorch and `equipoise.adapters.lora` safetensors; both are imported on first use.
"""

import importlib
from typing import Any

from equipoise.adapters.laws import GradientLaws as GradientLaws
from equipoise.adapters.laws import Law as Law
from equipoise.adapters.pairs import Pair as Pair
from equipoise.adapters.pytree import PyTreeMonitor as PyTreeMonitor
from equipoise.adapters.tree_laws import conservation_laws as conservation_laws


def __getattr__(name: str) -> Any:
    if name in ("torch", "lora"):
        return importlib.import_module(f"equipoise.adapters.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
