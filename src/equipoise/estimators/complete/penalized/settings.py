"""The settings of the penalized fit, from two singular values of the training entries to a few per cent."""

import math

import numpy as np
from jaxtyping import Float, Int8

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.keyed import mixed, standard_normal
from equipoise.datasets import Triplets
from equipoise.estimators.complete.seeds import Tag
from equipoise.estimators.complete.settings import PENALIZED, CompletionSettings, Wishes
from equipoise.estimators.complete.starts import rows_first, side_keys
from equipoise.estimators.complete.target import Target
from equipoise.problems.observed import Known, padded

_WIDTH, _STEPS = 40, 2000
_STEP, _PENALTY, _SMALL = 0.5, 0.15, 1e-3
_COLUMNS, _ROUNDS = 8, 6
_DTYPE = np.float32


def choose_penalized(target: Target, wishes: Wishes) -> CompletionSettings:
    """All settings of the penalized fit."""
    d1, d2 = target.training.shape
    seed = whole_number("seed", wishes.seed, 0)
    width = min(d1, d2, _WIDTH) if wishes.width is None else whole_number("width", wishes.width, 1)
    top, noise = scales(target, seed)
    unit = float(np.sqrt(np.mean(target.values**2)))
    small = _SMALL * math.sqrt(unit * width) * (d1 * d2) ** 0.25
    return CompletionSettings(
        method=PENALIZED,
        depth=2,
        width=width,
        full_width=width >= min(d1, d2),
        steps=_STEPS if wishes.steps is None else whole_number("steps", wishes.steps, 1),
        step_size=_STEP / top if wishes.step_size is None else positive_number("step_size", wishes.step_size),
        start_norm=small if wishes.start_norm is None else positive_number("start_norm", wishes.start_norm),
        top=top,
        share=target.share,
        penalty=_PENALTY * noise,
        noise=(0.0, 0.0),
        seed=seed,
    )


def scales(target: Target, seed: int) -> tuple[float, float]:
    """(σ1 of D₁^½ M D₂^½ with D = 1/√count, σ1 of M with random signs), with zeros where M is not known.

    The first limits the steps. The second is what noise of the size of the entries reaches; a penalty below it lets
    noise through.
    """
    rows, columns, values = target.fitted
    if target.weights is not None:
        values = target.weights * values
    known = Known(target.orders, values, target.training.shape, _DTYPE, target.weights)
    of_rows, of_columns = (np.maximum(counts, 1) ** -0.25 for counts in known.sums)
    order = known.by_rows.order
    signed = np.empty(values.size, _DTYPE)
    signed[order] = known.values.by_rows
    signed *= _signs(target.training, seed)
    scaled = values * of_rows[rows]
    scaled *= of_columns[columns]
    first = rows_first(target.training)
    side, count = (0 if first else 1), min(_COLUMNS, *known.shape)
    block = standard_normal(side_keys(target.training, seed, Tag.block)[side], count)
    return _largest(known, scaled, block, from_rows=first), _largest(known, signed, block, from_rows=first)


def _signs(training: Triplets, seed: int) -> Int8[np.ndarray, " m"]:
    """A random sign for each entry, which belongs to the ids of its row and column."""
    of_rows, of_columns = side_keys(training, seed, Tag.signs)
    last = (mixed(of_rows[training.rows] + of_columns[training.columns]) & np.uint64(1)).astype(np.int8)
    return 2 * last - 1


def _largest(
    known: Known, given: Float[np.ndarray, " m"], block: Float[np.ndarray, "d k"], *, from_rows: bool
) -> float:
    """The largest singular value of these entries, from below, by power iteration on a block of rows or columns."""
    scale = float(np.abs(given).max())
    weights = known.weights(given / scale)
    (d1, d2), k = known.shape, block.shape[1]
    left, right = padded(d1, k, _DTYPE), padded(d2, k, _DTYPE)
    passes = [known.times, known.transposed_times]
    if from_rows:
        left, right = right, left
        passes.reverse()
    right[:, :k] = np.linalg.qr(block)[0]
    for _ in range(_ROUNDS):
        passes[0](weights, right, left)
        left[:, :k] = np.linalg.qr(left[:, :k])[0]
        passes[1](weights, left, right)
        top = float(np.linalg.norm(right[:, :k], 2))
        right[:, :k] = np.linalg.qr(right[:, :k])[0]
    return scale * top
