"""The comparison of the methods: a score for each."""

from typing import NamedTuple

import numpy as np
import scipy.sparse.linalg
from jaxtyping import Float

from equipoise.core.status import Status
from equipoise.estimators.factor.core import Pair
from equipoise.estimators.factor.target import Target

PERTURBED, POLISHED, DESCENT, SVD = "Perturbed GD", "Perturbed GD, polished", "GD", "truncated SVD"
PREDICTED = "predicted"
"""The methods compared."""

_NAMES = ("relative_error", "balance", "nuclear_norm", "sharpness", "condition_number")
_ABSENT = 1e-14


class FactorizationScore(NamedTuple):
    """The measured properties of one method's factors.

    Norms and sharpness are in the unit of the matrix.

    - `method`: its name.
    - `relative_error`: ‖XYᵀ − M‖_F/‖M‖_F.
    - `balance`: ‖X‖_F/‖Y‖_F.
    - `nuclear_norm`: ‖XYᵀ‖_*.
    - `sharpness`: λmax of the Hessian.
    - `condition_number`: that of the Gauss-Newton part of the Hessian, over the columns that are not 0.
    - `steps`: the number of steps; None for a method without steps.
    - `seconds`: the time, including compilation.
    - `status`: the name of the ending.
    """

    method: str
    relative_error: float
    balance: float
    nuclear_norm: float
    sharpness: float
    condition_number: float
    steps: int | None
    seconds: float
    status: str


def score_of(
    method: str, target: Target, whole: Target, theta: Pair, *, steps: int | None, seconds: float, status: str
) -> FactorizationScore:
    """The score of a method that ended at θ; if it diverged, the measured values are NaN.

    - `target`: where the method ran, which is the span of the leading singular vectors for a large matrix.
    - `whole`: the matrix itself, whose sides the condition number depends on.
    """
    if status == Status.diverged.name:
        measured = dict.fromkeys(_NAMES, float("nan"))
    else:
        measured = _measured(target, whole, (np.asarray(theta[0]), np.asarray(theta[1])))
    return FactorizationScore(method, **measured, steps=steps, seconds=seconds, status=status)


def svd_score(target: Target, whole: Target) -> FactorizationScore:
    """The truncated SVD, split evenly: X = A√Σ, Y = B√Σ, of balance 1."""
    x, y = (np.asarray(factor) for factor in target.signal.factors())
    return score_of(SVD, target, whole, (x, y), steps=None, seconds=whole.seconds, status="completed")


def predicted_score(target: Target, whole: Target, gamma: float) -> FactorizationScore:
    """Where theory says that Perturbed GD with fading noise ends: the γ-balanced pair of the truncated SVD."""
    x, y = (np.asarray(factor) for factor in target.signal.factors(gamma))
    return score_of(PREDICTED, target, whole, (x, y), steps=None, seconds=0.0, status="completed")


def _measured(target: Target, whole: Target, theta: Pair) -> dict[str, float]:
    x, y = theta
    residual = x @ y.T - target.entries
    unseen = np.sqrt(target.rest) if target.is_large else 0.0
    of_x, of_y = (np.asarray(np.linalg.qr(w, mode="r")) for w in (x, y))
    values = np.linalg.svd(of_x @ of_y.T, compute_uv=False)
    return {
        "relative_error": float(np.hypot(np.linalg.norm(residual), unseen) / target.norm),
        "balance": float(np.linalg.norm(x) / np.linalg.norm(y)),
        "nuclear_norm": float(np.sum(values)),
        "sharpness": _sharpness(residual, theta),
        "condition_number": _condition_number(theta, whole.shape),
    }


def _sharpness(residual: Float[np.ndarray, "d1 d2"], theta: Pair) -> float:
    """λmax of (dX, dY) -> (E dY + dX YᵀY + X dYᵀY, Eᵀ dX + dY XᵀX + Y dXᵀX), with E = XYᵀ − M, by ARPACK."""
    x, y = theta
    of_x, of_y = x.T @ x, y.T @ y

    def product(flat: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        dx, dy = flat[: x.size].reshape(x.shape), flat[x.size :].reshape(y.shape)
        forward = residual @ dy + dx @ of_y + x @ (dy.T @ y)
        backward = residual.T @ dx + dy @ of_x + y @ (dx.T @ x)
        return np.concatenate([forward.ravel(), backward.ravel()])

    size = x.size + y.size
    if size <= 2:
        return float(np.linalg.eigvalsh(np.stack([product(e) for e in np.eye(size)]))[-1])
    scale = float(np.trace(of_x) + np.trace(of_y))  # ARPACK's numbers must neither overflow nor underflow
    operator = scipy.sparse.linalg.LinearOperator((size, size), lambda v: product(v) / scale, dtype=float)
    start = np.concatenate([_leading_direction(x, y, of_y), _leading_direction(y, x, of_x)])
    found = scipy.sparse.linalg.eigsh(operator, 1, which="LA", v0=start, tol=1e-9, return_eigenvectors=False)
    return float(found[0]) * scale


def _leading_direction(x: np.ndarray, y: np.ndarray, of_y: np.ndarray) -> np.ndarray:
    """Near the largest curvature: the direction of the largest singular triplet, with a little of every other."""
    return (x @ of_y / np.linalg.norm(of_y)).ravel() + 1e-3 * np.linalg.norm(x) * np.cos(np.arange(x.size))


def _condition_number(theta: Pair, shape: tuple[int, int]) -> float:
    """The ratio of the extreme non-zero sums of an eigenvalue of XXᵀ and one of YYᵀ; see `Asymmetric.curvature`.

    A column that is 0 up to rounding, in a suitable basis, does not count.
    """
    of_x, of_y = (np.linalg.svd(factor, compute_uv=False)[: min(shape)] ** 2 for factor in theta)
    of_x, of_y = (squares[squares > _ABSENT * squares[0]] for squares in (of_x, of_y))
    alone = [of_y[-1]] * (shape[0] > of_x.size) + [of_x[-1]] * (shape[1] > of_y.size)
    return float((of_x[0] + of_y[0]) / min([*alone, of_x[-1] + of_y[-1]]))
