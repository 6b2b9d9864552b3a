"""The entries to complete: checked, without their units where those differ, and with the means subtracted if asked."""

import dataclasses
import functools
from types import ModuleType
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from equipoise.core.types import AnyArray
from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators.complete.limits import Limits
from equipoise.estimators.complete.means import Means, means_of
from equipoise.estimators.complete.parts import Parts, joined
from equipoise.estimators.complete.units import Units
from equipoise.problems.matrices import Sparse
from equipoise.problems.observed import Order, orders_of

_NEGLIGIBLE = 1e-10

HELD_OUT_SHARE = 0.1
"""The share of the training entries that are held out where a choice needs some and none are given."""
FEWEST = 20
"""With fewer training entries, none are held out for a choice."""

Entries: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""(rows, columns, values)."""


class HeldOut(NamedTuple):
    """The held-out entries as a fit sees them, and what is predicted there in the end.

    - `rows`, `columns`, `values`: the entries, minus what was subtracted.
    - `seen`: whether W is predicted there, and not `fixed`.
    - `fixed`: the prediction elsewhere.
    - `least`, `most`: what the prediction is clipped to.
    """

    rows: Int64[np.ndarray, " m"]
    columns: Int64[np.ndarray, " m"]
    values: Float64[np.ndarray, " m"]
    seen: Bool[np.ndarray, " m"]
    fixed: Float64[np.ndarray, " m"]
    least: Float64[np.ndarray, " m"]
    most: Float64[np.ndarray, " m"]

    def squares(self, fitted: Float[AnyArray, " m"], of: ModuleType = np) -> Float[AnyArray, " m"]:
        """The squared errors of the final predictions, from W at these places; `of` is NumPy or jax.numpy."""
        predicted = of.clip(of.where(self.seen, fitted, self.fixed), self.least, self.most)
        return (predicted - self.values) ** 2

    def shifted(self, mean: float, unit: float) -> "HeldOut":
        """(number − mean)/unit for each of the numbers."""
        values, fixed, least, most = (
            (numbers - mean) / unit for numbers in (self.values, self.fixed, self.least, self.most)
        )
        return self._replace(values=values, fixed=fixed, least=least, most=most)


@dataclasses.dataclass(frozen=True)
class Target:
    """The parts of a table, as a fit sees them.

    - `parts`: the entries for training, held out, and for the test; without units if there are `units`.
    - `means`: the row and column means of the training entries.
    - `centered`: whether the means are subtracted.
    - `values`: the training values, minus the means if `centered`.
    - `units`: the locations and scales that the parts are without; None if they are as given.
    - `limits`: (least, greatest) prediction in the unit of the given entries, or None.
    """

    parts: Parts
    means: Means
    centered: bool
    values: Float64[np.ndarray, " entries"]
    units: Units | None = None
    limits: Limits | None = None

    @functools.cached_property
    def top(self) -> float:
        """The largest singular value of the matrix of `values`, times weights, with zeros elsewhere."""
        pulls = self.values if self.weights is None else self.weights * self.values
        largest = float(np.abs(pulls).max())
        places = self.training.rows, self.training.columns
        return largest * float(Sparse(pulls / largest, *places, self.training.shape).singular_triplets(1)[1][0])

    @functools.cached_property
    def orders(self) -> tuple[Order, Order]:
        """The places of the training entries, by rows and by columns."""
        return orders_of(self.training.rows, self.training.columns, self.training.shape)

    @functools.cached_property
    def weights(self) -> Float64[np.ndarray, " entries"] | None:
        """The weights of the training entries, over their mean; None if all are 1."""
        given = self.training.weights
        return None if given is None else given / given.mean()

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
    def is_explained(self) -> bool:
        """Whether nothing but rounding is left to complete: a table of zeros, or of its means."""
        largest = float(np.abs(self.training.values).max(initial=0.0))
        return float(np.abs(self.values).max()) <= _NEGLIGIBLE * largest or not self.values.any()

    @property
    def fitted(self) -> Entries:
        """The training entries, as a fit sees them."""
        return self.training.rows, self.training.columns, self.values

    @property
    def held_out(self) -> HeldOut | None:
        """The held-out entries, as a fit of W alone sees them; None if there are none."""
        part = self.parts[1]
        return None if part is None else self._judged(part, _offset(self.means, self.centered, part))

    @property
    def held_out_with_means(self) -> HeldOut | None:
        """The held-out entries, as a fit sees them that has means of its own."""
        part = self.parts[1]
        return None if part is None else self._judged(part, np.zeros(len(part)))

    def _judged(self, part: Triplets, offset: Float64[np.ndarray, " m"]) -> HeldOut:
        places = part.rows, part.columns
        least, most = self.limits or (-np.inf, np.inf)
        location, scale = (self.units.location(*places), self.units.scale(*places)) if self.units else (0.0, 1.0)
        return HeldOut(
            *places,
            values=part.values - offset,
            seen=self.means.seen(*places),
            fixed=self.means.at(*places) - offset,
            least=(least - location) / scale - offset,
            most=(most - location) / scale - offset,
        )

    def with_everything(self) -> "Target":
        """The same for training and held-out entries together, and nothing held out."""
        training, held_out, test = self.parts
        together = training if held_out is None else joined(training, held_out)
        return target_of((together, None, test), center=self.centered, units=self.units, limits=self.limits)


def target_of(parts: Parts, *, center: bool, units: Units | None = None, limits: Limits | None = None) -> Target:
    """Checked parts, without their units, as a target; if `center`, the row and column means are subtracted."""
    training = parts[0]
    means = means_of(training)
    return Target(parts, means, center, training.values - _offset(means, center, training), units, limits)


def with_held_out(plain: Target) -> Target | None:
    """The target with a tenth of its training entries held out, by their ids; None if there are too few."""
    training, _, test = plain.parts
    if len(training) < FEWEST:
        return None
    kept, held_out = hold_out_fraction(training, HELD_OUT_SHARE, seed=0, by_ids=True)
    return target_of((kept, held_out, test), center=False, units=plain.units, limits=plain.limits)


def _offset(means: Means, center: bool, part: Triplets) -> Float64[np.ndarray, " entries"]:
    """The numbers to subtract from the values of a part."""
    return means.at(part.rows, part.columns) if center else np.zeros(part.rows.size)
