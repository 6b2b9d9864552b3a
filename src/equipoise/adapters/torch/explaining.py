"""Why the laws drift: the change that the next step of an optimizer makes, part by part."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import nn

from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.torch.layouts import gathered
from equipoise.adapters.torch.optimizers import unwrapped
from equipoise.adapters.torch.sampling import sums_of
from equipoise.core.errors import InputError

PARTS = ("square", "momentum", "weight_decay", "clipping", "adaptive")
"""What moves a law in one step; the parts add up to the whole change."""

Products = dict[str, torch.Tensor]


def explained(
    laws: GradientLaws, samples: Samples, parameters: Mapping[str, nn.Parameter], optimizers: Sequence[Any]
) -> xr.Dataset:
    """The change of each law in the next step, summed over channels, with dims (law, part)."""
    every = [unwrapped(optimizer) for optimizer in optimizers]
    owners = {id(p): (one, group) for one in every for group in one.param_groups for p in group["params"]}
    changes = np.zeros((len(laws.laws), len(PARTS)))
    found: dict[tuple[str, tuple[int, ...], str], np.ndarray] = {}
    for name in {name for law in laws.laws for name in law.parameters}:
        p = parameters[name]
        if p.grad is None or id(p) not in owners:
            continue  # the optimizer leaves it alone
        for part, products in _parts(*owners[id(p)], p).items():
            axes = samples.axes[name]
            sums = sums_of(gathered(products).reshape(samples.shapes[name]), axes)
            found |= {(name, kept, part): s.cpu().numpy() for kept, s in zip(axes, sums, strict=True)}
    for row, law in zip(changes, laws.laws, strict=True):
        for c, column in zip(law.coefficients, law.columns, strict=True):
            for k, part in enumerate(PARTS):
                along = found.get((column.parameter, column.axes, part))
                row[k] += 0.0 if along is None else c * float(column.folded(along).sum())
    formulas = np.array([law.formula(laws.shapes) for law in laws.laws], dtype=object)
    return xr.Dataset(
        {"changes": (("law", "part"), changes, {"long_name": "change of Σᵢ cᵢ in the next step", "units": "1"})},
        {"law": formulas, "part": list(PARTS)},
    )


def _parts(optimizer: torch.optim.Optimizer, group: Mapping[str, Any], parameter: nn.Parameter) -> Products:
    """The change of every w² in the next step, part by part."""
    with torch.no_grad():
        if isinstance(optimizer, torch.optim.SGD):
            return _of_descent(group, optimizer.state.get(parameter, {}), parameter)
        if isinstance(optimizer, torch.optim.Adam | torch.optim.AdamW) and not group["amsgrad"]:
            return _of_adam(group, optimizer.state.get(parameter, {}), parameter)
    raise InputError(
        f"The step of {type(optimizer).__name__} is not known part by part; explain knows SGD, Adam and AdamW "
        "without amsgrad."
    )


def _wide(parameter: nn.Parameter, group: Mapping[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights and the gradient to descend."""
    assert parameter.grad is not None
    gradient = parameter.grad.detach().double()
    return parameter.detach().double(), -gradient if group["maximize"] else gradient


def _of_descent(group: Mapping[str, Any], state: Mapping[str, Any], parameter: nn.Parameter) -> Products:
    """w⁺ = w − η(α(∂w + λw) + β·buffer), where momentum and Nesterov's variant decide on α and β."""
    weight, gradient = _wide(parameter, group)
    rate, momentum, decay = (float(group[key]) for key in ("lr", "momentum", "weight_decay"))
    buffer = state.get("momentum_buffer")
    fresh = 1.0 if not momentum or buffer is None else 1.0 - float(group["dampening"])
    kept = 0.0 if not momentum or buffer is None else momentum
    if group["nesterov"]:
        fresh, kept = 1.0 + momentum * fresh, momentum * kept
    old = kept * buffer.double() if buffer is not None and kept else torch.zeros_like(weight)
    step = -rate * (fresh * (gradient + decay * weight) + old)
    return {
        "square": step**2,
        "momentum": -2 * rate * weight * old,
        "weight_decay": -2 * rate * fresh * decay * weight**2,
        "clipping": -2 * rate * fresh * weight * gradient,
    }


def _of_adam(group: Mapping[str, Any], state: Mapping[str, Any], parameter: nn.Parameter) -> Products:
    """w⁺ = w − η m̂/(√v̂ + ε) − ηλw; in Adam the decay is part of the gradient, and so of m̂."""
    weight, gradient = _wide(parameter, group)
    rate, decay, (first, second) = float(group["lr"]), float(group["weight_decay"]), group["betas"]
    apart = bool(group.get("decoupled_weight_decay"))
    gradient = gradient if apart else gradient + decay * weight
    count = int(state["step"]) + 1 if state else 1
    mean, square = (state[k].double() if state else torch.zeros_like(weight) for k in ("exp_avg", "exp_avg_sq"))
    mean = (first * mean + (1 - first) * gradient) / (1 - first**count)
    square = (second * square + (1 - second) * gradient**2) / (1 - second**count)
    adaptive = -rate * mean / (square.sqrt() + float(group["eps"]))
    shrink = -rate * decay * weight if apart else torch.zeros_like(weight)
    return {
        "square": (adaptive + shrink) ** 2,
        "adaptive": 2 * weight * adaptive,
        "weight_decay": 2 * weight * shrink,
    }
