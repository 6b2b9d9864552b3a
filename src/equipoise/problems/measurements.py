"""What is seen of a matrix W: the outer half of a problem."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
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
        """The vector, affine in W, whose squared norm is the objective; None where the objective is of another kind."""

    @abc.abstractmethod
    def gradient(self, product: AbstractProduct) -> AbstractMatrix:
        """The gradient with respect to W, as a matrix that can be multiplied without being formed."""

    @abc.abstractmethod
    def curvature_scale(self) -> float | None:
        """c if the Hessian with respect to W is c times the identity, else None."""

    @abc.abstractmethod
    def relative_error(self, product: AbstractProduct) -> Scalar:
        """How far the measurements of W are from the data, relative to the data."""

    @abc.abstractmethod
    def signal(self, rank: int) -> Signal:
        """The leading `rank` singular triplets of the matrix sought."""


class AbstractSampledMeasurement(AbstractMeasurement):
    """A measurement of several numbers, each with its datum: it can be taken in part, and of other data."""

    @property
    @abc.abstractmethod
    def points(self) -> int:
        """How many numbers are measured."""

    @abc.abstractmethod
    def batch(self, indices: Int[Array, " batch"]) -> AbstractMeasurement:
        """These alone, their objective scaled by points/batch."""

    @abc.abstractmethod
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> AbstractMeasurement:
        """The data with independent N(0, std²) added."""

    @abc.abstractmethod
    def redrawn(self, key: Key) -> "AbstractSampledMeasurement":
        """The same numbers measured, with independent N(0, 1) as data."""


class Full(AbstractSampledMeasurement):
    """Every entry is seen: loss(W) = scale · ‖W − M‖²_F, with `scale` ½ unless said otherwise."""

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
        """√scale (W − M) as a vector of d1 d2 numbers, which is formed."""
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
        """The leading singular triplets of M, each left vector's largest entry positive; computed outside any trace."""
        left, values, right = self.target.singular_triplets(rank)
        signs = np.sign(left[np.argmax(np.abs(left), axis=0), np.arange(left.shape[1])])
        signs = np.where(signs == 0, 1.0, signs)
        return Signal(left * signs, values, right * signs)

    @property
    def points(self) -> int:
        """d1 d2."""
        return self.shape[0] * self.shape[1]

    def batch(self, indices: Int[Array, " batch"]) -> "LinearMap":
        """Some entries, by their indices in M read row by row."""
        rows, columns = jnp.divmod(indices, self.shape[1])
        share = indices.shape[0] / self.points
        seen = Entries(rows, columns, self.shape, forms_product=False)
        return LinearMap(seen, _entries(self.target, rows, columns), self.scale / share)

    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "Full":
        """M with noise on every entry, formed."""
        return Full(Dense(self.target.dense() + std * self._normal(key)), self.scale)

    def redrawn(self, key: Key) -> "Full":
        """A dense M of independent N(0, 1)."""
        return Full(Dense(self._normal(key)), self.scale)

    def _normal(self, key: Key) -> Array:
        return jax.random.normal(key, self.shape, self.dtype)


class LinearMap(AbstractSampledMeasurement):
    """Linear measurements: loss(W) = scale · ‖A(W) − y‖²; `scale` is 1 here, as Gunasekar et al. (2017) have no ½."""

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
        """Not every direction is seen alike."""

    def relative_error(self, product: AbstractProduct) -> Scalar:
        """‖A(W) − y‖ / ‖y‖."""
        return jnp.linalg.norm(self.operator.apply(product) - self.data) / jnp.linalg.norm(jnp.asarray(self.data))

    def signal(self, rank: int) -> Signal:
        """Refused: measurements alone do not say which matrix is sought."""
        raise InputError("The matrix sought is not known from its measurements; attach one (signal=...).")

    @property
    def points(self) -> int:
        """m."""
        return self.operator.count

    def batch(self, indices: Int[Array, " batch"]) -> "LinearMap":
        """Some of the measurements."""
        share = indices.shape[0] / self.points
        return LinearMap(self.operator.select(indices), jnp.asarray(self.data)[indices], self.scale / share)

    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "LinearMap":
        """y with noise on every number."""
        return LinearMap(self.operator, self.data + std * self._normal(key), self.scale)

    def redrawn(self, key: Key) -> "LinearMap":
        """The same A, with y of independent N(0, 1)."""
        return LinearMap(self.operator, self._normal(key), self.scale)

    def _normal(self, key: Key) -> Array:
        return jax.random.normal(key, self.data.shape, self.dtype)


def _entries(target: AbstractTarget, rows: Int[Array, " m"], columns: Int[Array, " m"]) -> Float[Array, " m"]:
    """M[rows, columns]; of a matrix that is known by its products alone, from its products with unit vectors."""
    if isinstance(target, AbstractProduct):
        return target.at(rows, columns)
    units = jax.nn.one_hot(columns, target.shape[1], axis=0, dtype=dtype_of(target))
    return target.matmul(units)[rows, jnp.arange(rows.shape[0])]
