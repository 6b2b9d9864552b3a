"""Greedy low-rank learning: it recovers what is seen in full, and stops as soon as the data is fitted."""

import numpy as np
import pytest

from equipoise.papers.gunasekar2017.shared.greedy import greedy_limit
from equipoise.papers.gunasekar2017.shared.phases import EXAMPLES, entries_of

ENTRIES = [(i, j) for i in range(3) for j in range(i + 1)]


def _seen(target):
    matrices = np.zeros((len(ENTRIES), 3, 3))
    for matrix, (i, j) in zip(matrices, ENTRIES, strict=True):
        matrix[i, j] += 0.5
        matrix[j, i] += 0.5
    return matrices, np.einsum("mij,ij->m", matrices, target)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_matrix_seen_in_full_is_found(rank):
    factor = np.random.default_rng(3).standard_normal((3, rank))
    target = factor @ factor.T
    found = greedy_limit(*_seen(target))
    np.testing.assert_allclose(found, target, atol=1e-5)
    assert np.linalg.matrix_rank(found, tol=1e-3) == rank


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_small_completions_take_two_columns(name):
    matrices, data = entries_of(EXAMPLES[name])
    found = greedy_limit(matrices, data)
    np.testing.assert_allclose(np.einsum("mij,ij->m", matrices, found), data, atol=1e-6)
    assert np.linalg.matrix_rank(found, tol=1e-6) == 2
