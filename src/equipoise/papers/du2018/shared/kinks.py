"""Networks in whole numbers, many of whose points lie at a kink exactly, with any choice of φ′(0)."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.flows import POINTS, REPLICATES, WIDTHS
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.problems.networks import AbstractActivation

SLOPES = {"ReLU": 0.0, "leaky ReLU": 0.25}
"""Slopes with which sums of whole numbers have no rounding error, so that a 0 is one."""

CHOICES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where φ′(0) lies between the two one-sided derivatives, from the left one to the right one."""


class Kinked(AbstractActivation):
    """φ(x) = x for x > 0 and `slope` · x for x < 0, with the derivative `at_zero` at 0."""

    slope: Float[np.ndarray | Array, ""]
    at_zero: Float[np.ndarray | Array, ""]

    @property
    def degree(self) -> float:
        """1, whatever the derivative at 0: φ′(x) x = φ(x) = 0 there."""
        return 1.0

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """φ of each number."""
        slope, at_zero = (jnp.asarray(number, x.dtype) for number in (self.slope, self.at_zero))
        return jnp.where(x > 0, x, jnp.where(x < 0, slope * x, at_zero * x))


def at_kinks(seed: int) -> xr.Dataset:
    """For each activation and choice of φ′(0): the neurons' derivatives, and how the gradient hangs on it."""
    random = generator(seed, Stream.KINKS)
    inputs = random.integers(-2, 3, (POINTS, WIDTHS[0])).astype(float)
    targets = random.standard_normal((POINTS, WIDTHS[-1]))
    shapes = list(zip(WIDTHS[1:], WIDTHS[:-1], strict=True))
    theta = tuple(random.integers(-2, 3, (REPLICATES, *shape)).astype(float) for shape in shapes)
    rates, turns, shares = [], [], []
    for slope in SLOPES.values():
        found = [_gradient(inputs, targets, theta, slope, slope + choice * (1 - slope)) for choice in CHOICES]
        rates.append([_relative_rates(theta, gradient) for gradient in found])
        turns.append([_distance(gradient, found[0]) for gradient in found])
        shares.append(_share_at_kinks(inputs, theta, slope))
    of_choice = ("activation", "choice", "point")
    meanings = {
        "rate": "largest derivative of a neuron's difference, relative to a layer's squared norm's",
        "turn": "distance of the gradient from that for the left derivative, relative",
        "share": "share of the inputs of activations that are 0",
    }
    return xr.Dataset(
        {
            "rate": (of_choice, rates, {"long_name": meanings["rate"], "units": "1"}),
            "turn": (of_choice, turns, {"long_name": meanings["turn"], "units": "1"}),
            "share": (("activation", "point"), shares, {"long_name": meanings["share"], "units": "1"}),
        },
        {"activation": list(SLOPES), "choice": list(CHOICES)},
    )


@eqx.filter_jit
def _gradients(problem: Any, theta: tuple[Any, ...]) -> tuple[Array, ...]:
    return jax.vmap(problem.gradient)(theta)


def _gradient(
    inputs: np.ndarray, targets: np.ndarray, theta: tuple[np.ndarray, ...], slope: float, at_zero: float
) -> tuple[np.ndarray, ...]:
    """∂L/∂W_h at every θ, in float64."""
    activation = Kinked(np.asarray(slope), np.asarray(at_zero))
    problem = eq.problems.network(WIDTHS, inputs, targets, activation=(activation,) * (len(WIDTHS) - 2))
    with eq.numerics():
        return tuple(np.asarray(g) for g in _gradients(problem, theta))


def _relative_rates(theta: tuple[np.ndarray, ...], gradient: tuple[np.ndarray, ...]) -> np.ndarray:
    """Along Ẇ = −∂L/∂W: the largest derivative of ‖W_h[i,:]‖² − ‖W_{h+1}[:,i]‖² over that of a layer's ‖W_h‖²."""
    products = [-2 * w * g for w, g in zip(theta, gradient, strict=True)]
    neurons = [products[h].sum(axis=2) - products[h + 1].sum(axis=1) for h in range(len(theta) - 1)]
    layers = np.abs([product.sum(axis=(1, 2)) for product in products]).max(axis=0)
    return np.abs(np.concatenate(neurons, axis=1)).max(axis=1) / layers


def _distance(gradient: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> np.ndarray:
    """‖∇L − ∇L'‖/‖∇L'‖."""
    apart = sum(((g - o) ** 2).sum(axis=(1, 2)) for g, o in zip(gradient, other, strict=True))
    return (apart / sum((o**2).sum(axis=(1, 2)) for o in other)) ** 0.5


def _share_at_kinks(inputs: np.ndarray, theta: tuple[np.ndarray, ...], slope: float) -> np.ndarray:
    """The share of exact zeros among the inputs of the activations of all points, for each θ."""
    values, zeros = np.broadcast_to(inputs, (theta[0].shape[0], *inputs.shape)), []
    for weight in theta[:-1]:
        before = values @ weight.swapaxes(1, 2)
        zeros.append((before == 0).reshape(len(before), -1))
        values = np.where(before > 0, before, slope * before)
    return np.concatenate(zeros, axis=1).mean(axis=1)
