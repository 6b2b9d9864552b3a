"""The public function that completes a matrix."""

from collections.abc import Callable, Sequence

import numpy as np

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.methods import convex, descent
from equipoise.estimators.complete.notes import notes_on
from equipoise.estimators.complete.penalized import choose_penalized, penalized
from equipoise.estimators.complete.prediction import Prediction
from equipoise.estimators.complete.result import Completion
from equipoise.estimators.complete.scores import MEAN, MEANS, CompletionScore, baseline_score, score_of
from equipoise.estimators.complete.settings import (
    CONVEX,
    METHODS,
    PENALIZED,
    SMALL_START,
    CompletionSettings,
    Wishes,
    choose,
)
from equipoise.estimators.complete.target import Target, target_of


def complete(
    training: Triplets,
    held_out: Triplets | None = None,
    *,
    test: Triplets | None = None,
    by: str | Sequence[str] = SMALL_START,
    depth: int = 2,
    width: int | None = None,
    center: bool = False,
    steps: int | None = None,
    step_size: RealNumber | None = None,
    start_norm: RealNumber | None = None,
    gap: RealNumber = 1e-4,
    max_seconds: RealNumber = 60.0,
    seed: int = 0,
    progress: bool | None = None,
) -> Completion:
    """Complete a matrix from its known entries, and tell which of the many completions it is.

    The loss is ½ Σ (W_ij − M_ij)² over the training entries. `by` names one method or several:

    - "small-init": gradient descent on W = XYᵀ, or on a product of `depth` factors, from a small start, which tends to
      the minimum nuclear norm;
    - "noise": Perturbed GD on XYᵀ with balanced noise that fades to 0; on average this is a nuclear-norm penalty;
    - "penalized": gradient descent on the loss plus λ‖W‖_* from a small start, with steps that fit each row's and
      column's number of entries and, if `center`, the means fitted together with W; a few passes over the entries;
    - "nuclear-norm": the minimum nuclear norm itself, with an interval that provably holds it.

    All defaults are relative to the largest singular value of the training entries, so that a multiple of M gives the
    same multiple of W. Arguments:

    - `training`: the known entries, `equipoise.datasets.Triplets`, of a d1 x d2 table.
    - `held_out`: further entries of the same table (`hold_out_fraction` splits one), or None. Each gradient method
      keeps its step of least held-out error, and stops once the error is 1% above that; the method of least held-out
      error is kept. So this error is optimistic. "penalized" then fits training and held-out entries together, in as
      many steps; its errors on both are those before. Without held-out entries a method continues to its last step, or
      until the training error is 1e-6 of that at the start, and the first method is kept.
    - `test`: entries reserved for a final error, or None; they influence no choice.
    - `by`: "small-init" (default), "noise", "penalized", "nuclear-norm", or a sequence of these.
    - `depth`: the number of factors; 2 by default.
    - `width`: the number of columns of the factors; by default min(d1, d2), at most 200, less for large matrices.
    - `center`: whether to subtract row and column means first, and add them back to predictions; False by default.
    - `steps`: the largest number of steps; by default as many as take about a minute.
    - `step_size`: η, in 1/[W^(2 − 2/depth)]; by default half the largest stable one, halved again if it diverges.
    - `start_norm`: the Frobenius norm of each factor at the start, in [W^(1/depth)]; small by default.
    - `gap`: the relative gap at which "nuclear-norm" stops; 1e-4 by default.
    - `max_seconds`: the time after which "nuclear-norm" stops; 60 s by default.
    - `seed`: the seed of the start and the noise; 0 by default.
    - `progress`: whether to show a progress bar on stderr; by default only on a terminal.

    After Ctrl-C the result so far is returned. Raises `InputError` for parts that do not belong together, numbers out
    of range, and a method that diverges. Source: Gunasekar et al. (2017); Liu et al. (2021), Theorem 2; S. Arora et al.
    (2019).
    """
    methods = _methods(by)
    target = target_of((training, held_out, test), center=center)
    wishes = Wishes(depth, width, steps, step_size, start_norm, seed)
    limits = positive_number("gap", gap), positive_number("max_seconds", max_seconds)
    chosen = {method: _settings(method, target, wishes) for method in methods if method != CONVEX}

    def fit(method: str) -> Fit:
        if method == CONVEX:
            return convex(method, target, *limits)
        if method == PENALIZED:
            return penalized(target, chosen[method], chosen=step_size is not None, progress=progress)
        return descent(target, chosen[method], chosen=step_size is not None, progress=progress)

    fits = _until_interrupted(fit, methods)
    predictions = [_prediction(fit, target) for fit in fits]
    judged = [_prediction(fit.judged or fit, target) for fit in fits]
    scores = [score_of(*of, target.parts) for of in zip(fits, predictions, judged, strict=True)]
    best = _best(scores)
    return Completion(
        parts=target.parts,
        methods=methods,
        fits=tuple(fits),
        best=best,
        prediction=predictions[best],
        judged=judged[best],
        scores=(*scores, *_baselines(target)),
        notes=notes_on(target, methods, fits, scores),
    )


def _settings(method: str, target: Target, wishes: Wishes) -> CompletionSettings:
    return choose_penalized(target, wishes) if method == PENALIZED else choose(method, target, wishes)


def _prediction(fit: Fit, target: Target) -> Prediction:
    """The prediction of a fit, with the means that belong to it."""
    return Prediction(fit.left, fit.right, fit.means or target.means, target.centered)


def _methods(by: str | Sequence[str]) -> tuple[str, ...]:
    methods = (by,) if isinstance(by, str) else tuple(by)
    unknown = [method for method in methods if method not in METHODS]
    if unknown or not methods:
        said = f"There is no method {unknown[0]!r}" if unknown else "No method is named"
        raise InputError(f"{said}; choose among {', '.join(METHODS)}.")
    return tuple(dict.fromkeys(methods))


def _until_interrupted(fit: Callable[[str], Fit], methods: tuple[str, ...]) -> list[Fit]:
    """The fits of the methods, up to the one that Ctrl-C ends; without any fit, the interrupt is passed on."""
    fits: list[Fit] = []
    for method in methods:
        try:
            fits.append(fit(method))
        except KeyboardInterrupt:
            if not fits:
                raise
            break
        if fits[-1].interrupted:
            break
    return fits


def _best(scores: list[CompletionScore]) -> int:
    """The number of the method with the least held-out error, or of the first if nothing is held out."""
    found = [0.0 if score.held_out_rmse is None else score.held_out_rmse for score in scores]
    return int(np.argmin(found))


def _baselines(target: Target) -> tuple[CompletionScore, CompletionScore]:
    means = target.means
    return (
        baseline_score(MEANS, means.at, target.parts),
        baseline_score(MEAN, lambda rows, columns: np.full(rows.size, means.mean), target.parts),
    )
