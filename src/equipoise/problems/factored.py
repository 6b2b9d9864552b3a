"""A problem as measurement ∘ parametrization."""

import numpy as np
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization, Curvature, Signal
from equipoise.core.types import AnyArray, Scalar, Shapes, Theta
from equipoise.problems.matrices import AbstractProduct
from equipoise.problems.measurements import AbstractMeasurement
from equipoise.problems.parametrizations import AbstractParametrization


class Factored(AbstractFactorization):
    """loss(θ) = measurement(W(θ)), with W(θ) the parametrization's matrix."""

    measurement: AbstractMeasurement
    parametrization: AbstractParametrization
    signal: Signal | None = None

    @property
    def shapes(self) -> Shapes:
        """The shape of each factor."""
        return self.parametrization.shapes

    @property
    def dtype(self) -> np.dtype:
        """The precision of the data, which the factors are kept in."""
        return self.measurement.dtype

    @property
    def rank(self) -> int:
        """The largest rank that W(θ) can have by its form."""
        return self.parametrization.rank

    def product(self, theta: Theta) -> AbstractProduct:
        """W(θ)."""
        return self.parametrization.product(theta)

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The objective at θ."""
        return self.measurement.loss(self.product(theta))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ, in closed form."""
        return self.parametrization.pull_back(theta, self.measurement.gradient(self.product(theta)))

    @float64
    def relative_error(self, theta: Theta) -> Scalar:
        """How far the measurements of W(θ) are from the data, relative to the data."""
        return self.measurement.relative_error(self.product(theta))

    @float64
    def curvature(self, theta: Theta) -> Curvature | None:
        """Closed forms for the Hessian, where the measurement sees every direction alike."""
        scale = self.measurement.curvature_scale()
        return None if scale is None else self.parametrization.curvature(theta, scale)

    def product_factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(L, R), whose product LRᵀ is the matrix that θ stands for."""
        return self.parametrization.factors(theta)

    @float64
    def residual(self, theta: Theta) -> Float[Array, " m"] | None:
        """The vector, affine in W(θ), whose squared norm is the loss; None where the loss is of another kind."""
        return self.measurement.residual(self.product(theta))

    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[np.ndarray, ...]:
        """A balanced θ that stands for a given matrix, or its best approximation in this form: a start, or an optimum.

        Raises `InputError` for another shape than the problem's.
        """
        given = np.asarray(matrix, dtype=float)
        if given.shape != self.measurement.shape:
            raise InputError(f"The matrix has shape {given.shape}, but the problem is {self.measurement.shape}.")
        return self.parametrization.point(given)

    def known_signal(self) -> Signal | None:
        """The known optimum if it is attached."""
        return self.signal

    def with_signal(self) -> "Factored":
        """The same problem with its optimum attached, from the leading singular triplets of the matrix sought."""
        if self.signal is not None:
            return self
        return Factored(self.measurement, self.parametrization, self.measurement.signal(self.rank))
