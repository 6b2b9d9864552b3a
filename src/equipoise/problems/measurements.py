"""Measurements of a matrix W: the outer half of a problem."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.quick_normal import quick_normal
from equipoise.core.threefry import normal
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct, AbstractTarget, Dense, Difference, dtype_of
from equipoise.problems.operators import AbstractOperator, Entries


class AbstractMeasurement(eqx.Module):
    """A convex function of a d1 x d2 matrix W, and its gradient as a matrix."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of W."""

    @property
    @abc.abstractmethod
    def dtype(self) -> np.dtype:
        """The precision of the data."""

    @abc.abstractmethod
    def loss(self, product: AbstractProduct) -> Scalar:
        """The objective at W."""

    @abc.abstractmethod
    def residual(self, product: AbstractProduct) -> Float[Array, " m"] | None:
        """The vector, affine in W, whose squared norm is the objective; None if the objective has another form."""

    @abc.abstractmethod
    def gradient(self, product: AbstractProduct) -> AbstractMatrix:
        """The gradient with respect to W, as a matrix that can be multiplied without being formed."""

    @abc.abstractmethod
    def curvature_scale(self) -> float | None:
        """c if the Hessian with respect to W is c times the identity, else None."""

    @abc.abstractmethod
    def relative_error(self, product: AbstractProduct) -> Scalar:
        """The distance between the measurements of W and the data, divided by the norm of the data."""

    @abc.abstractmethod
    def signal(self, rank: int) -> Signal:
        """The leading `rank` singular triplets of the target; raises `InputError` if the target is not known."""


class AbstractSampledMeasurement(AbstractMeasurement):
    """A measurement of several values, one datum for each, so that some of them or other data can be used."""

    @property
    @abc.abstractmethod
    def points(self) -> int:
        """The number of measured values."""

    @abc.abstractmethod
    def batch(self, indices: Int[Array, " batch"]) -> AbstractMeasurement:
        """The measurement of these values alone, with the objective scaled by points/batch."""

    @abc.abstractmethod
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> AbstractMeasurement:
        """The same measurement with independent N(0, std²) noise added to the data."""

    @abc.abstractmethod
    def redrawn(self, key: Key) -> "AbstractSampledMeasurement":
        """The same measurement with independent N(0, 1) values as data."""


class Full(AbstractSampledMeasurement):
    """The measurement of every entry: loss(W) = scale · ‖W − M‖²_F.

    - `target`: M.
    - `scale`: the factor in front of the squared norm; ½ by default.
    """

    target: AbstractTarget
    scale: float = eqx.field(static=True, default=0.5)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of M."""
        return self.target.shape

    @property
    def dtype(self) -> np.dtype:
        """The precision of M."""
        return dtype_of(self.target)

    def loss(self, product: AbstractProduct) -> Scalar:
        """scale · ‖W − M‖²_F."""
        return self.scale * self.target.squared_distance(product)

    def residual(self, product: AbstractProduct) -> Float[Array, " m"]:
        """√scale (W − M) as a vector of d1 d2 numbers; W and M are formed."""
        return self.scale**0.5 * (product.dense() - self.target.dense()).ravel()

    def gradient(self, product: AbstractProduct) -> Difference:
        """2 scale (W − M)."""
        return Difference(2 * self.scale, product, self.target)

    def curvature_scale(self) -> float:
        """2 scale."""
        return 2 * self.scale

    def relative_error(self, product: AbstractProduct) -> Scalar:
        """‖W − M‖_F / ‖M‖_F."""
        return jnp.sqrt(self.target.squared_distance(product) / self.target.squared_norm())

    def signal(self, rank: int) -> Signal:
        """The leading singular triplets of M, with the largest entry of each left vector positive; call it untraced."""
        return with_signs(*self.target.singular_triplets(rank))

    @property
    def points(self) -> int:
        """d1 d2."""
        return self.shape[0] * self.shape[1]

    def batch(self, indices: Int[Array, " batch"]) -> "LinearMap":
        """The measurement of some entries; `indices` number the entries of M row by row."""
        rows, columns = jnp.divmod(indices, self.shape[1])
        share = indices.shape[0] / self.points
        seen = Entries(rows, columns, self.shape, forms_product=False)
        return LinearMap(seen, _entries(self.target, rows, columns), self.scale / share)

    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "Full":
        """The measurement of M with noise on every entry; M is formed."""
        return Full(Dense(self.target.dense() + std * quick_normal(key, self.shape, self.dtype)), self.scale)

    def redrawn(self, key: Key) -> "Full":
        """The measurement of a dense M of independent N(0, 1) entries."""
        return Full(Dense(normal(key, self.shape, self.dtype)), self.scale)


class LinearMap(AbstractSampledMeasurement):
    """Linear measurements: loss(W) = scale · ‖A(W) − y‖².

    - `operator`: A.
    - `data`: y, the m measured values.
    - `scale`: the factor in front of the squared norm; 1 by default, because Gunasekar et al. (2017) have no ½.
    """

    operator: AbstractOperator
    data: Float[AnyArray, " m"]
    scale: float = eqx.field(static=True, default=1.0)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of W."""
        return self.operator.shape

    @property
    def dtype(self) -> np.dtype:
        """The precision of y."""
        return np.dtype(self.data.dtype)

    def loss(self, product: AbstractProduct) -> Scalar:
        """scale · ‖A(W) − y‖²."""
        return self.scale * jnp.sum((self.operator.apply(product) - self.data) ** 2)

    def residual(self, product: AbstractProduct) -> Float[Array, " m"]:
        """√scale (A(W) − y)."""
        return self.scale**0.5 * (self.operator.apply(product) - self.data)

    def gradient(self, product: AbstractProduct) -> AbstractMatrix:
        """2 scale A*(A(W) − y)."""
        return self.operator.adjoint(2 * self.scale * (self.operator.apply(product) - self.data))

    def curvature_scale(self) -> None:
        """None: the Hessian with respect to W need not be a multiple of the identity."""

    def relative_error(self, product: AbstractProduct) -> Scalar:
        """‖A(W) − y‖ / ‖y‖."""
        return jnp.linalg.norm(self.operator.apply(product) - self.data) / jnp.linalg.norm(jnp.asarray(self.data))

    def signal(self, rank: int) -> Signal:
        """Always raises `InputError`: measurements alone do not determine the true matrix."""
        raise InputError("The true matrix is not known from its measurements; pass it as signal=.")

    @property
    def points(self) -> int:
        """m."""
        return self.operator.count

    def batch(self, indices: Int[Array, " batch"]) -> "LinearMap":
        """The measurements of these indices alone."""
        share = indices.shape[0] / self.points
        return LinearMap(self.operator.select(indices), jnp.asarray(self.data)[indices], self.scale / share)

    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "LinearMap":
        """The same A, with noise on every number of y."""
        return LinearMap(self.operator, self.data + std * quick_normal(key, self.data.shape, self.dtype), self.scale)

    def redrawn(self, key: Key) -> "LinearMap":
        """The same A, with independent N(0, 1) values as y."""
        return LinearMap(self.operator, normal(key, self.data.shape, self.dtype), self.scale)


def with_signs(
    left: Float[np.ndarray, "d1 k"], values: Float[np.ndarray, " k"], right: Float[np.ndarray, "d2 k"]
) -> Signal:
    """Singular triplets as a signal, with the largest entry of each left vector positive."""
    signs = np.sign(left[np.argmax(np.abs(left), axis=0), np.arange(left.shape[1])])
    signs = np.where(signs == 0, 1.0, signs)
    return Signal(left * signs, values, right * signs)


def _entries(target: AbstractTarget, rows: Int[Array, " m"], columns: Int[Array, " m"]) -> Float[Array, " m"]:
    """M[rows, columns], from products with unit vectors if M cannot be read entry by entry."""
    if isinstance(target, AbstractProduct):
        return target.at(rows, columns)
    units = jax.nn.one_hot(columns, target.shape[1], axis=0, dtype=dtype_of(target))
    return target.matmul(units)[rows, jnp.arange(rows.shape[0])]
