"""The second moments of a noise law, their ratio and their product, as the smoothed objective needs them."""

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import float64
from equipoise.core.types import Shapes

SquareMatrix = Float[np.ndarray, "rank rank"]


@float64
def second_moments(noise: AbstractNoise, shapes: Shapes, step: int = 0) -> tuple[SquareMatrix, SquareMatrix]:
    """(E[ξ₁ᵀξ₁], E[ξ₂ᵀξ₂]) at `step`, each r x r, in the unit [M].

    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` for any other shapes, and for a law with infinite second moments (Student t with ν ≤ 2).
    """
    if len(shapes) != 2 or any(len(shape) != 2 for shape in shapes) or shapes[0][1] != shapes[1][1]:
        raise InputError(f"The factors have shapes {shapes}; give ((d1, r), (d2, r)), the shapes of X and Y in XYᵀ.")
    first, second = (np.asarray(moment) for moment in noise.second_moments(step, shapes, np.float64))
    if not (np.all(np.isfinite(first)) and np.all(np.isfinite(second))):
        raise InputError(
            f"{type(noise).__name__} has infinite second moments, so the smoothed objective is infinite; "
            "take a law of finite variance (for StudentT, degrees_of_freedom greater than 2)."
        )
    return first, second


def noise_balance(noise: AbstractNoise, shapes: Shapes, step: int = 0) -> float:
    """γ = √(E‖ξ₁‖²/E‖ξ₂‖²), the balance of the noise; with isotropic noise, Perturbed GD ends at ‖X‖ = γ‖Y‖.

    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` if ξ₂ is zero, and for infinite second moments. Source: Liu et al. (2021), Lemma 3.
    """
    first, second = second_moments(noise, shapes, step)
    if np.trace(second) == 0:
        raise InputError("The noise on Y is zero, so it has no balance; give Y noise greater than 0.")
    return float(np.sqrt(np.trace(first) / np.trace(second)))


def thresholds(noise: AbstractNoise, shapes: Shapes, step: int = 0) -> Float[np.ndarray, " rank"]:
    """The amount tᵢ by which noise lowers each singular value, ascending; in the unit [M].

    They are the singular values of A^½ B^½, with A = E[ξ₁ᵀξ₁] and B = E[ξ₂ᵀξ₂]. The smoothed minimum has the singular
    values (σᵢ(M) − tᵢ)₊, σᵢ descending. For isotropic noise all tᵢ are √(ab) = √(d1 d2) s1 s2.

    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` for infinite second moments.
    """
    return paired_directions(noise, shapes, step)[1]


def threshold(noise: AbstractNoise, shapes: Shapes, step: int = 0) -> float:
    """The amount by which noise lowers each singular value, if it is the same for all; in the unit [M].

    For isotropic noise it is √(ab), with a = E‖ξ₁‖²/r and b = E‖ξ₂‖²/r. This is γσ² in the notation of Theorem 2, and
    σ²/γ in that of Lemma 3.

    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` if the amounts differ (see `thresholds`), and for infinite second moments. Source: Liu et al.
    (2021), Theorem 2.
    """
    each = thresholds(noise, shapes, step)
    if not np.allclose(each, each[-1], rtol=1e-10, atol=0):
        raise InputError(
            f"The noise lowers the singular values by different amounts, {each[0]:g} to {each[-1]:g}; use thresholds."
        )
    return float(each[-1])


def check_isotropic(noise: AbstractNoise, shapes: Shapes, step: int = 0) -> None:
    """Raise `InputError` unless E[ξ₁ᵀξ₁] = a I and E[ξ₂ᵀξ₂] = b I."""
    for number, moment in enumerate(second_moments(noise, shapes, step), start=1):
        if not np.allclose(moment, moment[0, 0] * np.eye(moment.shape[0]), rtol=1e-10, atol=1e-12 * moment[0, 0]):
            raise InputError(
                f"The noise on factor {number} has different second moments in different directions; this closed form "
                "needs isotropic noise."
            )


def paired_directions(
    noise: AbstractNoise, shapes: Shapes, step: int = 0
) -> tuple[SquareMatrix, Float[np.ndarray, " rank"], SquareMatrix]:
    """(A^½ Q, t, B^½ P) with A^½ B^½ = Q diag(t) Pᵀ and t ascending, A = E[ξ₁ᵀξ₁] and B = E[ξ₂ᵀξ₂]."""
    first, second = (_square_root(moment) for moment in second_moments(noise, shapes, step))
    q, t, p_transposed = np.linalg.svd(first @ second)
    return first @ q[:, ::-1], t[::-1], second @ p_transposed.T[:, ::-1]


def _square_root(matrix: SquareMatrix) -> SquareMatrix:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
