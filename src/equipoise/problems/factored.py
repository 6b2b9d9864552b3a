"""A problem as measurement ∘ parametrization."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.layered import AbstractLayered, Chain, linear_chain
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization, Curvature, Signal
from equipoise.core.sampled import AbstractSampled
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, Theta
from equipoise.problems.matrices import AbstractProduct
from equipoise.problems.measurements import AbstractMeasurement, AbstractSampledMeasurement
from equipoise.problems.parametrizations import AbstractParametrization


class Factored(AbstractFactorization, AbstractSampled, AbstractLayered):
    """loss(θ) = measurement(W(θ)), where W(θ) is the matrix of the parametrization.

    - `measurement`: how the loss depends on W. Its measured values are the data points.
    - `parametrization`: how W depends on θ.
    - `signal`: the known optimum; none by default.
    """

    measurement: AbstractMeasurement
    parametrization: AbstractParametrization
    signal: Signal | None = None

    @property
    def shapes(self) -> Shapes:
        """The shape of each factor."""
        return self.parametrization.shapes

    @property
    def dtype(self) -> np.dtype:
        """The precision of the data and of the factors."""
        return self.measurement.dtype

    @property
    def rank(self) -> int:
        """The largest rank that W(θ) can have."""
        return self.parametrization.rank

    @property
    def is_direct(self) -> bool:
        """Whether θ is W itself, without factors."""
        return self.parametrization.is_direct

    @property
    def is_entrywise(self) -> bool:
        """Whether each entry of W depends on the entries of θ in its place alone, so that W has no factors."""
        return self.parametrization.is_entrywise

    @property
    def degree(self) -> int | None:
        """The N with W(cθ) = cᴺ W(θ) for every number c > 0; None if there is none."""
        return self.parametrization.degree

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
        """The distance between the measurements of W(θ) and the data, divided by the norm of the data."""
        return self.measurement.relative_error(self.product(theta))

    @float64
    def curvature(self, theta: Theta) -> Curvature | None:
        """Closed forms for the Hessian; None if the measurement weighs directions differently or no form is known."""
        scale = self.measurement.curvature_scale()
        return None if scale is None else self.parametrization.curvature(theta, scale)

    def product_factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(L, R) with LRᵀ = W(θ)."""
        return self.parametrization.factors(theta)

    @float64
    def residual(self, theta: Theta) -> Float[Array, " m"] | None:
        """The vector, affine in W(θ), whose squared norm is the loss; None if the loss has another form."""
        return self.measurement.residual(self.product(theta))

    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[np.ndarray, ...]:
        """A balanced θ for which W(θ) is `matrix` or its best approximation; use it as a start or as an optimum.

        Raises `InputError` if the shape of `matrix` is not that of W.
        """
        given = np.asarray(matrix, dtype=float)
        if given.shape != self.measurement.shape:
            raise InputError(
                f"The matrix has shape {given.shape}, but the problem needs a matrix of shape {self.measurement.shape}."
            )
        return tuple(np.asarray(w) for w in self.parametrization.point(given))

    def balanced(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[AnyArray, ...]:
        """As `point`, for a matrix of the right shape, in a trace."""
        return self.parametrization.point(matrix)

    def known_signal(self) -> Signal | None:
        """The known optimum if it is attached, None otherwise."""
        return self.signal

    def with_signal(self) -> "Factored":
        """The same problem with its optimum attached: the leading singular triplets of the target.

        Raises `InputError` if the measurements do not determine the target.
        """
        if self.signal is not None:
            return self
        return Factored(self.measurement, self.parametrization, self.measurement.signal(self.rank))

    @float64
    def chain(self, theta: Theta) -> Chain:
        """The factors as layers of a linear network; raises `InputError` if W is not written as their product."""
        matrices = self.parametrization.layers(theta)
        if matrices is None:
            raise InputError(f"{type(self.parametrization).__name__} has no layers; use Asymmetric or DeepLinear.")
        return linear_chain(matrices)

    @float64
    def end_to_end(self, theta: Theta) -> Float[Array, "d1 d2"]:
        """W(θ), formed."""
        left, right = self.product_factors(theta)
        return jnp.asarray(left) @ jnp.asarray(right).T

    @property
    def points(self) -> int:
        """The number of measured values: entries of the matrix, or linear measurements."""
        return self._sampled().points

    @float64
    def batch(self, indices: Int[Array, " batch"]) -> "Factored":
        """The problem on these measurements alone, scaled so that its mean over batches is the whole problem."""
        return Factored(self._sampled().batch(indices), self.parametrization, self.signal)

    @float64
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "Factored":
        """The problem with independent N(0, std²) noise added to every measured value."""
        return Factored(self._sampled().with_label_noise(key, std), self.parametrization, self.signal)

    @float64
    def redrawn(self, key: Key) -> "Factored":
        """The same measurements with independent N(0, 1) values as data."""
        return Factored(self._sampled().redrawn(key), self.parametrization)

    def _sampled(self) -> AbstractSampledMeasurement:
        if not isinstance(self.measurement, AbstractSampledMeasurement):
            raise InputError(
                f"{type(self.measurement).__name__} has no data points; derive it from AbstractSampledMeasurement."
            )
        return self.measurement
