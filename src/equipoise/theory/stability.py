"""The largest step sizes with which gradient descent stays at a minimum."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.altered import AbstractAltered
from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem, Signal
from equipoise.core.types import RealNumber, Scalar, Shapes, Theta
from equipoise.observables.registry import evaluate
from equipoise.observables.sharpness import sharpness
from equipoise.theory.moments import check_isotropic, second_moments


class Rescaled(AbstractAltered):
    """F in the coordinates φ = D^−½ θ, where D = diag(`proportions`) has one number per array of θ.

    A step η D ∇F on θ is a step η ∇(F ∘ D^½) on φ, and the Hessian there is D^½ H D^½.
    """

    roots: tuple[float, ...]

    def loss(self, theta: Theta) -> Scalar:
        """F(D^½ φ)."""
        return self.problem.loss(self._original(theta))

    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """D^½ ∇F(D^½ φ)."""
        gradient = self.problem.gradient(self._original(theta))
        return tuple(root * g for root, g in zip(self.roots, gradient, strict=True))

    def _original(self, theta: Theta) -> tuple[Array, ...]:
        return tuple(root * jnp.asarray(w) for root, w in zip(self.roots, theta, strict=True))


def largest_stable_step_size(
    signal: Signal,
    gamma: RealNumber = 1.0,
    *,
    scale: RealNumber = 0.5,
    proportions: tuple[RealNumber, RealNumber] = (1.0, 1.0),
) -> float:
    """The largest η with which gradient descent can stay at the γ-balanced minimum: 2/λmax.

    For step sizes (ηρx, ηρy) it is 2/(2 scale σ1 (ρx/γ + ργ)). For ρx = ρy = 1 and scale ½ it is 2/((γ + 1/γ) σ1),
    which is largest at the balanced minimum, γ = 1. In the unit 1/[M].

    - `signal`: the singular triplets of M.
    - `gamma`: the balance γ of the minimum; 1 by default.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.
    - `proportions`: (ρx, ρy); (1, 1) by default.

    Raises `InputError` unless γ, the scale and the proportions are finite and greater than 0. Source: derived from Liu
    et al. (2021), Lemma 2, for any rank.
    """
    for name, value in (("gamma", gamma), ("scale", scale), *(("A proportion", p) for p in proportions)):
        positive_number(name, value)
    # The non-zero eigenvalues of H are sums of those of YᵀY and XᵀX; those of D^½HD^½ are 2 scale (ρx σⱼ/γ + ρy γ σᵢ)
    largest = 2 * scale * float(signal.values[0]) * (proportions[0] / gamma + proportions[1] * gamma)
    return float(2 / largest)


def largest_stable_step_size_with_noise(
    signal: Signal,
    noise: AbstractNoise,
    shapes: Shapes,
    *,
    scale: RealNumber = 0.5,
    proportions: tuple[RealNumber, RealNumber] = (1.0, 1.0),
) -> float:
    """The largest η with which the mean of Perturbed GD can stay at the smoothed minimum: 2/λmax of F̃ there.

    The Hessian splits into blocks of 2 and 4 coordinates. With t = √(ab), p = σ − t and i, j the two largest kept
    directions, λmax/(2 scale) is the largest eigenvalue of one of

    - [[σᵢ/γ, pᵢ − t], [pᵢ − t, γσᵢ]] of a kept direction,
    - the same with the coupling matrix [[−t, √(pᵢpⱼ)], [√(pᵢpⱼ), −t]] between X and Y, for a pair of kept directions,
    - [[σᵢ/γ, −σ], [−σ, γσᵢ]] of a direction that is left out, with singular value σ.

    With step sizes (ηρx, ηρy) the block of X is multiplied by ρx, that of Y by ρy and the coupling by √(ρxρy).

    - `signal`: the singular triplets of M; those beyond the rank count too.
    - `noise`: the noise law, isotropic and not zero.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.
    - `proportions`: (ρx, ρy); (1, 1) by default.

    Fluctuations grow as η comes near it, so that single paths leave before. Raises `InputError` for noise that is not
    isotropic or is zero on a factor, and unless scale and proportions are finite and greater than 0. Source: derived
    from Liu et al. (2021), Theorem 2.
    """
    check_isotropic(noise, shapes)
    a, b = (float(moment[0, 0]) for moment in second_moments(noise, shapes))
    if min(a, b) <= 0:
        raise InputError("The noise on one factor is zero, so the smoothed minimum is not unique; give both noise.")
    rho = tuple(positive_number("A proportion", proportion) for proportion in proportions)
    level, root = math.sqrt(a * b), math.sqrt(rho[0] * rho[1])
    values = np.asarray(signal.values, float)
    kept = min(shapes[0][1], int(np.count_nonzero(values > level)))
    on_x, on_y = rho[0] * math.sqrt(b / a), rho[1] * math.sqrt(a / b)

    def block(sizes: Sequence[float], coupling: Sequence[Sequence[float]]) -> float:
        joined = root * np.array(coupling)
        return float(
            np.linalg.eigvalsh(np.block([[np.diag(sizes) * on_x, joined], [joined.T, np.diag(sizes) * on_y]]))[-1]
        )

    found = [block([value], [[value - 2 * level]]) for value in values[:kept]]
    if kept > 1:
        both = math.sqrt((values[0] - level) * (values[1] - level))
        # X_ij, X_ji against Y_ij, Y_ji: column j of Y has the size of direction j
        found.append(block([values[1], values[0]], [[-level, both], [both, -level]]))
    if kept < values.size:
        found.append(block([values[0] if kept else level], [[-values[kept]]]))
    return 2 / (2 * positive_number("scale", scale) * max(found)) if found else math.inf


@float64
def largest_stable_step_size_at(
    problem: AbstractProblem, theta: Theta, *, proportions: Sequence[RealNumber] | None = None, products: int = 64
) -> float:
    """The largest η with which gradient descent can stay at the minimum θ of any problem: 2/λmax(D^½ ∇²loss(θ) D^½).

    It is infinite where no eigenvalue is positive. λmax is found by Lanczos.

    - `problem`: the problem.
    - `theta`: the minimum θ, one array per factor.
    - `proportions`: the diagonal of D, the proportions of the step sizes, one number per array of θ; all 1 by default.
    - `products`: the number of Hessian products for Lanczos; 64 by default.

    Raises `InputError` unless there is one proportion per array of θ, each finite and greater than 0.
    """
    wanted = (1.0,) * len(theta) if proportions is None else tuple(proportions)
    if len(wanted) != len(theta):
        raise InputError(f"proportions has {len(wanted)} numbers, but θ has {len(theta)} arrays; give one per array.")
    given = tuple(positive_number("A proportion", proportion) for proportion in wanted)
    roots = tuple(p**0.5 for p in given)
    rescaled = tuple(jnp.asarray(w, problem.dtype) / root for w, root in zip(theta, roots, strict=True))
    largest = float(evaluate(Rescaled(problem, roots), rescaled, [sharpness(products)])["sharpness"])
    return 2 / largest if largest > 0 else math.inf
