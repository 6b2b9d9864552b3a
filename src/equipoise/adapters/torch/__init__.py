"""A monitor of the balance of consecutive layers of a PyTorch model during training."""

import importlib
from typing import Any

try:
    import torch as torch
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'Watching a PyTorch model needs PyTorch, which is not installed; run pip install "equipoise[torch]".',
        name="torch",
    ) from error

from equipoise.adapters.torch.laws import conservation_laws as conservation_laws
from equipoise.adapters.torch.monitor import BalanceMonitor as BalanceMonitor


def __getattr__(name: str) -> Any:
    if name in ("transformers", "lightning"):
        return importlib.import_module(f"equipoise.adapters.torch.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
