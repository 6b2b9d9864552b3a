"""A layer with any pattern of missing and shared weights."""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer


class Shared(AbstractLayer):
    """x -> W x + b with W[i, j] = v[g(i, j)], or 0 where g(i, j) = −1: some weights are shared, others are missing.

    - `index_map`: g, an array of whole numbers from −1 to `parameters` − 1, outputs x inputs.
    - `parameters`: the number of entries of v; by default the largest index plus 1.
    - `bias`: whether each output has a bias; by default the network decides.

    The free parameters are v and b. An input with several axes is flattened. Raises `InputError` for indices out of
    range.
    Source: Du et al. (2018), Section 2.2 and Theorem 2.3; their map has 0 for a missing edge and counts from 1.
    """

    index_map: Int[AnyArray, "rows columns"]
    parameters: int = eqx.field(static=True)
    bias: bool | None = eqx.field(static=True)

    def __init__(self, index_map: Any, parameters: int | None = None, bias: bool | None = None) -> None:
        given = np.asarray(index_map)
        if given.ndim != 2 or given.size == 0 or not np.issubdtype(given.dtype, np.integer):
            raise InputError(
                f"The index map is {given.dtype} of shape {given.shape}; give whole numbers, outputs x inputs."
            )
        count = int(given.max()) + 1 if parameters is None else whole_number("parameters", parameters, 1)
        bad = np.argwhere((given < -1) | (given >= max(count, 1)))
        if bad.size or count < 1:
            i, j = (int(k) for k in bad[0]) if bad.size else (0, 0)
            raise InputError(
                f"The index map is {int(given[i, j])} at ({i}, {j}); it must be from 0 to {max(count, 1) - 1}, or −1 "
                "for a missing edge, and not −1 everywhere."
            )
        self.index_map = given.astype(np.int32)
        self.parameters = count
        self.bias = bias

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(outputs,)."""
        if math.prod(given) != self.index_map.shape[1]:
            raise InputError(
                f"its index map has shape {self.index_map.shape}, for {self.index_map.shape[1]} inputs, but its input "
                f"has shape {given}."
            )
        return (self.index_map.shape[0],)

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """((parameters,),), and (outputs,) for the bias."""
        return ((self.parameters,), (self.index_map.shape[0],)) if self.bias else ((self.parameters,),)

    def matrix(self, v: Float[AnyArray, " parameters"]) -> Float[Array, "rows columns"]:
        """W."""
        padded = jnp.concatenate([jnp.asarray(v), jnp.zeros(1, v.dtype)])
        return padded[jnp.asarray(self.index_map)]  # index −1 reads the last entry, which is 0

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m rows"]:
        """W x + b at each point."""
        flat = jnp.asarray(inputs).reshape(inputs.shape[0], -1)
        outputs = flat @ self.matrix(parameters[0]).T
        return outputs + jnp.asarray(parameters[1])[None] if self.bias else outputs

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer for the laws of balance, without rows and columns, because its units share weights."""
        return Layer(name, jnp.asarray(parameters[0]), jnp.asarray(parameters[1]) if self.bias else None)

    def with_default_bias(self, bias: bool) -> "Shared":
        """The layer with `bias` as its choice, if it has made none."""
        return self if self.bias is not None else dataclasses.replace(self, bias=bias)
