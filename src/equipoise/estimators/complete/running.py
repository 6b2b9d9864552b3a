"""One method on one target, with the settings that the user wished for."""

import dataclasses
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.methods import convex, descent, explained
from equipoise.estimators.complete.penalized import choose_penalized, penalized
from equipoise.estimators.complete.prediction import Prediction
from equipoise.estimators.complete.scores import residuals
from equipoise.estimators.complete.settings import CONVEX, PENALIZED, SMALL_START, Wishes, choose
from equipoise.estimators.complete.target import Target


class Wanted(NamedTuple):
    """What the user asked for, checked.

    - `wishes`: the settings of gradient methods.
    - `gap`, `max_seconds`: when the convex problem is solved, and how long that may take.
    - `progress`: whether to show a progress bar, or None.
    - `refit`: whether small-init is fitted again to training and held-out entries.
    """

    wishes: Wishes
    gap: float
    max_seconds: float
    progress: bool | None
    refit: bool = False

    def usual(self) -> "Wanted":
        """The same seed and width, and all else as usual: for a penalized fit that only makes a choice."""
        wishes = self.wishes._replace(depth=2, steps=None, step_size=None, start_norm=None)
        return self._replace(wishes=wishes)

    def with_width(self, width: int) -> "Wanted":
        """The same with another width."""
        return self._replace(wishes=self.wishes._replace(width=width))


def fit_by(method: str, target: Target, wanted: Wanted) -> Fit:
    """The fit of a method; raises `InputError` if it diverges."""
    if target.is_explained:
        return explained(method, target)
    if method == CONVEX:
        return convex(method, target, wanted.gap, wanted.max_seconds)
    chosen, progress = wanted.wishes.step_size is not None, wanted.progress
    if method == PENALIZED:
        return penalized(target, choose_penalized(target, wanted.wishes), chosen=chosen, progress=progress)
    return descent(target, choose(method, target, wanted.wishes), chosen=chosen, progress=progress)


def refitted(fit: Fit, target: Target, wanted: Wanted) -> Fit:
    """A fit of gradient descent made again from training and held-out entries, in as many steps of the same size.

    The penalized fit does so by itself. A fit that is interrupted, or kept step 0, is returned as it is.
    """
    settings = fit.settings
    if fit.method != SMALL_START or settings is None or fit.judged is not None:
        return fit
    if target.parts[1] is None or fit.interrupted or not fit.best_step:
        return fit
    everything = target.with_everything()
    settings = settings._replace(steps=fit.best_step)
    try:
        again = descent(everything, settings, chosen=wanted.wishes.step_size is not None, progress=wanted.progress)
    except KeyboardInterrupt:
        return fit
    if again.interrupted:
        return fit
    return dataclasses.replace(
        again,
        steps=fit.steps,
        best_step=fit.best_step,
        settings=fit.settings,
        run=fit.run,
        seconds=fit.seconds + again.seconds,
        status=fit.status,
        means=everything.means,
        judged=fit,
    )


def prediction_of(fit: Fit, target: Target) -> Prediction:
    """The prediction of a fit, with the means that belong to it."""
    means = fit.means or target.means
    return Prediction(fit.left, fit.right, means, target.centered, target.units, target.limits)


def squares_of(fit: Fit, target: Target) -> Float64[np.ndarray, " m"]:
    """The squared errors of a fit on the held-out entries, which exist."""
    assert target.parts[1] is not None
    return residuals(prediction_of(fit.judged or fit, target), target.parts[1]) ** 2
