"""Units: a location and a scale for each row and column, where they differ, so that no unit outweighs the others."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.datasets import Triplets
from equipoise.estimators.complete.parts import Parts

FEWEST = 5
"""Rows and columns with fewer known entries do not count when units are compared."""
DIFFERENT = 5.0
"""The factor from the 10th to the 90th percentile, in median and in deviation, from which on units differ."""
_ROUNDS = 20
_SMALLEST = 1e-8  # of the median scale: a constant row or column keeps that scale
_TOO_FEW = 3  # with fewer entries, a row or column has no scale below the median one

_Entries = Float64[np.ndarray, " entries"]
_Places = Int64[np.ndarray, " entries"]


@dataclasses.dataclass(frozen=True)
class Units:
    """M_ij = row_locations[i] + column_locations[j] + row_scales[i] column_scales[j] Z_ij, where Z has no unit.

    A side that is not scaled has locations 0 and scales 1.

    - `row_locations`, `column_locations`: in the unit of the entries.
    - `row_scales`, `column_scales`: their product is in the unit of the entries.
    """

    row_locations: Float64[np.ndarray, " d1"]
    column_locations: Float64[np.ndarray, " d2"]
    row_scales: Float64[np.ndarray, " d1"]
    column_scales: Float64[np.ndarray, " d2"]

    @property
    def transposed(self) -> "Units":
        """Those of the transposed table."""
        return Units(self.column_locations, self.row_locations, self.column_scales, self.row_scales)

    @property
    def sides(self) -> str:
        """What is scaled, in words."""
        named = (("rows", self.row_scales), ("columns", self.column_scales))
        return " and ".join(name for name, scales in named if np.any(scales != 1.0))

    def location(self, rows: _Places, columns: _Places) -> _Entries:
        """Where Z = 0 is, at these places."""
        return self.row_locations[rows] + self.column_locations[columns]

    def scale(self, rows: _Places, columns: _Places) -> _Entries:
        """How much Z = 1 is, at these places."""
        return self.row_scales[rows] * self.column_scales[columns]

    def without(self, part: Triplets) -> Triplets:
        """The entries of a part as Z."""
        places = part.rows, part.columns
        return dataclasses.replace(part, values=(part.values - self.location(*places)) / self.scale(*places))

    def back(self, part: Triplets) -> Float64[np.ndarray, " entries"]:
        """The entries of a part that is given as Z."""
        return self.location(part.rows, part.columns) + self.scale(part.rows, part.columns) * part.values

    def without_all(self, parts: Parts) -> Parts:
        """All parts as Z."""
        training, held_out, test = parts
        held_out, test = (None if part is None else self.without(part) for part in (held_out, test))
        return self.without(training), held_out, test


def differing_sides(training: Triplets) -> tuple[bool, bool]:
    """Whether the units of rows differ, and of columns.

    They do if the medians of |entries| and the standard deviations both differ fivefold from the 10th to the 90th
    percentile.
    """
    return _differ(training, 0), _differ(training, 1)


def _differ(training: Triplets, axis: int) -> bool:
    """Whether the units of rows (0) or columns (1) differ, by their medians of |entries| and by their deviations."""
    index = (training.rows, training.columns)[axis]
    counts = np.bincount(index, minlength=training.shape[axis])
    if np.count_nonzero(counts >= FEWEST) < 2:
        return False
    medians = _medians(index, np.abs(training.values), counts)[counts >= FEWEST]
    deviations = _deviations(index, training.values, counts)[1][counts >= FEWEST]
    return all(_spread(sizes) >= DIFFERENT for sizes in (medians, deviations))


def _spread(sizes: Float64[np.ndarray, " n"]) -> float:
    """The 90th percentile over the 10th, of the sizes above 0, interpolated on a logarithmic scale."""
    above = sizes[sizes > 0]
    if above.size < 2:
        return 1.0
    return float(np.exp(np.diff(np.quantile(np.log(above), [0.1, 0.9]))[0]))


def _medians(index: _Places, values: _Entries, counts: Int64[np.ndarray, " d"]) -> Float64[np.ndarray, " d"]:
    """The median of each row's (or column's) values, the upper one of two; 0 without values."""
    ordered = values[np.lexsort((values, index))]
    middles = np.cumsum(counts) - counts + counts // 2
    found = np.zeros(counts.size)
    found[counts > 0] = ordered[middles[counts > 0]]
    return found


def _deviations(
    index: _Places, values: _Entries, counts: Int64[np.ndarray, " d"]
) -> tuple[Float64[np.ndarray, " d"], Float64[np.ndarray, " d"]]:
    """(mean, standard deviation) of each row or column; (0, 0) without values."""
    several = np.maximum(counts, 1)
    means = np.bincount(index, values, minlength=counts.size) / several
    squares = np.bincount(index, (values - means[index]) ** 2, minlength=counts.size)
    return means, np.sqrt(squares / several)


def fitted_units(training: Triplets, sides: tuple[bool, bool]) -> Units:
    """Locations and scales of rows, columns or both, with which their entries have mean 0 and mean square 1.

    Both are fitted in turns (biScale of T. Hastie, R. Mazumder, J. Lee and R. Zadeh, Matrix completion and low-rank SVD
    via fast alternating least squares, 2015).
    """
    indices, shape = (training.rows, training.columns), training.shape
    counts = [np.bincount(index, minlength=d) for index, d in zip(indices, shape, strict=True)]
    locations, scales = [np.zeros(d) for d in shape], [np.ones(d) for d in shape]
    for _ in range(_ROUNDS if all(sides) else 1):
        for side in (0, 1):
            if sides[side]:
                own, other = indices[side], indices[1 - side]
                rest = training.values - locations[1 - side][other]
                locations[side], scales[side] = _of_side(own, rest, scales[1 - side][other], counts[side])
    return Units(*locations, *scales)


def _of_side(
    index: _Places, values: _Entries, others: _Entries, counts: Int64[np.ndarray, " d"]
) -> tuple[Float64[np.ndarray, " d"], Float64[np.ndarray, " d"]]:
    """Locations and scales of one side, given the other's scales; the usual ones where nothing is known or constant."""
    weights = others**-2.0
    total = np.bincount(index, weights, minlength=counts.size)
    seen = counts > 0
    locations = np.bincount(index, weights * values, minlength=counts.size) / np.where(seen, total, 1.0)
    squares = np.bincount(index, weights * (values - locations[index]) ** 2, minlength=counts.size)
    scales = np.sqrt(squares / np.maximum(counts, 1))
    positive = scales[scales > 0]
    usual = float(np.median(positive)) if positive.size else 1.0
    locations[~seen] = float(np.mean(locations[seen]))
    scales[(scales <= _SMALLEST * usual) | ((counts < _TOO_FEW) & (scales < usual))] = usual
    return locations, scales
