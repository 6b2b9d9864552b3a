"""Noise whose balance is exact at a finite step size.

γ-balanced noise ends at balance γ as η → 0. A finite step adds a drift. With G₁, G₂ the gradients at the perturbed
point,

    ‖X‖² − ‖Y‖² changes by 2η (a‖Y‖² − b‖X‖²) + η² (‖G₁‖² − ‖G₂‖²)  on average.

Both terms are of first order in the noise, so annealing does not help: with half the largest stable step size the
balance of a 2 x 1 matrix is off by 6%. The second term follows from the method linearized around the minimum, whose
fluctuations are known mode by mode. The formulas here are for γ = 1; step sizes (γη, η/γ) reduce every γ to this case.
"""

import numpy as np
from jaxtyping import Float

from equipoise.core.types import AnyArray


def noise_ratio(
    values: Float[AnyArray, " k"], residual: float, shape: tuple[int, int], step_size: float, columns: int
) -> float:
    """√(a/b) for which ‖X‖ = ‖Y‖ at step size η, where the noise has a = d1 s1², b = d2 s2² → 0.

    a/b = (2Σσ + ηT₂/d2)/(2Σσ + ηT₁/d1), where T is the sum of squared gradients for noise of unit variance on one
    factor. `values` are the singular values fitted by factors with `columns` columns, and `residual` is ‖XYᵀ − M‖_F.
    The result is exact if the residual is 0; otherwise its singular values are taken to be equal. It is 1 for a square
    matrix and tends to 1 as η → 0.
    """
    d1, d2 = shape
    total = 2 * float(np.sum(values))
    t1, t2 = (_squared_gradients(values, residual, d, min(shape), step_size, columns) for d in shape)
    return float(np.sqrt((total + step_size * t2 / d2) / (total + step_size * t1 / d1)))


def _squared_gradients(
    values: Float[AnyArray, " k"], residual: float, rows: int, least: int, step_size: float, columns: int
) -> float:
    """T for the factor with `rows` rows, which split into the signal's k and the others."""
    shared = least - values.size
    squares = np.minimum(residual**2 / (least - columns) if least > columns else 0.0, values**2)
    beside = shared * _beside(values, squares, step_size) + (rows - least) * _beside(values, 0.0, step_size)
    sums, differences = values[:, None] + values, values[:, None] - values
    return beside + float(np.sum(differences**2 / (2 - step_size * sums)))


def _beside(values: Float[AnyArray, " k"], squares: Float[AnyArray, " k"] | float, step_size: float) -> float:
    """Σᵢ 2σᵢ(σᵢ² − ρ²)/(2σᵢ − η(σᵢ² − ρ²)), for a row outside the signal with residual singular value ρ."""
    lower = values**2 - squares
    return float(np.sum(2 * values * lower / (2 * values - step_size * lower)))
