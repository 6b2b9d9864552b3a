"""The entries to complete: checked, and with the means subtracted if asked."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Float64

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.estimators.complete.means import Means, means_of
from equipoise.estimators.complete.parts import Parts, check_parts
from equipoise.problems.matrices import Sparse
from equipoise.problems.observed import Order, orders_of

_NEGLIGIBLE = 1e-10

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]
"""(rows, columns, values)."""


@dataclasses.dataclass(frozen=True)
class Target:
    """The parts of a table, as a fit sees them.

    - `parts`: the given entries for training, held out, and for the test.
    - `means`: the row and column means of the training entries.
    - `centered`: whether the means are subtracted.
    - `values`: the training values, minus the means if `centered`.
    """

    parts: Parts
    means: Means
    centered: bool
    values: Float64[np.ndarray, " entries"]

    @functools.cached_property
    def top(self) -> float:
        """The largest singular value of the matrix of `values`, with zeros elsewhere."""
        largest = float(np.abs(self.values).max())
        places = self.training.rows, self.training.columns
        return largest * float(Sparse(self.values / largest, *places, self.training.shape).singular_triplets(1)[1][0])

    @functools.cached_property
    def orders(self) -> tuple[Order, Order]:
        """The places of the training entries, by rows and by columns."""
        return orders_of(self.training.rows, self.training.columns, self.training.shape)

    @property
    def training(self) -> Triplets:
        """The entries for training."""
        return self.parts[0]

    @property
    def share(self) -> float:
        """The share of the matrix's entries that is known."""
        rows, columns = self.training.shape
        return self.training.values.size / (rows * columns)

    @property
    def fitted(self) -> Entries:
        """The training entries, as a fit sees them."""
        return self.training.rows, self.training.columns, self.values

    @property
    def held_out(self) -> Entries:
        """The held-out entries, as a fit sees them; empty if there are none."""
        part = self.parts[1]
        if part is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        return part.rows, part.columns, part.values - _offset(self.means, self.centered, part)


def target_of(parts: Parts, *, center: bool) -> Target:
    """The parts as a target; if `center`, the row and column means are subtracted.

    Raises `InputError` for parts that do not belong together, and if nothing but rounding is left to complete.
    """
    check_parts(parts)
    training = parts[0]
    means = means_of(training)
    values = training.values - _offset(means, center, training)
    if np.abs(values).max() <= _NEGLIGIBLE * np.abs(training.values).max(initial=0.0) or not values.any():
        raise InputError(
            "Every training entry is 0, possibly because row and column means were subtracted, so nothing is left to "
            "complete; give other entries, or do not center them."
        )
    return Target(parts, means, center, values)


def _offset(means: Means, center: bool, part: Triplets) -> Float64[np.ndarray, " entries"]:
    """The numbers to subtract from the values of a part."""
    return means.at(part.rows, part.columns) if center else np.zeros(part.rows.size)
