"""Matrices to complete: drawn as in the public code of the paper."""

from typing import NamedTuple

import numpy as np

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.arora2019.shared.seeds import Stream


class Completion(NamedTuple):
    """A square matrix of low rank with ‖W‖_F = size, and the places of its known entries."""

    truth: np.ndarray
    rows: np.ndarray
    columns: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The known entries."""
        return self.truth[self.rows, self.columns]

    def least(self, gap: float) -> eq.certified.Certificate:
        """The least nuclear norm of all completions, certified to a relative gap."""
        places = (self.rows, self.columns, self.truth.shape)
        return eq.certified.minimum_nuclear_norm(places, self.values, psd=False, gap=gap, max_seconds=300)


def completion(size: int, rank: int, count: int, seed: int) -> Completion:
    """Products of normal factors, scaled to ‖W‖_F = size; entries uniform, none twice."""
    random = generator(seed, Stream.TRUTH)
    truth = random.standard_normal((size, rank)) @ random.standard_normal((rank, size))
    truth *= size / np.linalg.norm(truth)
    rows, columns = eq.problems.random_entries((size, size), count, seed=seed)
    return Completion(truth, np.asarray(rows), np.asarray(columns))
