"""The smoothed objective of factorizations other than XYᵀ: UUᵀ, and products of N factors."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.altered import AbstractAltered
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Scalar, Shapes, Theta
from equipoise.noise import AnisotropicGaussian, Gaussian
from equipoise.problems.factored import Factored
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import DeepLinear, Symmetric

Covariances = tuple[Float[AnyArray, "_ _"], Float[AnyArray, "_ _"]]


class SmoothedProduct(AbstractAltered):
    """E scale ‖W(θ + ξ) − M‖² in closed form, for W = UUᵀ or W = W_N … W_1 and Gaussian noise ξ = C^½ Z K^½.

    - `problem`: the factorization without noise.
    - `covariances`: (C, K) of each factor.
    - `target`: M, d1 x d2.

    W = W_N … W_1: scale (tr G_N − 2⟨W, M⟩ + ‖M‖²), with G₀ = I and G_i = W_i G_{i−1} W_iᵀ + tr(K_i G_{i−1}) C_i.

    W = UUᵀ: scale ‖W − M‖² + 2 scale (tr C tr UKUᵀ + tr CUKUᵀ + tr K (tr CUUᵀ − tr CM)) + scale ((tr K)² tr C² +
    tr K² (tr C² + (tr C)²)). For isotropic noise of an n x d factor it is scale (‖W − M‖² + 2s²(n + d + 1)‖U‖² −
    2s²d tr M + s⁴nd(n + d + 1)). Source: Isserlis' theorem.
    """

    problem: Factored
    covariances: tuple[Covariances, ...]
    target: Float[AnyArray, "d1 d2"]

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The closed form."""
        added = _of_symmetric if isinstance(self.problem.parametrization, Symmetric) else _of_product
        scale = self.problem.measurement.curvature_scale()
        assert scale is not None
        return scale / 2 * added(theta, self.covariances, jnp.asarray(self.target))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """By automatic differentiation."""
        return tuple(jax.grad(self.loss)(tuple(jnp.asarray(w) for w in theta)))


@float64
def smoothed_product(problem: AbstractProblem, noise: AbstractNoise, step: int = 0) -> SmoothedProduct:
    """The smoothed objective F̃(θ) = E F(θ + ξ) of ‖UUᵀ − M‖² or ‖W_N … W_1 − M‖² as a problem.

    - `problem`: a factorization UUᵀ or W_N … W_1 with all entries observed.
    - `noise`: the noise law of ξ, `Gaussian` or `AnisotropicGaussian`.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Its Hessian is that of `observables.dense_hessian`. Raises `InputError` for other problems and laws; `smoothed` is
    for XYᵀ, and `sampled_mean` for the rest. Source: Isserlis' theorem; the formulas are in `SmoothedProduct`.
    """
    known = (
        isinstance(problem, Factored)
        and isinstance(problem.parametrization, Symmetric | DeepLinear)
        and isinstance(problem.measurement, Full)
    )
    if not known:
        raise InputError(
            "This closed form is for factorizations UUᵀ and W_N … W_1 with all entries observed; "
            "make the problem as Factored(Full(…), Symmetric(…)), or use smoothed or sampled_mean."
        )
    assert isinstance(problem, Factored)
    assert isinstance(problem.measurement, Full)
    target = np.asarray(problem.measurement.target.dense())
    return SmoothedProduct(problem, _covariances(noise, problem.shapes, step), target)


@float64
def _covariances(noise: AbstractNoise, shapes: Shapes, step: int) -> tuple[Covariances, ...]:
    if type(noise) is Gaussian:
        stds = noise.std.at(step, len(shapes), np.float64)
        return tuple((float(s) ** 2 * np.eye(d), np.eye(k)) for s, (d, k) in zip(stds, shapes, strict=True))
    if type(noise) is AnisotropicGaussian:
        noise.second_moments(step, shapes, np.float64)  # checks the sizes
        roots = zip(noise.row_roots, noise.column_roots, strict=True)
        return tuple((np.asarray(c @ c), np.asarray(k @ k)) for c, k in roots)
    raise InputError(
        f"The smoothed objective of this factorization depends on fourth moments, which are known for Gaussian noise "
        f"and not for {type(noise).__name__}; take Gaussian or AnisotropicGaussian, or use sampled_mean."
    )


def _of_product(theta: Theta, covariances: tuple[Covariances, ...], target: Array) -> Array:
    gram = product = jnp.eye(theta[0].shape[1])
    for factor, (c, k) in zip(theta, covariances, strict=True):
        w = jnp.asarray(factor)
        gram = w @ gram @ w.T + jnp.sum(k * gram) * c
        product = w @ product
    return jnp.trace(gram) - 2 * jnp.sum(product * target) + jnp.sum(target**2)


def _of_symmetric(theta: Theta, covariances: tuple[Covariances, ...], target: Array) -> Array:
    u, (c, k) = jnp.asarray(theta[0]), covariances[0]
    weighted = u @ k @ u.T
    first = jnp.trace(c) * jnp.trace(weighted) + jnp.sum(c * weighted)
    second = jnp.trace(k) * (jnp.sum(c * (u @ u.T)) - jnp.sum(c * target))
    squares = jnp.sum(c * c)
    constant = jnp.trace(k) ** 2 * squares + jnp.sum(k * k) * (squares + jnp.trace(c) ** 2)
    return jnp.sum((u @ u.T - target) ** 2) + 2 * (first + second) + constant
