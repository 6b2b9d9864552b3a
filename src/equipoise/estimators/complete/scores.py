"""The comparison of the methods: errors on every part, and which solution each found."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from equipoise.datasets import Triplets
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.parts import Parts
from equipoise.estimators.complete.prediction import Prediction

MEAN, MEANS = "global mean", "row and column means"
"""The baselines."""


class CompletionScore(NamedTuple):
    """The measured properties of one method's result; None where there is nothing to measure.

    Errors are root mean squares in the unit of the entries; if rows or columns are scaled, each entry's error is
    divided by its scale. `nuclear_norm` and `effective_rank` are those of the factorized part, without means and scales
    if there are any.

    - `method`: its name.
    - `training_rmse`, `held_out_rmse`, `test_rmse`: the errors on the three parts.
    - `nuclear_norm`: Σσ.
    - `effective_rank`: exp(−Σ p log p) with p = σ/Σσ.
    - `steps`, `best_step`: the number of steps taken, and the step that is kept.
    - `seconds`: the time, including compilation.
    - `status`: the name of the ending.
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


def errors(prediction: Prediction, parts: Parts) -> tuple[float, float | None, float | None]:
    """The root mean square error on each part; None for a missing part."""
    training, held_out, test = (None if part is None else held_out_error(prediction, part) for part in parts)
    assert training is not None
    return training, held_out, test


def residuals(prediction: Prediction, part: Triplets) -> Float64[np.ndarray, " entries"]:
    """Prediction minus entry, divided by the scale of its row and column if there are scales.

    `part` is without units if there are any.
    """
    return prediction.bare(part.rows, part.columns) - part.values


def held_out_error(prediction: Prediction, part: Triplets) -> float:
    """The root mean square error on a part."""
    return root_mean_square(residuals(prediction, part))


def root_mean_square(differences: Float64[np.ndarray, " entries"]) -> float:
    """√(mean of squares), without overflow."""
    largest = float(np.abs(differences).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((differences / largest) ** 2)))


def baseline_score(method: str, prediction: Prediction, parts: Parts) -> CompletionScore:
    """The score of a baseline."""
    return CompletionScore(method, *errors(prediction, parts), None, None, None, None, None, "completed")


def score_of(fit: Fit, prediction: Prediction, judged: Prediction, parts: Parts) -> CompletionScore:
    """The score of a method; `judged` is what was predicted from the training entries alone."""
    singular = singular_values(fit)
    total = float(singular.sum())
    share = singular[singular > 0] / (total or 1.0)
    rank = float(np.exp(-np.sum(share * np.log(share)))) if total > 0 else 0.0
    found = (*errors(judged, parts)[:2], errors(prediction, parts)[2])
    return CompletionScore(fit.method, *found, total, rank, fit.steps, fit.best_step, fit.seconds, fit.status)


def singular_values(fit: Fit) -> Float64[np.ndarray, " k"]:
    """The singular values of `left` `right`ᵀ, by QR of each."""
    left, right = (np.asarray(np.linalg.qr(factor, mode="r")) for factor in (fit.left, fit.right))
    return np.linalg.svd(left @ right.T, compute_uv=False)
