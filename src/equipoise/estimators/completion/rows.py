"""The choices side by side: errors on every part, and which solution it is."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from equipoise.estimators.completion.methods import Fit
from equipoise.estimators.completion.parts import Parts

Predictor = Callable[[np.ndarray, np.ndarray], np.ndarray]
MEAN, MEANS = "global mean", "row and column means"


class Score(NamedTuple):
    """One choice, measured; None where there is nothing to measure, and `seconds` include compilation.

    Errors are root mean squares in the unit of the entries. `nuclear_norm` and `effective_rank`, exp(−Σ p log p) with
    p = σ/Σσ, are those of the factorized part, less the means where these are subtracted.
    """

    method: str
    training_rmse: float
    held_out_rmse: float | None
    test_rmse: float | None
    nuclear_norm: float | None
    effective_rank: float | None
    steps: int | None
    best_step: int | None
    seconds: float | None
    status: str


def errors(predict: Predictor, parts: Parts) -> list[float | None]:
    """The root mean square error on each part; None for one that there is not."""
    return [
        None if part is None else root_mean_square(predict(part.rows, part.columns) - part.values) for part in parts
    ]


def root_mean_square(differences: Float64[np.ndarray, " entries"]) -> float:
    """√(mean of squares), without overflow."""
    largest = float(np.abs(differences).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((differences / largest) ** 2)))


def baseline_score(method: str, predict: Predictor, parts: Parts) -> Score:
    """The row of a baseline."""
    training, held_out, test = errors(predict, parts)
    assert training is not None
    return Score(method, training, held_out, test, None, None, None, None, None, "completed")


def fit_score(fit: Fit, predict: Predictor, parts: Parts) -> Score:
    """The row of a method."""
    training, held_out, test = errors(predict, parts)
    assert training is not None
    singular = singular_values(fit)
    total = float(singular.sum())
    share = singular[singular > 0] / (total or 1.0)
    rank = float(np.exp(-np.sum(share * np.log(share)))) if total > 0 else 0.0
    return Score(fit.method, training, held_out, test, total, rank, fit.steps, fit.best_step, fit.seconds, fit.status)


def singular_values(fit: Fit) -> Float64[np.ndarray, " k"]:
    """The singular values of `left` `right`ᵀ, by QR of each."""
    left, right = (np.asarray(np.linalg.qr(factor, mode="r")) for factor in (fit.left, fit.right))
    return np.linalg.svd(left @ right.T, compute_uv=False)
