"""The objective that noise gives on average."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.stream import noise_key, replicate_key, step_key
from equipoise.core.types import AnyArray, Key, Theta
from equipoise.problems.factored import Factored
from equipoise.problems.parametrizations import Asymmetric
from equipoise.problems.penalized import Penalized
from equipoise.theory.moments import second_moments

_SAMPLES_AT_ONCE = 512


def smoothed(problem: AbstractProblem, noise: AbstractNoise, step: int = 0) -> Penalized:
    """The smoothed objective F̃(θ) = E F(θ + ξ) as a problem; Perturbed GD descends it on average.

    For F = s‖XYᵀ − M‖² with centered, independent ξ₁, ξ₂ and A = E[ξ₁ᵀξ₁], B = E[ξ₂ᵀξ₂] (r x r), all mixed terms
    vanish: F̃ = F + s tr(XBXᵀ) + s tr(YAYᵀ) + s tr(AB). For isotropic noise and s = ½: F + (d2 s2²/2)‖X‖² + (d1
    s1²/2)‖Y‖² + r d1 d2 s1² s2²/2.

    - `problem`: a factorization XYᵀ with all entries observed.
    - `noise`: the noise law of ξ.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    It is a problem, so that its gradient and its Hessian (`observables.dense_hessian`) are there, too. Raises
    `InputError` for any other problem, for which see `smoothed_product` and `sampled_mean`, and for noise with infinite
    second moments. Source: Liu et al. (2021), Eqs. (3), (6).
    """
    scale = problem.measurement.curvature_scale() if isinstance(problem, Factored) else None
    if not isinstance(problem, Factored) or not isinstance(problem.parametrization, Asymmetric) or scale is None:
        raise InputError(
            "The smoothed objective has a closed form only for a factorization XYᵀ with all entries observed; "
            "make the problem with problems.factorization, problems.planted or problems.valley."
        )
    first, second = second_moments(noise, problem.shapes, step)
    constant = np.asarray(0.5 * scale * np.trace(first @ second))
    # crosswise: the noise on Y penalizes X, and the noise on X penalizes Y
    penalties = tuple((scale * moment).astype(problem.dtype) for moment in (second, first))
    return Penalized(problem, penalties, constant.astype(problem.dtype))


@float64
def sampled_mean(
    problem: AbstractProblem, noise: AbstractNoise, theta: Theta, *, samples: int, seed: int, step: int = 0
) -> tuple[float, float]:
    """The mean of F(θ + ξ) over `samples` draws of ξ, and its standard error: the smoothed objective of any problem.

    - `problem`: the problem whose loss is F.
    - `noise`: the noise law of ξ.
    - `theta`: θ, one array per factor.
    - `samples`: the number of draws, at least 2.
    - `seed`: the seed of the draws; they depend on nothing else.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` for fewer than 2 samples and for a negative seed.
    """
    samples, seed = whole_number("samples", samples, 2), whole_number("seed", seed, 0)
    point = tuple(jnp.asarray(w, problem.dtype) for w in theta)
    key = noise_key(replicate_key(seed, 0))
    block = min(samples, _SAMPLES_AT_ONCE)
    numbers = np.arange(-(-samples // block) * block)  # whole blocks: a shorter one would be compiled anew
    values = np.asarray(_sampled_losses(problem, noise, point, key, jnp.asarray(step), numbers))[:samples]
    return float(values.mean()), float(values.std(ddof=1) / samples**0.5)


@eqx.filter_jit
def _sampled_losses(
    problem: AbstractProblem, noise: AbstractNoise, point: Theta, key: Key, step: Array, numbers: AnyArray
) -> Float[Array, " samples"]:
    def one(number: Array) -> Array:
        drawn = noise.sample(step_key(key, number), step, problem.shapes, problem.dtype)
        return jnp.asarray(problem.loss(tuple(w + z for w, z in zip(point, drawn, strict=True))))

    return jax.lax.map(one, numbers, batch_size=_SAMPLES_AT_ONCE)
