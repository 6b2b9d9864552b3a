"""The front door for matrices with missing entries."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.estimators.completion.baseline import Means, means_of
from equipoise.estimators.completion.methods import Fit, convex, descent
from equipoise.estimators.completion.parts import Parts, check_parts
from equipoise.estimators.completion.result import Completion, predictor
from equipoise.estimators.completion.rows import MEAN, MEANS, Score, baseline_score, fit_score
from equipoise.estimators.completion.settings import (
    CONVEX,
    METHODS,
    SMALL_START,
    CompletionWishes,
    choose_completion,
    top_singular_value,
)

Offset: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(rows, columns) -> what is subtracted there."""


def complete(
    training: Triplets,
    held_out: Triplets | None = None,
    *,
    test: Triplets | None = None,
    by: str | Sequence[str] = SMALL_START,
    depth: int = 2,
    width: int | None = None,
    centre: bool = False,
    steps: int | None = None,
    step_size: RealNumber | None = None,
    start_norm: RealNumber | None = None,
    gap: RealNumber = 1e-4,
    max_seconds: RealNumber = 60.0,
    seed: int = 0,
    progress: bool | None = None,
) -> Completion:
    """Fill in a matrix from the entries that are known, and say which of the many completions it is.

    `training`, `held_out` and `test` are `equipoise.datasets.Triplets` of one table (`hold_out_fraction` splits one).
    The loss is ½ Σ (W_ij − M_ij)² over the training entries. `by` is one method or several:

    - "small-init": gradient descent on W = XYᵀ, or a product of `depth` factors, from a small start, which tends to
      the least nuclear norm;
    - "noise": Perturbed GD on XYᵀ with balanced noise, on average a nuclear-norm penalty, which fades to 0;
    - "nuclear-norm": the least nuclear norm itself, with an interval that is proven to hold it, to a relative `gap` or
      for `max_seconds`.

    Gradient methods keep their best look, that of the least held-out error, and stop once it is 1% above; that error is
    optimistic, and that on `test` is not. Without held-out entries they go on to the last step, or to a training error
    of 1e-6. The method of least held-out error is kept, or the first. `centre` subtracts row and column means first.
    `width` is min(d1, d2) by default, but at most 200, and less for large matrices. All defaults are relative to the
    largest singular value of the training entries, so that a multiple of M gives the same multiple of W. Ctrl-C gives
    what was reached.

    Raises `InputError` for parts that do not belong together, numbers out of range, and a method that diverges.
    Source: Gunasekar et al. (2017); Liu et al. (2021), Theorem 2; S. Arora et al. (2019).
    """
    methods = _methods(by)
    parts: Parts = (training, held_out, test)
    check_parts(parts)
    wishes = CompletionWishes(depth, width, steps, step_size, start_norm, seed)
    limits = positive_number("gap", gap), positive_number("max_seconds", max_seconds)
    means = means_of(training)
    offset = means.at if centre else _nothing
    values = training.values - offset(training.rows, training.columns)
    top = top_singular_value(training, values)
    chosen = {m: choose_completion(m, training, top, wishes) for m in methods if m != CONVEX}
    seen = _held_out(held_out, offset)

    def fit(method: str) -> Fit:
        if method == CONVEX:
            return convex(method, training, values, *limits)
        named = step_size is not None
        return descent(training, values, seen, chosen[method], chosen=named, progress=progress)

    fits = _until_interrupted(fit, methods)
    scores = _scores(fits, means, centre, parts)
    return Completion(
        training=training,
        held_out=held_out,
        test=test,
        methods=methods,
        fits=tuple(fits),
        scores=tuple(scores),
        means=means,
        centred=centre,
        best=_best(scores[: len(fits)]),
    )


def _methods(by: str | Sequence[str]) -> tuple[str, ...]:
    methods = (by,) if isinstance(by, str) else tuple(by)
    unknown = [method for method in methods if method not in METHODS]
    if unknown or not methods:
        said = f"There is no method {unknown[0]!r}" if unknown else "No method is named"
        raise InputError(f"{said}; choose among {', '.join(METHODS)}.")
    return tuple(dict.fromkeys(methods))


def _nothing(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.zeros(rows.size)


def _held_out(part: Triplets | None, offset: Offset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if part is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return np.asarray(part.rows), np.asarray(part.columns), part.values - offset(part.rows, part.columns)


def _until_interrupted(fit: Callable[[str], Fit], methods: tuple[str, ...]) -> list[Fit]:
    """What each method finds, up to the one that Ctrl-C ends; passed on if nothing is found yet."""
    fits: list[Fit] = []
    for method in methods:
        try:
            fits.append(fit(method))
        except KeyboardInterrupt:
            if not fits:
                raise
            break
        if fits[-1].status == "interrupted":
            break
    return fits


def _scores(fits: list[Fit], means: Means, centre: bool, parts: Parts) -> list[Score]:
    """The methods, then the baselines."""
    rows = [fit_score(fit, predictor(fit, means, centre), parts) for fit in fits]
    rows.append(baseline_score(MEANS, means.at, parts))
    rows.append(baseline_score(MEAN, lambda i, j: np.full(i.size, means.mean), parts))
    return rows


def _best(scores: list[Score]) -> int:
    """The method of least held-out error, or the first where nothing is held out."""
    found = [0.0 if score.held_out_rmse is None else score.held_out_rmse for score in scores]
    return int(np.argmin(found))
