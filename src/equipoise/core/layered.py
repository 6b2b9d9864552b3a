"""The base class of problems whose parameters lie in layers, and the form in which laws of balance use the layers."""

import abc
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta


class Layer(NamedTuple):
    """One layer at θ.

    - `name`: its name in messages.
    - `weight`, `bias`: its free parameters; no bias by default.
    - `rows`: one row for each of its units (neurons or channels), with the weights into the unit.
    - `columns`: one column for each unit of the layer before, with the weights out of that unit. Both `rows` and
      `columns` are None where units share weights.
    - `obstacle`: why the laws of balance do not hold for the layer; empty if they hold.
    """

    name: str
    weight: Shaped[Array, "..."]
    bias: Shaped[Array, "..."] | None = None
    rows: Float[Array, "units incoming"] | None = None
    columns: Float[Array, "outgoing before"] | None = None
    obstacle: str = ""


class Between(NamedTuple):
    """What lies between a layer and the next.

    - `activation`: the name of the activation φ.
    - `degree`: the k with φ'(x) x = k φ(x), as for xᵏ at x > 0; None if φ has no such degree.
    - `is_linear`: whether the next layer gets the outputs of this one unchanged.
    - `obstacle`: why the laws of balance do not hold between the two; empty if they hold.
    """

    activation: str
    degree: float | None
    is_linear: bool
    obstacle: str = ""


class Chain(NamedTuple):
    """The layers from the input to the output, and what lies between each and the next (one item fewer)."""

    layers: tuple[Layer, ...]
    between: tuple[Between, ...]


class AbstractLayered(AbstractProblem):
    """A problem whose parameters lie in layers, so that their norms can be compared."""

    @abc.abstractmethod
    def chain(self, theta: Theta) -> Chain:
        """The layers at θ; raises `InputError` for a problem that is not written in layers."""

    @abc.abstractmethod
    def end_to_end(self, theta: Theta) -> Float[Array, "d1 d2"]:
        """The matrix of the whole map from input to output; raises `InputError` if the map is not linear."""


def linear_chain(matrices: Sequence[AnyArray]) -> Chain:
    """The matrices W_1, …, W_N of a linear network W_N … W_1 as layers."""
    weights = [jnp.asarray(matrix) for matrix in matrices]
    layers = tuple(
        Layer(f"Layer {number}", weight, None, weight, weight) for number, weight in enumerate(weights, start=1)
    )
    return Chain(layers, (Between("linear", 1.0, True),) * (len(layers) - 1))
