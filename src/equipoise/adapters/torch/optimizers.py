"""The optimizers that train a model: their steps counted together, and which parameters they have."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from equipoise.core.errors import InputError


def unwrapped(optimizer: Any) -> torch.optim.Optimizer:
    """The optimizer of PyTorch inside those of Accelerate or Lightning; raises `InputError` if there is none."""
    given = optimizer
    while (inner := getattr(optimizer, "optimizer", None)) is not None and inner is not optimizer:
        optimizer = inner
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise InputError(f"The optimizer is of type {type(given).__name__}; it must be a torch.optim.Optimizer.")
    return optimizer


class Attachment:
    """Hooks on optimizers that count a step as soon as each of them has made one.

    - `optimizers`: the optimizers, which may be wrapped.
    - `on_step`: called after each step.
    """

    def __init__(self, optimizers: Sequence[Any], on_step: Callable[[], None]) -> None:
        self.optimizers = tuple(unwrapped(optimizer) for optimizer in optimizers)
        self._on_step = on_step
        self._missing = set(self.optimizers)
        self._hooks: list[Any] = []

    def start(self) -> None:
        """Count from now on."""
        self._hooks = [optimizer.register_step_post_hook(self._made) for optimizer in self.optimizers]

    def remove(self) -> None:
        """Take the hooks away."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    @property
    def step_sizes(self) -> Mapping[int, float]:
        """The present step size of every parameter that the optimizers have, by its identity."""
        groups = [group for optimizer in self.optimizers for group in optimizer.param_groups]
        return {id(p): float(group.get("lr", 0.0)) for group in groups for p in group["params"]}

    def _made(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        self._missing.discard(optimizer)
        if not self._missing:
            self._missing = set(self.optimizers)
            self._on_step()
