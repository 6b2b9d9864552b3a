"""Method, centering and width, chosen by the error on held-out entries; what is chosen is fitted to all entries."""

import dataclasses

import numpy as np

from equipoise.datasets import Triplets
from equipoise.estimators.complete import Completion, complete
from equipoise.estimators.complete.comparison import is_worse
from equipoise.estimators.complete.parts import joined
from equipoise.estimators.complete.settings import CONVEX, PENALIZED, SMALL_START
from equipoise.estimators.complete.units import differing_sides
from equipoise.estimators.scikit_learn.wishes import AUTO, Wishes

_NARROW = (10, 4)
"""The widths tried beside the usual one."""
_SMALL = 200_000
"""The number of entries, known or not, up to which gradient descent from a small start is tried, too."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """A completion that was chosen, and whether it was fitted again to all entries.

    - `completion`: the completion that is kept.
    - `held_out_error`: that of the fit to the training entries alone; None if nothing is held out.
    - `refitted`: whether `completion` is a later fit, of as many steps, to training and held-out entries.
    - `note`: what was chosen.
    - `baseline`: the name of the baseline that is better than every fit, and to be kept; empty if none is.
    """

    completion: Completion
    held_out_error: float | None
    refitted: bool
    note: str
    baseline: str = ""


def choose(training: Triplets, held_out: Triplets | None, wishes: Wishes) -> Choice:
    """The fit of least held-out error; without held-out entries the penalized one, or the one named, centered."""
    auto = wishes.method == AUTO
    methods: tuple[str, ...] = (PENALIZED,) if auto else (wishes.method,)
    centers = (True, False) if wishes.center is None else (wishes.center,)
    if held_out is None or (methods == (CONVEX,) and len(centers) == 1):  # the convex problem has no step to choose
        everything = training if held_out is None else joined(training, held_out)
        return Choice(_fit(everything, None, wishes, methods[0], centers[0], wishes.width), None, False, "")
    if auto and training.shape[0] * training.shape[1] <= _SMALL:
        methods = (*methods, SMALL_START)
    tried = [_fit(training, held_out, wishes, each, center, wishes.width) for each in methods for center in centers]
    best = min(tried, key=_error)
    if auto and wishes.width is None:
        name, center = best.fit.method, best.prediction.centered
        widths = [width for width in _NARROW if width < min(training.shape)]
        tried += [_fit(training, held_out, wishes, name, center, width) for width in widths]
        best = min(tried, key=_error)
    baseline, least = _best_baseline(best)
    beaten = auto and least <= _error(best)
    return Choice(*_again(best, wishes), _said(best) if len(tried) > 1 else "", baseline if beaten else "")


def with_scale(training: Triplets, held_out: Triplets | None, wishes: Wishes) -> Wishes:
    """The wishes with the scaling of columns chosen, if it is None.

    Columns are scaled unless the penalized fit then has a greater error on the held-out entries, in units of the scales
    and beyond the standard error. Without held-out entries, they are scaled if their units differ.
    """
    if wishes.scale is not None:
        return wishes
    if held_out is None:
        return wishes._replace(scale=differing_sides(training)[1])
    usual = wishes._replace(options={**wishes.options, "steps": None, "step_size": None, "start_norm": None})
    fits = [
        _fit(training, held_out, usual._replace(scale=scale), PENALIZED, True, wishes.width) for scale in (True, False)
    ]
    units = fits[0].prediction.units
    assert units is not None
    scales = units.scale(held_out.rows, held_out.columns)
    scaled, plain = (((fit.judged.at(held_out.rows, held_out.columns) - held_out.values) / scales) ** 2 for fit in fits)
    return wishes._replace(scale=not is_worse(scaled, plain))


def _fit(
    training: Triplets, held_out: Triplets | None, wishes: Wishes, method: str, center: bool, width: int | None
) -> Completion:
    scale = "columns" if wishes.scale else False
    options = wishes.options
    return complete(training, held_out, by=method, width=width, center=center, scale=scale, seed=wishes.seed, **options)


def _error(completion: Completion) -> float:
    error = completion.score.held_out_rmse
    return np.inf if error is None else error


def _best_baseline(completion: Completion) -> tuple[str, float]:
    """The name and the held-out error of the better baseline."""
    scores = completion.scores[len(completion.fits) :]
    found = [(score.method, np.inf if score.held_out_rmse is None else score.held_out_rmse) for score in scores]
    return min(found, key=lambda pair: pair[1])


def _again(best: Completion, wishes: Wishes) -> tuple[Completion, float, bool]:
    """The completion, its held-out error, and whether it is a later fit to all entries, of as many steps."""
    error, fit = _error(best), best.fit
    if fit.judged is not None:
        return best, error, True
    if best.interrupted or best.held_out is None or fit.method not in (SMALL_START, CONVEX):
        return best, error, False
    options, width = wishes.options, None
    if fit.settings is not None:
        width = fit.settings.width
        options = {**options, "steps": max(1, fit.best_step), "step_size": fit.settings.step_size}
    everything = joined(best.training, best.held_out)
    again = _fit(everything, None, wishes._replace(options=options), fit.method, best.prediction.centered, width)
    return again, error, True


def _said(best: Completion) -> str:
    settings = best.fit.settings
    width = "" if settings is None else f", of width {settings.width}"
    centered = "with" if best.prediction.centered else "without"
    return f"The held-out entries chose the method {best.fit.method}{width}, {centered} row and column means."
