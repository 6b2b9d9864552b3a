"""The methods whose balance is tested, with the expected result for each."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import optax
import optax.contrib

import equipoise as eq
from equipoise.dynamics import AbstractDynamics, GradientDescent, LabelNoise, Minibatch, Optax, SharpnessAware

DECAY, RADIUS, LABEL_NOISE, NOISE, BATCH, CLIP = 0.1, 0.2, 1.0, 0.1, 5, 0.3
MOMENTUM = 0.9
PER_SIGN = 0.25
"""A factor for methods whose step does not shrink with the gradient, so that all methods go about as far."""


def _per_matrix(theta: Any) -> Any:
    """The option that makes Muon orthogonalize every array as a matrix."""
    return jax.tree.map(lambda _: optax.contrib.MuonDimensionNumbers(), theta)


_MOMENTUM, _NESTEROV = optax.trace(MOMENTUM), optax.trace(MOMENTUM, nesterov=True)
_CLIPPED, _DECAYED = optax.clip_by_global_norm(CLIP), optax.add_decayed_weights(DECAY)
_RMS, _ADAM, _SIGN = optax.scale_by_rms(bias_correction=True), optax.scale_by_adam(), optax.scale_by_sign()
_MUON = optax.contrib.scale_by_muon(weight_dimension_numbers=_per_matrix)


class Rule(NamedTuple):
    """A method by its step size, whether it keeps the laws as that falls, and whether the quick form includes it."""

    make: Callable[[float], AbstractDynamics]
    keeps: bool
    quick: bool


RULES = {
    "gradient descent": Rule(lambda size: GradientDescent(size), True, True),
    "momentum": Rule(lambda size: Optax(_MOMENTUM, size * (1 - MOMENTUM)), True, True),
    "Nesterov": Rule(lambda size: Optax(_NESTEROV, size * (1 - MOMENTUM)), True, False),
    "clipped gradients": Rule(lambda size: Optax(_CLIPPED, size), True, False),
    "minibatches": Rule(lambda size: Minibatch(GradientDescent(size), BATCH), True, False),
    "label noise": Rule(lambda size: LabelNoise(GradientDescent(size), LABEL_NOISE), True, True),
    "sharpness-aware": Rule(lambda size: SharpnessAware(GradientDescent(size), RADIUS), False, True),
    "perturbed": Rule(lambda size: eq.dynamics.PerturbedGD(size, eq.noise.Gaussian(std=NOISE)), False, False),
    "weight decay": Rule(lambda size: Optax(_DECAYED, size), False, False),
    "RMSProp": Rule(lambda size: Optax(_RMS, size * PER_SIGN), False, False),
    "Adam": Rule(lambda size: Optax(_ADAM, size * PER_SIGN), False, True),
    "sign descent": Rule(lambda size: Optax(_SIGN, size * PER_SIGN), False, True),
    "Muon": Rule(lambda size: Optax(_MUON, size * PER_SIGN), False, False),
}
