"""A table of ratings of low rank, half known, that the tests of the estimators share."""

from typing import NamedTuple

import numpy as np
import pytest

import equipoise as eq


class Table(NamedTuple):
    """A matrix of whole numbers from 1 to 5, and which of its entries are known."""

    whole: np.ndarray
    known: np.ndarray

    @property
    def missing(self):
        """The matrix with NaN where it is not known."""
        return np.where(self.known, self.whole, np.nan)

    def triplets(self, known=True):
        """(user, item, rating) of the entries that are known, or that are not; ids are 100 + row and 7 + column."""
        rows, columns = np.nonzero(self.known == known)
        return np.column_stack([rows + 100, columns + 7, self.whole[rows, columns]])


@pytest.fixture(scope="session")
def table():
    rng = np.random.default_rng(0)
    shape = (30, 20)
    low_rank = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 20))
    whole = np.clip(np.round(3 + 0.5 * rng.standard_normal(20) + low_rank), 1, 5)
    return Table(whole, rng.random(shape) < 0.6)


@pytest.fixture(scope="session")
def rated(table):
    """Fitted to the known ratings."""
    return eq.estimators.RatingsFactorization().fit(table.triplets())
