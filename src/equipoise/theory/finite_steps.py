"""What finite steps of gradient descent take off the imbalance that gradient flow keeps."""

import numpy as np
from scipy.integrate import solve_ivp

from equipoise.core.checks import positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


def difference_after_descent(
    difference: RealNumber,
    product: RealNumber,
    *,
    step_size: RealNumber,
    value: RealNumber = 1.0,
    scale: RealNumber = 0.5,
) -> float:
    """The D = ‖x‖² − ‖y‖² at which gradient descent with a small constant step ends, for a pair along a signal.

    A step multiplies D by 1 − (2 scale η r)² exactly, where r = xy − σ. The modified equation of gradient descent
    therefore reads dD/dt = −2 scale η' r² D with the time of the flow, dr/dt = −2 scale r (‖x‖² + ‖y‖²) and η' = 2
    scale η, so that

        dD/dr = η' r D/√(D² + 4(σ + r)²),

    to be solved from the first r to r = 0. For small η it is D exp(−η' ∫₀^r₀ r dr/√(D² + 4(σ + r)²)).

    - `difference`: D at the start, in the unit [M].
    - `product`: xy at the start, the first coordinate of X times that of Y along the signal; greater than 0.
    - `step_size`: η, in the unit 1/[M].
    - `value`: σ, the singular value; 1 by default.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    The relative error of what is lost is of order η; the formula is for η well below the stability bound. X and Y must
    lie along the singular vectors. Raises `InputError` for numbers out of range, and where the step is not stable at
    the start or at the end, η'(‖x‖² + ‖y‖²) ≥ 2. Source: derived by backward error analysis, as in D. Barrett and B.
    Dherin, Implicit gradient regularization (2021); the exact factor is that of Du et al. (2018), Eq. (13), at rank 1.
    """
    first, start = real_number("difference", difference), positive_number("product", product)
    sigma = positive_number("value", value)
    eta = 2 * positive_number("scale", scale) * positive_number("step_size", step_size)
    steepest = eta * np.hypot(first, 2 * max(start, sigma))
    if steepest >= 2:
        raise InputError(
            f"The step size is {steepest / 2:.3g} times the largest stable one on the way; give a smaller one."
        )

    def slope(residual: float, at: np.ndarray) -> np.ndarray:
        return eta * residual * at / np.sqrt(at**2 + 4 * (sigma + residual) ** 2)

    if start == sigma:
        return first
    found = solve_ivp(slope, (start - sigma, 0.0), [first], rtol=1e-10, atol=1e-14 * abs(first) + 1e-300)
    return float(found.y[0, -1])
