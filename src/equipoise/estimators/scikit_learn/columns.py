"""Whether the columns of a table are scaled before it is completed: chosen by held-out entries."""

import numpy as np

from equipoise.datasets import Triplets
from equipoise.estimators.complete import Completion, complete
from equipoise.estimators.complete.comparison import is_worse
from equipoise.estimators.complete.settings import PENALIZED
from equipoise.estimators.complete.units import differing_sides
from equipoise.estimators.scikit_learn.wishes import Wishes

COLUMNS = "columns"


def scaled_columns(training: Triplets, held_out: Triplets | None, wishes: Wishes) -> str | bool:
    """Columns are scaled unless the held-out entries are then predicted worse, beyond the standard error.

    Compared are two penalized fits, by errors in standard deviations of the columns. Without held-out entries, columns
    are scaled if their units differ.
    """
    if np.ptp(training.values) == 0:
        return False
    if held_out is None:
        return COLUMNS if differing_sides(training)[1] else False
    scaled, plain = (
        complete(
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
        for scale in (COLUMNS, False)
    )
    units = scaled.judged.units
    assert units is not None
    scales = units.scale(held_out.rows, held_out.columns)
    errors = [(_residuals(found, held_out) / scales) ** 2 for found in (scaled, plain)]
    return False if is_worse(errors[0], errors[1]) else COLUMNS


def _residuals(found: Completion, held_out: Triplets) -> np.ndarray:
    return np.asarray(found.judged.at(held_out.rows, held_out.columns) - held_out.values)
