"""What the callbacks of training frameworks share."""

from typing import Any

from torch import nn

from equipoise.adapters.torch.monitor import BalanceMonitor


def monitor_of(model: nn.Module, options: dict[str, Any]) -> BalanceMonitor:
    """A monitor with these options, of laws from gradients unless they say otherwise."""
    return BalanceMonitor(model, **({} if "pairs" in options else {"laws": "gradients"}) | options)
