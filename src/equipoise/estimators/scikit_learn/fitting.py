"""From the known entries to what the estimators keep: a model, and what there is to tell of its fit."""

from typing import Any, NamedTuple

import numpy as np

from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators.complete import Completion, Fit, complete
from equipoise.estimators.complete.methods import UNPROVEN
from equipoise.estimators.complete.settings import CONVEX, NOISE
from equipoise.estimators.model import CompletionModel
from equipoise.estimators.scikit_learn.columns import scaled_columns
from equipoise.estimators.scikit_learn.endings import tell
from equipoise.estimators.scikit_learn.wishes import AUTO, Wishes

FEWEST = 20
"""The number of entries below which nothing is held out, since one or two would choose by chance."""


class Fitted(NamedTuple):
    """A completion, and the model that is made of it."""

    completion: Completion
    model: CompletionModel


def fit_table(entries: Triplets, wishes: Wishes, titles: tuple[str, str, str] | None = None) -> Fitted:
    """Complete a table from its entries; raises `InputError` for what `complete` refuses.

    If `titles` name rows, columns and values, it is a table of one quantity, and scaled as `complete` chooses. If not,
    its columns are different quantities, and scaled if that is no worse.
    """
    parts, scale = _parts(entries, wishes), wishes.scale
    if titles is None and scale is None:
        scale, interrupted = scaled_columns(*parts, wishes)
        if interrupted is not None:
            return Fitted(interrupted, CompletionModel.of(interrupted))
    completion = complete(
        *parts,
        by=wishes.method,
        width=wishes.width,
        center=wishes.center,
        scale=scale,
        clip=wishes.clip,
        refit=wishes.method != AUTO,
        seed=wishes.seed,
        **wishes.options,
    )
    return Fitted(completion, CompletionModel.of(completion, titles=titles or ("row", "column", "value")))


def keep(estimator: Any, fitted: Fitted) -> None:
    """Set the fitted attributes that all estimators of completions have, and tell how the fit ended."""
    completion, model = fitted
    fit, score, prediction = completion.fit, completion.score, fitted.model.prediction
    estimator._model = model
    estimator.singular_values_ = np.square(prediction.left).sum(axis=0)  # X = P √S
    estimator.nuclear_norm_ = float(estimator.singular_values_.sum())
    estimator.mean_, estimator.centered_ = prediction.means.mean, prediction.centered
    estimator.units_, estimator.limits_ = prediction.units, prediction.limits
    estimator.penalty_, estimator.held_out_error_ = model.ridge.penalty, score.held_out_rmse
    estimator.duality_gap_ = None if fit.certificate is None else float(fit.certificate.gap)
    estimator.method_, estimator.n_iter_ = score.method, 0 if completion.keeps_baseline else fit.steps
    estimator.history_, estimator.notes_ = _history(fit), completion.notes
    tell(_unconverged(completion), interrupted=completion.interrupted)


def _parts(entries: Triplets, wishes: Wishes) -> tuple[Triplets, Triplets | None]:
    """(training, held out); the convex problem has no step to choose."""
    if wishes.hold_out == 0 or len(entries) < FEWEST or wishes.method == CONVEX:
        return entries, None
    return hold_out_fraction(entries, wishes.hold_out, seed=wishes.seed)


def _history(fit: Fit) -> dict[str, np.ndarray]:
    """The recorded errors, as arrays by name; empty without a recorded run."""
    if fit.run is None:
        return {}
    errors = {name: v.values[0] for name, v in fit.run.dataset.data_vars.items() if v.dims == ("replicate", "step")}
    return {"step": np.array(fit.run.dataset["step"].values), **{str(k): np.array(v) for k, v in errors.items()}}


def _unconverged(completion: Completion) -> str:
    """What is to be said if the fit has not converged."""
    fit = completion.fit
    if completion.keeps_baseline:
        return ""
    if fit.status == UNPROVEN:
        return " ".join(note for note in completion.notes if note.startswith("The least nuclear norm"))
    judged = fit.judged or fit
    if fit.status != "completed" or fit.method == NOISE or fit.settings is None or not judged.still_falls:
        return ""
    which = "training" if completion.score.held_out_rmse is None else "held-out"
    return f"With {fit.method} the {which} error was still falling at the last step, {fit.steps}; take more steps."
