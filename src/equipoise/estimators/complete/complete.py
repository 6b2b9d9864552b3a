"""The public function that completes a matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import with_weights
from equipoise.estimators.complete.baselines import baselines_of
from equipoise.estimators.complete.choices import Choice, choose_all, choose_center
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.limits import limits_of
from equipoise.estimators.complete.notes import notes_on
from equipoise.estimators.complete.parts import Parts, check_parts
from equipoise.estimators.complete.result import Completion
from equipoise.estimators.complete.running import Wanted, fit_by, prediction_of, refitted
from equipoise.estimators.complete.scaling import bare_target
from equipoise.estimators.complete.scores import CompletionScore, baseline_score, score_of
from equipoise.estimators.complete.settings import AUTO, METHODS, SMALL_START, Wishes, check_wishes
from equipoise.estimators.complete.target import Target

_ROUNDING = 1e-9


def complete(
    training: Triplets,
    held_out: Triplets | None = None,
    *,
    test: Triplets | None = None,
    weights: Any = None,
    by: str | Sequence[str] = SMALL_START,
    depth: int = 2,
    width: int | None = None,
    center: bool | None = None,
    scale: bool | str | None = None,
    clip: tuple[RealNumber, RealNumber] | bool | None = None,
    refit: bool = False,
    steps: int | None = None,
    step_size: RealNumber | None = None,
    start_norm: RealNumber | None = None,
    gap: RealNumber = 1e-4,
    max_seconds: RealNumber = 60.0,
    seed: int = 0,
    progress: bool | None = None,
) -> Completion:
    """Complete a matrix from its known entries, and tell which of the many completions it is.

    The loss is ½ Σ w_ij (W_ij − M_ij)² over the training entries, with weights w of mean 1. `by` names one method or
    several:

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
      keeps its step of least held-out error, and stops once the error is 1% above that and falls no more; the method of
      least held-out error is kept, or the global mean or the row and column means if none is better. So this error is
      optimistic. "penalized" then fits training and held-out entries together, in as many steps; its errors on both are
      those before. Without held-out entries a method continues to its last step, or until the training error is 1e-6 of
      that at the start, and the first method is kept.
    - `test`: entries reserved for a final error, or None; they influence no choice.
    - `weights`: a positive number for each training entry, or None for those that `training` has, if any. They are in
      the loss and the means, but in none of the errors of the table of scores; "nuclear-norm" has no use for them.
    - `by`: "small-init" (default), "noise", "penalized", "nuclear-norm", or a sequence of these; or "auto", which lets
      the held-out entries choose among small-init and penalized fits of several widths, and fits the best again to
      training and held-out entries. Without held-out entries it holds out a tenth of the training entries itself.
    - `depth`: the number of factors; 2 by default.
    - `width`: the number of columns of the factors; by default min(d1, d2), at most 200, less for large matrices.
    - `center`: whether to subtract row and column means first, and add them back to predictions; by default as the
      held-out error of the first gradient method says, or of "penalized" if there is none.
    - `scale`: whether to subtract a location from rows and columns and divide by a scale, or "rows" or "columns" for
      one side; errors are then in units of these scales. By default on the side whose units differ: the medians of
      |entries| and the standard deviations of its rows (columns) both differ fivefold from the 10th to the 90th
      percentile, and scaling halves the held-out error of "penalized" in these units.
    - `clip`: (least, greatest) prediction; True for the range seen, False for none. By default the range seen if the
      entries are ratings: whole numbers or halves of them, in a range of at most 10, each about ten times.
    - `refit`: whether small-init, after the held-out entries have chosen its step, is fitted again to training and
      held-out entries, in as many steps. "penalized" and "auto" always do so.
    - `steps`: the largest number of steps; by default as many as take about a minute.
    - `step_size`: η, in 1/[W^(2 − 2/depth)]; by default half the largest stable one of an evenly known matrix,
      halved again where the training error rises.
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
    check_parts((training, held_out, test))
    if weights is not None:
        training = with_weights(training, weights)
    parts: Parts = training, held_out, test
    wishes = Wishes(depth, width, steps, step_size, start_norm, seed)
    check_wishes(wishes, methods)
    limits = limits_of(training, clip)
    wanted = Wanted(wishes, positive_number("gap", gap), positive_number("max_seconds", max_seconds), progress, refit)
    plain = bare_target(parts, scale, limits, wanted)
    automatic = methods == (AUTO,)
    choice = choose_all(plain, center, wanted) if automatic else choose_center(plain, center, methods, wanted)
    return _compared(parts, choice, wanted)


def _compared(parts: Parts, choice: Choice, wanted: Wanted) -> Completion:
    """The fits of all methods, beside the baselines; what has the least held-out error is kept."""
    target, methods = choice.target, choice.methods
    fits = _until_interrupted(choice, wanted)
    predictions = [prediction_of(fit, target) for fit in fits]
    judged = [prediction_of(fit.judged or fit, target) for fit in fits]
    scores = [score_of(*of, target.parts) for of in zip(fits, predictions, judged, strict=True)]
    baselines = baselines_of(target)
    of_baselines = [baseline_score(name, prediction, target.parts) for name, prediction in baselines.items()]
    best = _best(scores)
    kept = _kept(best, [*scores, *of_baselines])
    final, seen = [*predictions, *baselines.values()], [*judged, *baselines.values()]
    return Completion(
        parts=_given(parts, target),
        methods=methods,
        fits=tuple(fits),
        best=best,
        prediction=final[kept].canonical,
        judged=seen[kept],
        scores=(*scores, *of_baselines),
        notes=notes_on(choice, fits, scores, of_baselines, kept),
        kept=kept,
    )


def _given(parts: Parts, target: Target) -> Parts:
    """The parts as they were given; with those entries held out that "auto" chose by, if none were given."""
    training, held_out, test = parts
    if held_out is not None or target.parts[1] is None:
        return parts
    held = np.isin(_places(training), _places(target.parts[1]))
    return training.select(~held), training.select(held), test


def _places(part: Triplets) -> np.ndarray:
    return part.rows * part.shape[1] + part.columns


def _methods(by: str | Sequence[str]) -> tuple[str, ...]:
    methods = (by,) if isinstance(by, str) else tuple(by)
    if methods == (AUTO,):
        return methods
    unknown = [method for method in methods if method not in METHODS]
    if unknown or not methods:
        said = f"There is no method {unknown[0]!r}" if unknown else "No method is named"
        if unknown[:1] == [AUTO]:
            said = "The method auto stands alone"
        raise InputError(f"{said}; choose among {', '.join(METHODS)}, or give auto alone.")
    return tuple(dict.fromkeys(methods))


def _until_interrupted(choice: Choice, wanted: Wanted) -> list[Fit]:
    """The fits of the methods, up to the one that Ctrl-C ends; without any fit, the interrupt is passed on."""
    fits: list[Fit] = []
    for method in choice.methods:
        try:
            fit = choice.fits.get(method) or fit_by(method, choice.target, wanted)
            fits.append(refitted(fit, choice.target, wanted) if wanted.refit else fit)
        except KeyboardInterrupt:
            if not fits:
                raise
            break
        if fits[-1].interrupted:
            break
    return fits


def _best(scores: list[CompletionScore]) -> int:
    """The number of the method with the least held-out error, or of the first if nothing is held out."""
    return int(np.argmin([score.held_out_rmse or 0.0 for score in scores]))


def _kept(best: int, scores: list[CompletionScore]) -> int:
    """The number of what is kept: `best`, or a baseline that is no worse on the held-out entries."""
    for number in range(len(scores) - 2, len(scores)):
        error, least = scores[number].held_out_rmse, scores[best].held_out_rmse
        if error is None or least is None:
            return best
        if error <= (1 + _ROUNDING if best < len(scores) - 2 else 1 - _ROUNDING) * least:
            best = number
    return best
