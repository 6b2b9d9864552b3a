"""The hyperbolic entropy that gradient flow on a diagonal network minimizes, and the KKT conditions of its minimum."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense
from equipoise.theory.diagonal.orbits import Orbits, orbits_of


class DiagonalOptimality(NamedTuple):
    """How well a matrix W meets the KKT conditions of: minimize the hyperbolic entropy φ(W) subject to A(W) = y.

    - `misfit`: ‖A(W) − y‖ / ‖y‖, the first condition.
    - `off_range`: ‖∇φ(W) − A*(ν)‖ / ‖∇φ(W)‖ with the best ν, the second condition.
    - `multipliers`: ν, one for each measurement.
    - `entropy`: φ(W).
    - `bound`: ⟨ν, y⟩ − φ*(A*(ν)), which no W with A(W) = y falls below (weak duality); −∞ where it says nothing.
    """

    misfit: float
    off_range: float
    multipliers: Float[np.ndarray, " m"]
    entropy: float
    bound: float

    def holds(self, tolerance: float = 1e-6) -> bool:
        """Whether both conditions hold to within `tolerance`, so that W is the minimizer up to that."""
        return self.misfit <= tolerance and self.off_range <= tolerance


def hyperbolic_entropy(problem: AbstractProblem, start: Theta, matrix: Float[AnyArray, "d1 d2"]) -> float:
    """φ(W), the convex function whose minimum over all W that fit is where gradient flow from `start` ends.

    Its gradient ξ = ∇φ(W) is the mirror image of W: gradient flow is dξ/dt = −∇loss(W), and ξ = 0, φ = 0 at the start.

    - `problem`: a problem in `Hadamard` or `PowerDifference`, of any measurement.
    - `start`: θ₀.
    - `matrix`: W.

    W = U² − V² from U = V = α: φ(W) = ¼ Σ α² q(W/α²), q(z) = z arcsinh(z/2) − √(4 + z²) + 2, which tends to a multiple
    of ‖W‖₁ for α → 0 and to a multiple of ‖W‖²₂ for α → ∞. At any depth φ = ⟨ξ, W⟩ − c (‖θ‖² − ‖θ₀‖²), with c = ¼ at
    L = 2 and 1/(2L) beyond. For U ∘ V it is the same function of (U + V)/2 and (U − V)/2, and from U = V the entropy
    Σ ½ (W log(W/W₀) − W + W₀) of W of fixed signs.

    Raises `InputError` for other problems, for a product of three or more arrays that starts unbalanced, for parameters
    of an entry that all start at 0, and for an entry whose sign the flow cannot reach.
    Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Sections 4 and 5.
    """
    return entropy_of(orbits_of(problem, start), np.asarray(matrix, float))


def entropy_of(orbits: Orbits, matrix: Float[np.ndarray, "d1 d2"]) -> float:
    """φ(W) = ⟨ξ, W⟩ − φ*(ξ) on given curves."""
    dual = orbits.dual(matrix)
    return float(np.sum(dual * matrix)) - orbits.conjugate(dual)


def diagonal_optimality(problem: AbstractProblem, start: Theta, theta: Theta) -> DiagonalOptimality:
    """The KKT conditions at θ: A(W) = y, and ∇φ(W) = A*(ν) for some ν, with φ the hyperbolic entropy from `start`.

    Both together prove that W(θ) is the one minimizer of φ among all matrices that fit, since φ is strictly convex.
    Gradient flow meets the second at all times and the first in the end; finite steps miss the second by O(η).

    - `problem`: a problem in `Hadamard` or `PowerDifference` whose residual is affine in W; A is formed.
    - `start`: θ₀.
    - `theta`: θ, such as an end point of a run.

    Raises `InputError` as `hyperbolic_entropy` does. Source: Woodworth et al. (2020), Section 4 and its proofs.
    """
    orbits = orbits_of(problem, start)
    assert isinstance(problem, Factored)
    measured, data = linear_system(problem)
    with numerics():
        matrix = np.asarray(problem.product(tuple(jnp.asarray(w) for w in theta)).dense())
    dual = orbits.dual(matrix)
    multipliers = np.linalg.lstsq(measured.T, dual.ravel(), rcond=None)[0]
    in_range = measured.T @ multipliers
    misfit = np.linalg.norm(measured @ matrix.ravel() - data) / (np.linalg.norm(data) or 1.0)
    off_range = np.linalg.norm(dual.ravel() - in_range) / (np.linalg.norm(dual) or 1.0)
    bound = float(multipliers @ data) - orbits.conjugate(in_range.reshape(matrix.shape))
    entropy = float(np.sum(dual * matrix)) - orbits.conjugate(dual)
    return DiagonalOptimality(
        float(misfit), float(off_range), multipliers, entropy, bound if np.isfinite(bound) else -np.inf
    )


def linear_system(problem: Factored) -> tuple[Float[np.ndarray, "m n"], Float[np.ndarray, " m"]]:
    """(A, y) with loss = ‖A w − y‖², w the entries of W row by row; `InputError` if the loss is no such square."""
    measurement = problem.measurement
    with numerics():
        zero = jnp.zeros(measurement.shape, problem.dtype)
        constant = measurement.residual(Dense(zero))
        if constant is None:
            raise InputError("The loss is not the square of a residual that is affine in the matrix; use one that is.")
        slope = jax.jacfwd(lambda entries: measurement.residual(Dense(entries)))(zero)
    return np.asarray(slope, float).reshape(constant.size, -1), -np.asarray(constant, float)
