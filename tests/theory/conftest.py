"""What the tests of the closed forms share: laws of noise, and objectives seen through every sign pattern."""

import numpy as np
import pytest

import equipoise as eq

SHAPE, RANK = (3, 2), 2


def covariance(size, seed):
    """A positive definite matrix without structure."""
    half = np.random.default_rng(seed).standard_normal((size, size))
    return 0.05 * (half @ half.T + 0.2 * np.eye(size))


@pytest.fixture(scope="session")
def anisotropic():
    """Gaussian noise with row and column covariances that share no axes, for factors 3 x 2 and 2 x 2."""
    rows = tuple(covariance(d, seed) for d, seed in zip(SHAPE, (1, 2), strict=True))
    return eq.noise.AnisotropicGaussian(rows, tuple(covariance(RANK, seed) for seed in (3, 4)))


@pytest.fixture(scope="session")
def small_problem():
    """A 3 x 2 matrix of full rank and two columns, without the customary ½."""
    matrix = np.random.default_rng(11).standard_normal(SHAPE)
    return eq.problems.factorization(matrix, rank=RANK, scale=0.8)


@pytest.fixture(scope="session")
def point():
    """Some θ for it."""
    random = np.random.default_rng(12)
    return tuple(random.standard_normal((d, RANK)) for d in SHAPE)
