"""Whether the columns of a table are scaled before it is completed: chosen by held-out entries."""

from typing import NamedTuple

import numpy as np

from equipoise.datasets import Triplets
from equipoise.estimators.complete import Completion, complete
from equipoise.estimators.complete.comparison import is_worse
from equipoise.estimators.complete.settings import PENALIZED
from equipoise.estimators.complete.units import differing_sides
from equipoise.estimators.scikit_learn.wishes import Wishes

COLUMNS = "columns"


class Scaling(NamedTuple):
    """Whether columns are scaled ("columns") or not (False), and the trial that Ctrl-C ended, if one did."""

    scale: str | bool
    interrupted: Completion | None = None


def scaled_columns(training: Triplets, held_out: Triplets | None, wishes: Wishes) -> Scaling:
    """Columns are scaled unless the held-out entries are then predicted worse, beyond the standard error.

    Compared are two penalized fits, by errors in standard deviations of the columns. Without held-out entries, columns
    are scaled if their units differ.
    """
    if np.ptp(training.values) == 0:
        return Scaling(scale=False)
    if held_out is None:
        return Scaling(COLUMNS if differing_sides(training)[1] else False)
    scaled = _trial(training, held_out, wishes, COLUMNS)
    if scaled.interrupted:
        return Scaling(COLUMNS, scaled)
    plain = _trial(training, held_out, wishes, scale=False)
    if plain.interrupted:
        return Scaling(COLUMNS, scaled)
    units = scaled.judged.units
    assert units is not None
    scales = units.scale(held_out.rows, held_out.columns)
    errors = [(_residuals(found, held_out) / scales) ** 2 for found in (scaled, plain)]
    return Scaling(False if is_worse(errors[0], errors[1]) else COLUMNS)


def _trial(training: Triplets, held_out: Triplets, wishes: Wishes, scale: str | bool) -> Completion:
    """The penalized fit with columns scaled or not."""
    return complete(
        training,
        held_out,
        by=PENALIZED,
        width=wishes.width,
        center=True,
        scale=scale,
        clip=wishes.clip,
        seed=wishes.seed,
        progress=wishes.options["progress"],
    )


def _residuals(found: Completion, held_out: Triplets) -> np.ndarray:
    return np.asarray(found.judged.at(held_out.rows, held_out.columns) - held_out.values)
