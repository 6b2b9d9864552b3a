"""Sums of w·∂w of a PyTorch model, taken in the user's own backward passes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from equipoise.adapters.laws.columns import Column
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.torch.layouts import gathered
from equipoise.core.errors import InputError


def trained_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters of real numbers that are trained, each once; raises `InputError` if there are none."""
    found = {name: p for name, p in model.named_parameters() if p.requires_grad and p.is_floating_point() and p.numel()}
    if not found:
        raise InputError(f"{type(model).__name__} has no parameters to train; switch requires_grad on first.")
    absent = next((name for name, p in found.items() if p.is_meta), None)
    if absent:
        raise InputError(f"{absent} is on the meta device, without numbers; move the model to another.")
    return found


def empty_samples(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> Samples:
    """Samples with the shapes of the parameters and the groups of the convolutions."""
    groups = {
        f"{name}.weight".lstrip("."): int(module.groups)
        for name, module in model.named_modules()
        if isinstance(getattr(module, "groups", None), int) and module.groups > 1
    }
    rounding = max(torch.finfo(p.dtype).eps for p in parameters.values())
    return Samples({name: tuple(p.shape) for name, p in parameters.items()}, groups=groups, rounding=rounding)


class Pass:
    """The sums of one backward pass, parameter by parameter, as the gradients come in."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._sums: dict[Any, tuple[torch.Tensor, torch.Tensor]] = {}
        self.seen: set[str] = set()

    def take(self, name: str, parameter: torch.Tensor) -> None:
        """Take the parameter and its gradient as they are now."""
        self.seen.add(name)
        gradient = parameter.grad
        if gradient is None:
            return
        shape, axes = self._samples.shapes[name], self._samples.axes[name]
        with torch.no_grad():
            gradient = gradient.to_dense() if gradient.is_sparse else gradient
            single = torch.promote_types(parameter.dtype, torch.float32)
            products = gathered(parameter.detach().to(single).mul(gradient.detach())).reshape(shape)
            largest = products.abs().max()
            # squares of small products would vanish in single precision
            squares = products.div(torch.where(largest > 0, largest, 1)).square_()
            sums, sizes = sums_of(products, axes), sums_of(squares, axes)
        square = largest.to(sizes[0].dtype) ** 2
        self._sums.update({(name, kept): (a, b * square) for kept, a, b in zip(axes, sums, sizes, strict=True)})

    def finish(self) -> bool:
        """Add the pass to the samples, unless a number is not finite, as with scaled gradients that overflow."""
        found = {key: (a.cpu().numpy(), b.cpu().numpy()) for key, (a, b) in self._sums.items()}
        if not all(np.isfinite(part).all() for pair in found.values() for part in pair):
            return False
        self._samples.add({key: (a.astype(float), b.astype(float)) for key, (a, b) in found.items()})
        return True


def sums_of(products: torch.Tensor, axes: Sequence[tuple[int, ...]]) -> list[torch.Tensor]:
    """The sums over all axes but some, in double precision where there is one, for each choice of axes."""
    wide = torch.float32 if products.device.type == "mps" else torch.float64
    used = sorted({a for kept in axes for a in kept})
    others = [a for a in range(products.ndim) if a not in used]
    left = products.sum(others, dtype=wide) if others else products
    return [
        left.sum(summed, dtype=wide).reshape(-1) if summed else left.to(wide).reshape(-1)
        for summed in ([k for k, a in enumerate(used) if a not in kept] for kept in axes)
    ]


class Taps:
    """Hooks that take every gradient of the next backward passes, and nothing afterward.

    - `parameters`: the parameters.
    - `samples`: where the passes go.
    - `passes`: how many.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], samples: Samples, passes: int) -> None:
        self._samples = samples
        self._left = passes
        self._names = list(parameters)
        self._pass = Pass(samples)
        self._hooks = [
            parameter.register_post_accumulate_grad_hook(self._tap(name)) for name, parameter in parameters.items()
        ]

    @property
    def is_done(self) -> bool:
        """Whether all passes are taken."""
        return self._left == 0

    def remove(self) -> None:
        """Take the hooks away."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def close_pass(self) -> None:
        """End the present pass, if it has begun: the optimizer has made its step."""
        self._end_pass()
        if self.is_done:
            self.remove()

    def _end_pass(self) -> None:
        if self._pass.seen and not self.is_done:
            self._left -= self._pass.finish()
            self._pass = Pass(self._samples)

    def _tap(self, name: str) -> Any:
        def tap(parameter: torch.Tensor) -> None:
            if name in self._pass.seen:  # a new pass begins; hooks must not be removed while they run
                self._end_pass()
            if not self.is_done:
                self._pass.take(name, parameter)

        return tap


def rows_of(parameters: Mapping[str, nn.Parameter], column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The entries of each channel as a row, of a parameter and of its gradient."""
    parameter = parameters[column.parameter]
    slope = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)

    def rows(tensor: torch.Tensor) -> np.ndarray:
        along = tensor.detach().reshape(tensor.shape or (1,)).movedim(column.axes[0], 0)
        part = along[column.start : column.start + column.length]
        return np.asarray(part.reshape(part.shape[0], -1).to("cpu", torch.float64).numpy())

    return rows(parameter), rows(slope.to_dense() if slope.is_sparse else slope)


def shaken(parameters: Mapping[str, nn.Parameter], seed: int, size: float) -> Iterator[None]:
    """Endless: before each pass, put every parameter at a random distance of `size` times its root mean square."""
    generator = torch.Generator().manual_seed(seed)
    starts = {name: p.detach().clone() for name, p in parameters.items()}
    scales = {name: size * (_root_mean_square(start) or 1.0) for name, start in starts.items()}
    while True:
        with torch.no_grad():
            for name, p in parameters.items():
                noise = torch.randn(p.shape, generator=generator, dtype=torch.float32)
                p.copy_(noise.mul_(scales[name]).to(p.device).add_(starts[name]))
        yield


def _root_mean_square(tensor: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor, dtype=torch.promote_types(tensor.dtype, torch.float32))) / (
        tensor.numel() ** 0.5
    )
