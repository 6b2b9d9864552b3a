"""Self-attention between the positions of a sequence."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer


class Attention(AbstractLayer):
    """Self-attention, (features, n) -> (features, n): X -> Σ_h O_h V_h X softmax(XᵀK_hᵀQ_h X / √width).

    Each column of X is a position. The softmax is over the positions that are looked at, the rows of XᵀKᵀQX.

    - `heads`: the number of heads h; 1 by default.
    - `width`: the number of rows of Q_h, K_h and V_h; by default the number of features divided by that of the heads.
    - `causal`: whether a position sees only itself and those before it; False by default.
    - `is_linear`: whether to leave the softmax out and divide by n instead (linear attention); False by default.

    The parameters are Q, K, V (each heads x width x features) and O (features x heads x width), without biases. A
    block of a transformer is `Skip(Attention())` and convolutions of window 1. Gradient flow keeps Q_hQ_hᵀ − K_hK_hᵀ
    and V_hV_hᵀ − O_hᵀO_h for each head, without the softmax ‖Q_h‖² − ‖V_h‖², too. Raises `InputError` for
    numbers below 1, for an input without positions, and for features that the heads do not divide.
    Source: A. Vaswani et al., Attention is all you need (2017), Section 3.2.
    """

    heads: int = eqx.field(static=True)
    width: int | None = eqx.field(static=True)
    causal: bool = eqx.field(static=True)
    is_linear: bool = eqx.field(static=True)

    def __init__(self, heads: int = 1, width: int | None = None, causal: bool = False, is_linear: bool = False) -> None:
        self.heads = whole_number("The number of heads", heads, 1)
        self.width = None if width is None else whole_number("The width of a head", width, 1)
        self.causal = causal
        self.is_linear = is_linear

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(features, n), as the input."""
        if len(given) != 2:
            raise InputError(f"it needs an input of shape (features, positions), but its input has shape {given}.")
        self._width_for(given[0])
        return given

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """Those of Q, K, V and O."""
        width = self._width_for(given[0])
        into = (self.heads, width, given[0])
        return into, into, into, (given[0], self.heads, width)

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m features n"]) -> Float[Array, "m features n"]:
        """The weighted means of the values, at each position of each point."""
        x = jnp.asarray(inputs)
        queries, keys, values = (jnp.einsum("hwf,mfn->mhwn", jnp.asarray(w), x) for w in parameters[:3])
        scores = jnp.einsum("mhws,mhwt->mhst", keys, queries) / np.sqrt(queries.shape[2])
        seen = jnp.einsum("mhws,mhst->mhwt", values, self._weights(scores))
        return jnp.einsum("fhw,mhwn->mfn", jnp.asarray(parameters[3]), seen)

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """All parameters as one weight, with the reason why the laws of balance do not hold on either side of it."""
        weight = jnp.concatenate([jnp.asarray(w).ravel() for w in parameters])
        return Layer(name, weight, obstacle="multiplies its input with itself")

    def with_default_bias(self, bias: bool) -> "Attention":
        """The layer itself, which has no biases."""
        return self

    def _weights(self, scores: Float[Array, "m heads n n"]) -> Float[Array, "m heads n n"]:
        """How much position t sees of position s, at (s, t)."""
        positions = scores.shape[-1]
        visible = jnp.triu(jnp.ones((positions, positions), bool)) if self.causal else True
        if self.is_linear:
            return jnp.where(visible, scores, 0.0) / positions
        return jax.nn.softmax(jnp.where(visible, scores, -jnp.inf), axis=2)

    def _width_for(self, features: int) -> int:
        """The width of each head, for so many features."""
        if self.width is not None:
            return self.width
        if features % self.heads:
            raise InputError(f"its {self.heads} heads do not divide the {features} features of its input; give width=.")
        return features // self.heads
