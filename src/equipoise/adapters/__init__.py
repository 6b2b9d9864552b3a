"""Monitors for real models: the balance of consecutive layers of PyTorch modules and of trees of JAX arrays.

`equipoise.adapters.torch` needs PyTorch and is imported on first use; nothing else needs it.
"""

import importlib
from typing import Any

from equipoise.adapters.pairs import Pair as Pair
from equipoise.adapters.pytree import PyTreeMonitor as PyTreeMonitor


def __getattr__(name: str) -> Any:
    if name == "torch":
        return importlib.import_module("equipoise.adapters.torch")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
