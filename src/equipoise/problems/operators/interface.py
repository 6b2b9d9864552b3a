"""The base classes of linear maps: what problems need, and what certificates need in addition."""

import abc
from typing import TYPE_CHECKING

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct


class AbstractOperator(eqx.Module):
    """A linear map A(W)_i = ⟨A_i, W⟩, i = 1 … m, of d1 x d2 matrices, with its adjoint A*(z) = Σ z_i A_i.

    Problems use `apply` and `adjoint`; certificates use the operator that `on_arrays` returns. Derive an operator of
    your own from `AbstractFormedOperator`, which needs only `shape`, `count`, `apply` and `adjoint`.
    """

    if TYPE_CHECKING:  # type checkers accept a field for a property, but no property for an AbstractVar

        @property
        @abc.abstractmethod
        def shape(self) -> tuple[int, int]:
            """(d1, d2)."""

        @property
        @abc.abstractmethod
        def count(self) -> int:
            """The number m of measurements."""

    else:
        shape: eqx.AbstractVar[tuple[int, int]]
        count: eqx.AbstractVar[int]

    @abc.abstractmethod
    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W)."""

    @abc.abstractmethod
    def adjoint(self, weights: Float[AnyArray, " m"]) -> AbstractMatrix:
        """A*(z), as a matrix that can be multiplied."""

    @abc.abstractmethod
    def select(self, indices: Int[AnyArray, " batch"]) -> "AbstractOperator":
        """The measurements of these indices; a repeated index repeats its measurement."""

    @abc.abstractmethod
    def symmetrized(self) -> "AbstractOperator":
        """The measurements by (A_i + A_iᵀ)/2, the same for a symmetric W; raises `InputError` unless d1 = d2."""

    @abc.abstractmethod
    def on_arrays(self) -> "AbstractArrayOperator":
        """The same map on NumPy arrays of float64."""


class AbstractArrayOperator(AbstractOperator):
    """A linear map that also works on NumPy arrays of float64, without JAX; certificates are computed with it."""

    @property
    @abc.abstractmethod
    def holds_matrices(self) -> bool:
        """Whether it works with every A_i as an array, which takes m d1 d2 numbers."""

    @abc.abstractmethod
    def symmetrized(self) -> "AbstractArrayOperator":
        """The measurements by (A_i + A_iᵀ)/2."""

    @abc.abstractmethod
    def check(self, *, symmetric: bool) -> None:
        """Raise `InputError` if certificates cannot use it; `symmetric` says whether the unknown matrix is."""

    @abc.abstractmethod
    def apply_array(self, matrix: Float[np.ndarray, "d1 d2"]) -> Float[np.ndarray, " m"]:
        """A(W)."""

    @abc.abstractmethod
    def adjoint_array(self, weights: Float[np.ndarray, " m"]) -> Float[np.ndarray, "d1 d2"]:
        """A*(z)."""

    @abc.abstractmethod
    def adjoint_rounding(self, weights: Float[np.ndarray, " m"]) -> float:
        """A bound on the rounding error ‖A*(z) as computed − A*(z)‖_F."""

    @abc.abstractmethod
    def formed(self) -> Float[np.ndarray, "m d1 d2"]:
        """Every A_i."""

    @abc.abstractmethod
    def squared_norms(self) -> Float[np.ndarray, " m"] | None:
        """‖A_i‖²_F, the diagonal of A A*, if their form makes the A_i orthogonal to one another; None otherwise."""

    @abc.abstractmethod
    def congruence_gram(self, root: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "m m"]:
        """The matrix of ⟨GᵀA_iG, GᵀA_jG⟩ for a square G; symmetric A_i only."""

    @abc.abstractmethod
    def symmetric_embedding(self) -> "AbstractArrayOperator":
        """The symmetric measurements [[0, A_i], [A_iᵀ, 0]]/2 of a (d1 + d2) x (d1 + d2) matrix."""


def check_square(shape: tuple[int, int]) -> None:
    """Raise `InputError` unless d1 = d2."""
    if shape[0] != shape[1]:
        raise InputError(
            f"The measurements are of {shape[0]} x {shape[1]} matrices, which cannot be symmetric; give square ones."
        )
