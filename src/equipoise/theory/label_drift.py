"""How noise on the labels moves the balance, and where it leaves it."""

import jax.numpy as jnp

from equipoise.core.checks import non_negative_number, positive_number, whole_number
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization
from equipoise.core.types import RealNumber, Theta


@float64
def label_noise_drift(
    problem: AbstractFactorization,
    theta: Theta,
    std: RealNumber,
    *,
    step_size: RealNumber,
    scale: RealNumber = 0.5,
) -> float:
    """The mean change of D = ‖X‖² − ‖Y‖² by one step of gradient descent on labels with N(0, s²) noise; in [M].

    On scale ‖XYᵀ − M − N‖², every entry with noise of its own,

        E ΔD = η²(‖∇_X‖² − ‖∇_Y‖²) + (2 scale η s)²(d₁‖Y‖² − d₂‖X‖²),

    where the terms of order η cancel. The gradients are those without noise, which vanish at a minimum. This is exact
    for one step.

    - `problem`: a factorization XYᵀ with all entries observed.
    - `theta`: (X, Y), d1 x r and d2 x r.
    - `std`: s, in the unit [M].
    - `step_size`: η, in the unit 1/[M].
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Raises `InputError` for numbers out of range. Source: derived; compare A. Damian, T. Ma and J. D. Lee (2021).
    """
    eta, noise = positive_number("step_size", step_size), non_negative_number("std", std)
    factor = 2 * positive_number("scale", scale) * eta * noise
    x, y = (jnp.asarray(w, problem.dtype) for w in theta)
    on_x, on_y = (float(jnp.sum(g**2)) for g in problem.gradient((x, y)))
    by_noise = x.shape[0] * float(jnp.sum(y**2)) - y.shape[0] * float(jnp.sum(x**2))
    return eta**2 * (on_x - on_y) + factor**2 * by_noise


def label_noise_balance(rows: int, columns: int) -> float:
    """√(d₁/d₂), the balance ‖X‖/‖Y‖ at which noise on all labels leaves a factorization of a d1 x d2 matrix.

    There d₁‖Y‖² = d₂‖X‖², and the drift vanishes. So it is 1 for square matrices alone, unlike the balance of noise on
    the factors, which is that of its choice. It holds to first order in η.

    - `rows`, `columns`: d1 and d2.

    Raises `InputError` for sizes below 1. Source: `label_noise_drift`.
    """
    return float((whole_number("rows", rows, 1) / whole_number("columns", columns, 1)) ** 0.5)
