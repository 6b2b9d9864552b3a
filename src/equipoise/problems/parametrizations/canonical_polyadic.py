"""A tensor of CP form, unfolded into a matrix."""

import functools
import math
import string

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, LowRank
from equipoise.problems.parametrizations.interface import AbstractParametrization


class CanonicalPolyadic(AbstractParametrization):
    """T = Σ_r a_r ⊗ b_r ⊗ c_r ⊗ …, θ = (A: d1 x r, B: d2 x r, C: d3 x r, …): a tensor of CP form.

    - `sizes`: (d1, d2, d3, …), the sizes of T along its N ≥ 2 axes.
    - `width`: the number of components r, the columns of the factors.

    W is T unfolded into a d1 x (d2 d3 …) matrix, `T.reshape(d1, −1)`; it is A (B ⊙ C ⊙ …)ᵀ with the Khatri-Rao
    product ⊙, and is never formed. The rank of W is at most that of T. Gradient flow keeps ‖a_r‖² − ‖b_r‖² for each
    component and each pair of factors. Raises `InputError` for fewer than two axes and for a number below 1.
    Source: N. Razin, A. Maman and N. Cohen, Implicit regularization in tensor factorization (2021), Eq. (3), Lemma 1.
    """

    sizes: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)

    def __check_init__(self) -> None:
        if len(self.sizes) < 2 or min(*self.sizes, self.width) < 1 or len(self.sizes) > len(_AXES):
            raise InputError(
                f"The sizes are {self.sizes} and the width is {self.width}; give at least two sizes, and numbers of 1 "
                "or greater."
            )

    @property
    def shapes(self) -> Shapes:
        """((d1, r), (d2, r), …)."""
        return tuple((size, self.width) for size in self.sizes)

    @property
    def rank(self) -> int:
        """min(d1, d2 d3 …, r), for the unfolded tensor."""
        return min(self.sizes[0], math.prod(self.sizes[1:]), self.width)

    @property
    def degree(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    def product(self, theta: Theta) -> LowRank:
        """A (B ⊙ C ⊙ …)ᵀ."""
        return LowRank(*self.factors(theta))

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(A, B ⊙ C ⊙ …)."""
        return theta[0], _khatri_rao(theta[1:])

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, ...]:
        """(G (B ⊙ C ⊙ …), and for each other factor GᵀA, folded, times all factors but A and itself)."""
        first, rest = theta[0], [jnp.asarray(w) for w in theta[1:]]
        pushed = gradient.rmatmul(first).reshape(*self.sizes[1:], self.width)
        axes = _AXES[: len(rest)]
        found = [gradient.matmul(_khatri_rao(theta[1:]))]
        for kept in range(len(rest)):
            others = [place for place in range(len(rest)) if place != kept]
            terms = ",".join([f"{axes}Z", *(f"{axes[place]}Z" for place in others)])
            found.append(jnp.einsum(f"{terms}->{axes[kept]}Z", pushed, *(rest[place] for place in others)))
        return tuple(found)

    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """None: no closed form is known."""
        return None

    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array, ...]:
        """Always raises `InputError`: the best tensor of CP form follows from no decomposition, and need not exist."""
        raise InputError(
            "The best tensor of CP form follows from no decomposition of a matrix; start at random, or from the "
            "factors that you have, by equipoise.initial.Given."
        )

    def tensor(self, theta: Theta) -> Float[Array, "..."]:
        """T, formed; its shape is `sizes`."""
        return self.product(theta).dense().reshape(self.sizes)

    def component_norms(self, theta: Theta) -> Float[Array, " width"]:
        """‖a_r ⊗ b_r ⊗ …‖ = ‖a_r‖ ‖b_r‖ … for each component."""
        norms = [jnp.linalg.norm(jnp.asarray(w), axis=0) for w in theta]
        return functools.reduce(jnp.multiply, norms)


_AXES = string.ascii_lowercase
"""Names of axes in sums; Z is the component."""


def _khatri_rao(factors: Theta) -> Array:
    """The column-wise Kronecker product, whose rows run through the indices of the last factor fastest."""

    def two(left: Array, right: AnyArray) -> Array:
        return (left[:, None, :] * jnp.asarray(right)[None, :, :]).reshape(-1, left.shape[1])

    return functools.reduce(two, factors[1:], jnp.asarray(factors[0]))
