"""The difference between a point and the nearest balanced optimum."""

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.procrustes import nearest_rotation
from equipoise.core.types import Theta


def from_nearest_optimum(signal: Signal, theta: Theta) -> tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, "d2 k"]]:
    """The smallest Δ = (U, V) − (U*, V*)R over orthogonal R, with U* = AΣ^½, V* = BΣ^½; in the unit √[M].

    Along Δ the Hessian of ½‖UVᵀ − M‖² at a stationary point is at most −‖UVᵀ − M‖²_F + ½‖UᵀU − VᵀV‖²_F. So a stationary
    point that does not fit and is nearly balanced is a strict saddle.

    - `signal`: the singular triplets (A, Σ, B) of M.
    - `theta`: (U, V), of shapes d1 x k and d2 x k, where k is the rank of the signal.

    Raises `InputError` for factors of any other shape. Source: Du et al. (2018), Appendix B.3.
    """
    u, v = (np.asarray(w) for w in theta)
    best_u, best_v = (np.asarray(w) for w in signal.factors())
    if u.shape != best_u.shape or v.shape != best_v.shape:
        raise InputError(
            f"The factors have shapes {u.shape} and {v.shape}; the signal needs {best_u.shape} and {best_v.shape}."
        )
    rotation = nearest_rotation((best_u, best_v), (u, v))
    return u - best_u @ rotation, v - best_v @ rotation
