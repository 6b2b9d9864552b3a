"""The base classes of problems, the objectives that methods descend on."""

import abc
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.hashing import hash_of_form
from equipoise.core.types import AnyArray, RealNumber, Scalar, Shapes, Theta


class Signal(NamedTuple):
    """The known optimum: the leading singular triplets of the target, M ≈ A diag(s) Bᵀ, as (A, s, B)."""

    left: Float[AnyArray, "d1 k"]
    values: Float[AnyArray, " k"]
    right: Float[AnyArray, "d2 k"]

    def factors(self, gamma: RealNumber = 1.0) -> tuple[Float[AnyArray, "d1 k"], Float[AnyArray, "d2 k"]]:
        """The γ-balanced optimum (√γ A Σ^½, γ^−½ B Σ^½), whose balance ‖X‖/‖Y‖ is γ."""
        root = self.values**0.5
        return self.left * (root * gamma**0.5), self.right * (root * gamma**-0.5)


class Curvature(NamedTuple):
    """Closed forms for the Hessian at a point.

    `trace` is exact everywhere. `largest` and `smallest` are the extreme non-zero eigenvalues of the Gauss-Newton part,
    which equals the Hessian where the residual is zero.
    """

    trace: Scalar
    largest: Scalar
    smallest: Scalar


class AbstractProblem(eqx.Module):
    """An objective θ -> loss(θ) on a tuple θ of real arrays, with its gradient.

    To add one, define the five members below; the conformance tests can then run every method on it.
    """

    __hash__ = hash_of_form

    @property
    @abc.abstractmethod
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""

    @property
    @abc.abstractmethod
    def dtype(self) -> np.dtype:
        """The precision of θ."""

    @abc.abstractmethod
    def loss(self, theta: Theta) -> Scalar:
        """The objective at θ."""

    @abc.abstractmethod
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ, of the shapes of θ."""

    @abc.abstractmethod
    def curvature(self, theta: Theta) -> Curvature | None:
        """Closed forms for the Hessian at θ, or None where none is known."""


class AbstractFactorization(AbstractProblem):
    """A problem whose unknown is a matrix, written as a product L(θ) R(θ)ᵀ of two factors."""

    @property
    def is_direct(self) -> bool:
        """Whether θ is the unknown matrix itself, without factors."""
        return False

    @property
    def is_entrywise(self) -> bool:
        """Whether each entry of the matrix has parameters of its own, those in its place, so that it has no factors."""
        return False

    @property
    def degree(self) -> int | None:
        """The N with W(cθ) = cᴺ W(θ) for every number c > 0, where W(θ) is the matrix; None if none is known."""
        return None

    def balanced(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[AnyArray, ...]:
        """A balanced θ whose W(θ) is the best approximation of `matrix`; `InputError` if none is known."""
        raise InputError(
            f"{type(self).__name__} knows no balanced form of a matrix; start at random, by initial.Gaussian."
        )

    @abc.abstractmethod
    def product_factors(self, theta: Theta) -> tuple[Float[AnyArray, "d1 k"], Float[AnyArray, "d2 k"]]:
        """(L, R) with LRᵀ = W(θ), the matrix that θ represents."""

    @abc.abstractmethod
    def relative_error(self, theta: Theta) -> Scalar:
        """The distance between the measurements of LRᵀ and the data, divided by the norm of the data."""

    @abc.abstractmethod
    def residual(self, theta: Theta) -> Float[Array, " m"] | None:
        """The vector, affine in LRᵀ, whose squared norm is the loss; None if the loss has another form."""

    @abc.abstractmethod
    def known_signal(self) -> Signal | None:
        """The known optimum if it is attached, None otherwise."""

    @abc.abstractmethod
    def with_signal(self) -> "AbstractFactorization":
        """The same problem with its optimum attached; computes the optimum if it is missing, so call it untraced."""


def signal_of(problem: AbstractProblem) -> Signal:
    """The known optimum of `problem`, computed if it is not attached.

    Raises `InputError` for a problem that is not a factorization, because only factorizations have a known optimum.
    """
    if not isinstance(problem, AbstractFactorization):
        raise InputError(f"{type(problem).__name__} has no known optimum; use a factorization problem.")
    signal = problem.known_signal()
    if signal is None:
        signal = problem.with_signal().known_signal()
    assert signal is not None
    return signal
