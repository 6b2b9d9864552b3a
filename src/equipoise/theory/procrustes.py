"""From a point to the nearest balanced optimum."""

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.procrustes import nearest_rotation
from equipoise.core.types import Theta


def from_nearest_optimum(signal: Signal, theta: Theta) -> tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, "d2 k"]]:
    """Δ = (U, V) − (U*, V*)R with the orthogonal R that makes it least, U* = AΣ^½, V* = BΣ^½; in the unit √[M].

    Along it the Hessian of ½‖UVᵀ − M‖² at a stationary point is at most −‖UVᵀ − M‖²_F + ½‖UᵀU − VᵀV‖²_F, which makes
    an unfitted point that is nearly balanced a strict saddle. Raises `InputError` for factors of another number of
    columns than the signal has. Source: Du et al. (2018), Appendix B.3.
    """
    u, v = (np.asarray(w) for w in theta)
    best_u, best_v = (np.asarray(w) for w in signal.factors())
    if u.shape != best_u.shape or v.shape != best_v.shape:
        raise InputError(
            f"The factors have shapes {u.shape} and {v.shape}, but the signal's {best_u.shape} and {best_v.shape}."
        )
    rotation = nearest_rotation((best_u, best_v), (u, v))
    return u - best_u @ rotation, v - best_v @ rotation
