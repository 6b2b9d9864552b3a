"""What the tests of certified minima share: random measurements, and problems whose minimum is known."""

import numpy as np
import pytest


def symmetric_measurements(seed, count, size):
    """Gaussian symmetric A_i, and the generator they came from."""
    random = np.random.default_rng(seed)
    matrices = random.standard_normal((count, size, size))
    return (matrices + matrices.transpose(0, 2, 1)) / 2, random


def measure(matrices, matrix):
    return np.einsum("kij,ij->k", matrices, matrix)


def low_rank(random, size, rank):
    factor = random.standard_normal((size, rank))
    return factor @ factor.T


@pytest.fixture(scope="session")
def recovery():
    """Enough measurements for the planted rank-1 matrix to be the only one of its trace or less."""
    matrices, random = symmetric_measurements(1, 60, 12)
    truth = low_rank(random, 12, 1)
    return matrices, measure(matrices, truth), truth


@pytest.fixture(scope="session")
def scarce():
    """So few measurements that the minimum is far below the planted matrix."""
    matrices, random = symmetric_measurements(2, 8, 12)
    truth = low_rank(random, 12, 2)
    return matrices, measure(matrices, truth), truth


@pytest.fixture(scope="session")
def rectangular():
    """Gaussian measurements of a 6 x 9 matrix of rank 2."""
    random = np.random.default_rng(3)
    matrices = random.standard_normal((30, 6, 9))
    truth = random.standard_normal((6, 2)) @ random.standard_normal((2, 9))
    return matrices, measure(matrices, truth), truth
