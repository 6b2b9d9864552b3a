"""The smoothed objective of a matrix XYᵀ that is seen through linear measurements, such as some of its entries."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.altered import AbstractAltered
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Scalar, Theta
from equipoise.noise import Gaussian, StudentT, Uniform
from equipoise.problems.factored import Factored
from equipoise.problems.measurements import LinearMap
from equipoise.problems.operators import AbstractOperator, Entries
from equipoise.problems.parametrizations import Asymmetric
from equipoise.theory.moments import second_moments


class SmoothedMeasurements(AbstractAltered):
    """E scale ‖A((X + ξ₁)(Y + ξ₂)ᵀ) − y‖² in closed form, for noise of independent rows with one covariance.

    - `problem`: the factorization without noise.
    - `grams`: (Σ AᵢAᵢᵀ, Σ AᵢᵀAᵢ), as diagonals where they are diagonal.
    - `covariances`: (K₁, K₂), those of a row of ξ₁ and of ξ₂, r x r.
    - `constant`: scale tr(K₁K₂) Σ‖Aᵢ‖².

    It is F + scale tr(K₂ Xᵀ(Σ AᵢAᵢᵀ)X) + scale tr(K₁ Yᵀ(Σ AᵢᵀAᵢ)Y) + constant. For entries and isotropic noise the
    penalty is scale s₂² Σᵢ nᵢ‖xᵢ‖² + scale s₁² Σⱼ mⱼ‖yⱼ‖² with nᵢ known entries in row i and mⱼ in column j.
    """

    problem: Factored
    grams: tuple[Float[AnyArray, "..."], Float[AnyArray, "..."]]
    covariances: tuple[Float[AnyArray, "r r"], Float[AnyArray, "r r"]]
    constant: Scalar

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The closed form."""
        penalties = (jnp.sum(jnp.asarray(w) * p) for w, p in zip(theta, self._pulls(theta), strict=True))
        return jnp.asarray(self.problem.loss(theta) + sum(penalties) + self.constant)

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """∇F + 2 scale ((Σ AᵢAᵢᵀ) X K₂, (Σ AᵢᵀAᵢ) Y K₁)."""
        pairs = zip(self.problem.gradient(theta), self._pulls(theta), strict=True)
        return tuple(g + 2 * p for g, p in pairs)

    def _pulls(self, theta: Theta) -> tuple[Array, ...]:
        """(scale (Σ AᵢAᵢᵀ) X K₂, scale (Σ AᵢᵀAᵢ) Y K₁)."""
        measurement = self.problem.measurement
        assert isinstance(measurement, LinearMap)
        crosswise = zip(theta, self.grams, self.covariances[::-1], strict=True)
        return tuple(measurement.scale * _times(gram, jnp.asarray(w)) @ cov for w, gram, cov in crosswise)


def _times(gram: AnyArray, factor: Array) -> Array:
    return jnp.asarray(gram[:, None] * factor if gram.ndim == 1 else gram @ factor)


@float64
def smoothed_measurements(problem: AbstractProblem, noise: AbstractNoise, step: int = 0) -> SmoothedMeasurements:
    """The smoothed objective F̃(θ) = E F(θ + ξ) of a matrix XYᵀ with some known entries or other measurements.

    - `problem`: one of `problems.completion` or `problems.sensing` with `parametrization="asymmetric"`.
    - `noise`: the noise law of ξ, `Gaussian`, `Uniform` or `StudentT`.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Rows with more known entries are penalized more, so that the nuclear norm which the noise adds is a weighted one.
    Raises `InputError` for other problems and laws; `smoothed` is for a matrix seen in full, `smoothed_product` for
    UUᵀ and W_N … W_1, and `sampled_mean` for the rest. Source: as Liu et al. (2021), Eq. (6), for each measurement;
    for the weights R. Salakhutdinov and N. Srebro (2010).
    """
    known = (
        isinstance(problem, Factored)
        and isinstance(problem.parametrization, Asymmetric)
        and isinstance(problem.measurement, LinearMap)
    )
    if not known:
        raise InputError(
            "This closed form is for XYᵀ seen through linear measurements; make the problem with problems.completion "
            "or problems.sensing and parametrization='asymmetric', or use smoothed or sampled_mean."
        )
    if not isinstance(noise, Gaussian | Uniform | StudentT):
        raise InputError(
            f"The closed form needs noise with independent rows of one law, which {type(noise).__name__} may not have; "
            "take Gaussian, Uniform or StudentT, or use sampled_mean."
        )
    assert isinstance(problem, Factored)
    assert isinstance(problem.measurement, LinearMap)
    moments = second_moments(noise, problem.shapes, step)
    first, second = (moment / shape[0] for moment, shape in zip(moments, problem.shapes, strict=True))
    left, right = _grams(problem.measurement.operator)
    total = np.sum(left) if left.ndim == 1 else np.trace(left)  # Σ‖Aᵢ‖²
    constant = np.asarray(problem.measurement.scale * np.trace(first @ second) * total, problem.dtype)
    return SmoothedMeasurements(problem, (left, right), (first, second), constant)


def _grams(operator: AbstractOperator) -> tuple[np.ndarray, np.ndarray]:
    """(Σ AᵢAᵢᵀ, Σ AᵢᵀAᵢ)."""
    if isinstance(operator, Entries) and not operator.symmetric:
        counts = (np.bincount(np.asarray(index), minlength=size) for index, size in _places(operator))
        left, right = (count.astype(float) for count in counts)
        return left, right
    matrices = operator.on_arrays().formed()
    return np.einsum("mij,mkj->ik", matrices, matrices), np.einsum("mji,mjk->ik", matrices, matrices)


def _places(operator: Entries) -> tuple[tuple[AnyArray, int], ...]:
    return (operator.rows, operator.shape[0]), (operator.columns, operator.shape[1])
