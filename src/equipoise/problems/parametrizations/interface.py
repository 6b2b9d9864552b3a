"""The base class of parametrizations."""

import abc

import equinox as eqx
from jaxtyping import Array, Float

from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct


class AbstractParametrization(eqx.Module):
    """A map θ -> W(θ), its pull-back of gradients, and a map from W back to a θ."""

    @property
    @abc.abstractmethod
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""

    @property
    @abc.abstractmethod
    def rank(self) -> int:
        """The largest rank that W(θ) can have."""

    @property
    def is_direct(self) -> bool:
        """Whether θ is W itself, without factors."""
        return False

    @property
    def is_entrywise(self) -> bool:
        """Whether each entry of W depends on the entries of θ in its place alone, so that W has no factors."""
        return False

    @property
    def degree(self) -> int | None:
        """The N with W(cθ) = cᴺ W(θ) for every number c > 0; None if there is none."""
        return None

    @abc.abstractmethod
    def product(self, theta: Theta) -> AbstractProduct:
        """W(θ)."""

    @abc.abstractmethod
    def factors(self, theta: Theta) -> tuple[Float[AnyArray, "d1 k"], Float[AnyArray, "d2 k"]]:
        """(L, R) with W(θ) = LRᵀ."""

    @abc.abstractmethod
    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, ...]:
        """The gradient with respect to θ, from the gradient with respect to W."""

    @abc.abstractmethod
    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """Closed forms for the Hessian if that with respect to W is `scale` times the identity; None if not known."""

    @abc.abstractmethod
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[AnyArray, ...]:
        """A balanced θ for which W(θ) is the best approximation of `matrix` in this form, by a decomposition of it.

        A balanced random start calls it in a trace, and so needs it in `jax.numpy`.
        """

    def layers(self, theta: Theta) -> tuple[AnyArray, ...] | None:
        """(W_1, …, W_N) of a linear network W_N … W_1 equal to W or Wᵀ; None if θ is not such a chain."""
        return None
