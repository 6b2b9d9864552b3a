"""What a method descends on."""

import abc
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray, RealNumber, Scalar, Shapes, Theta


class Signal(NamedTuple):
    """The known optimum: the leading singular triplets of the target, M ≈ A diag(s) Bᵀ."""

    left: Float[AnyArray, "d1 k"]
    values: Float[AnyArray, " k"]
    right: Float[AnyArray, "d2 k"]

    def factors(self, gamma: RealNumber = 1.0) -> tuple[Float[AnyArray, "d1 k"], Float[AnyArray, "d2 k"]]:
        """The γ-balanced optimum (√γ A Σ^½, γ^−½ B Σ^½), whose balance ‖X‖/‖Y‖ is γ."""
        root = self.values**0.5
        return self.left * (root * gamma**0.5), self.right * (root * gamma**-0.5)


class Curvature(NamedTuple):
    """What is known of the Hessian in closed form at a point.

    `trace` is exact everywhere. `largest` and `smallest` are the extreme non-zero eigenvalues of the Gauss-Newton part,
    which is the whole Hessian wherever the residual is zero.
    """

    trace: Scalar
    largest: Scalar
    smallest: Scalar


class AbstractProblem(eqx.Module):
    """An objective θ -> loss(θ) on a tuple θ of real arrays, with its gradient.

    To add one, give the five members below; the tests then run every method on it.
    """

    @property
    @abc.abstractmethod
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""

    @property
    @abc.abstractmethod
    def dtype(self) -> np.dtype:
        """The precision that θ is kept in."""

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
    """A problem on two factors whose product L(θ) R(θ)ᵀ is what is sought."""

    @property
    def is_direct(self) -> bool:
        """Whether θ is the matrix sought itself, without factors."""
        return False

    @abc.abstractmethod
    def product_factors(self, theta: Theta) -> tuple[Float[AnyArray, "d1 k"], Float[AnyArray, "d2 k"]]:
        """(L, R), whose product LRᵀ is the matrix that θ stands for."""

    @abc.abstractmethod
    def relative_error(self, theta: Theta) -> Scalar:
        """How far the measurements of LRᵀ are from the data, relative to the data."""

    @abc.abstractmethod
    def residual(self, theta: Theta) -> Float[Array, " m"] | None:
        """The vector, affine in LRᵀ, whose squared norm is the loss; None where the loss is of another kind."""

    @abc.abstractmethod
    def known_signal(self) -> Signal | None:
        """The known optimum if it is attached."""

    @abc.abstractmethod
    def with_signal(self) -> "AbstractFactorization":
        """The same problem with its optimum attached, computed now (outside any trace) if it is not there yet."""


def signal_of(problem: AbstractProblem) -> Signal:
    """The known optimum of `problem`; `InputError` if it is not a factorization, and so has none."""
    if not isinstance(problem, AbstractFactorization):
        raise InputError(f"{type(problem).__name__} has no known optimum; use a factorization problem.")
    signal = problem.known_signal()
    if signal is None:
        signal = problem.with_signal().known_signal()
    assert signal is not None
    return signal
