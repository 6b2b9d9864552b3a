"""From the known entries to a completed table: held out, chosen, fitted, and put into canonical form."""

import dataclasses

import numpy as np

from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators.complete import Fit, Prediction
from equipoise.estimators.complete.means import means_of
from equipoise.estimators.complete.methods import UNPROVEN
from equipoise.estimators.complete.scores import MEAN, MEANS
from equipoise.estimators.complete.settings import NOISE, PENALIZED
from equipoise.estimators.scikit_learn.canonical import singular_triplets
from equipoise.estimators.scikit_learn.choosing import Choice, choose, with_scale
from equipoise.estimators.scikit_learn.table import CompletedTable
from equipoise.estimators.scikit_learn.wishes import Wishes

FEWEST = 20
"""The number of entries below which nothing is held out, since one or two would choose by chance."""


def fit_table(entries: Triplets, wishes: Wishes) -> CompletedTable:
    """Complete a table from its entries; raises `InputError` for what `complete` refuses.

    A table of one number everywhere is that number. Where columns are scaled, errors are in units of their scales.
    """
    if np.ptp(entries.values) == 0:
        return _baseline(entries, MEAN, None, "Every known entry is the same number, which is predicted everywhere.")
    parts = _parts(entries, wishes)
    wishes = with_scale(*parts, wishes)
    choice = choose(*parts, wishes)
    if choice.baseline and not choice.completion.interrupted:
        note = f"On the held-out entries no method is better than this baseline, which is kept: {choice.baseline}."
        return _baseline(entries, choice.baseline, choice.held_out_error, note, choice.completion.prediction)
    return _table(choice)


def _parts(entries: Triplets, wishes: Wishes) -> tuple[Triplets, Triplets | None]:
    """(training, held out)."""
    if wishes.hold_out == 0 or len(entries) < FEWEST:
        return entries, None
    return hold_out_fraction(entries, wishes.hold_out, seed=wishes.seed)


def _table(choice: Choice) -> CompletedTable:
    """The completion that was chosen, in canonical form."""
    completion, fit = choice.completion, choice.completion.fit
    prediction = completion.prediction
    a, values, b = singular_triplets(prediction.left, prediction.right)
    root = np.sqrt(values)
    error = completion.score.training_rmse if choice.held_out_error is None else choice.held_out_error
    seen = prediction.means.seen_rows, prediction.means.seen_columns
    penalty, row_weights, column_weights = _ridge(fit, values, (int(seen[0].sum()), int(seen[1].sum())), error)
    return CompletedTable(
        left=a * root,
        right=b * root,
        singular_values=values,
        means=prediction.means,
        centered=prediction.centered,
        penalty=penalty,
        row_weights=row_weights,
        column_weights=column_weights,
        method=fit.method,
        steps=fit.steps,
        history=_history(fit),
        duality_gap=None if fit.certificate is None else float(fit.certificate.gap),
        held_out_error=choice.held_out_error,
        notes=_notes(choice),
        unconverged=_unconverged(choice),
        interrupted=completion.interrupted,
        units=prediction.units,
        limits=prediction.limits,
    )


def _ridge(fit: Fit, values: np.ndarray, counts: tuple[int, int], error: float) -> tuple[float, np.ndarray, np.ndarray]:
    """(λ, weights of rows, weights of columns) of the ridge regression that folds in; see `CompletedTable`."""
    if fit.settings is not None and fit.settings.method == PENALIZED:
        return float(fit.settings.penalty), np.ones(values.size), np.ones(values.size)
    return float(error) ** 2, np.sqrt(values / counts[0]), np.sqrt(values / counts[1])


def _history(fit: Fit) -> dict[str, np.ndarray]:
    if fit.run is None:
        return {}
    errors = {name: v.values[0] for name, v in fit.run.dataset.data_vars.items() if v.dims == ("replicate", "step")}
    return {"step": np.array(fit.run.dataset["step"].values), **{str(k): np.array(v) for k, v in errors.items()}}


def _notes(choice: Choice) -> tuple[str, ...]:
    """The notes on the completion; those on a later fit to all entries say what it is."""
    notes = choice.completion.notes
    if choice.refitted and choice.completion.fit.judged is None:
        again = (
            "After the choice the method was fitted again to all entries; the held-out error is that of the fit before."
        )
        notes = (again, *(note for note in notes if not note.startswith("Nothing is held out")))
    return tuple(note for note in (choice.note, *notes) if note)


def _unconverged(choice: Choice) -> str:
    """What is to be said if the fit has not converged."""
    fit = choice.completion.fit
    if fit.status == UNPROVEN:
        return " ".join(note for note in choice.completion.notes if note.startswith("The least nuclear norm"))
    judged = fit.judged or fit
    if fit.status != "completed" or fit.method == NOISE or fit.settings is None or not judged.still_falls:
        return ""
    if choice.refitted and fit.judged is None:  # it takes as many steps as were chosen before
        return ""
    which = "training" if choice.held_out_error is None else "held-out"
    return f"With {fit.method} the {which} error was still falling at the last step, {fit.steps}; take more steps."


def _baseline(
    entries: Triplets, name: str, error: float | None, note: str, like: Prediction | None = None
) -> CompletedTable:
    """The means as a table of rank 0, in the units and limits of another prediction."""
    units, limits = (None, None) if like is None else (like.units, like.limits)
    means = means_of(entries if units is None else units.without(entries))
    if name != MEANS:
        means = dataclasses.replace(means, rows=np.zeros_like(means.rows), columns=np.zeros_like(means.columns))
    return CompletedTable(
        left=np.zeros((entries.shape[0], 1)),
        right=np.zeros((entries.shape[1], 1)),
        singular_values=np.zeros(1),
        means=means,
        centered=True,
        penalty=0.0,
        row_weights=np.ones(1),
        column_weights=np.ones(1),
        method=name,
        steps=0,
        history={},
        duality_gap=None,
        held_out_error=error,
        notes=(note,),
        units=units,
        limits=limits,
    )
