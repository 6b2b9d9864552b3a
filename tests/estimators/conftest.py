import numpy as np
import pytest


def with_values(values, shape, seed=0):
    """A matrix of this shape with the given singular values and random singular vectors."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((d, len(values))))[0] for d in shape)
    return left * np.asarray(values) @ right.T


@pytest.fixture(scope="session")
def matrices():
    """Matrices of 12 x 8, to be factored at rank 3: they share one compiled loop."""
    rng = np.random.default_rng(1)
    return {
        "random": rng.standard_normal((12, 8)),
        "ill-conditioned": with_values(np.logspace(0, -5, 8), (12, 8)),
        "of rank 3": with_values([3.0, 2.0, 0.5], (12, 8)),
        "of rank 2": with_values([3.0, 2.0], (12, 8)),
        "with equal singular values": with_values(np.ones(8), (12, 8)),
        "of small integers": rng.integers(0, 3, (12, 8)),
        "with rows of zeros": np.vstack([rng.standard_normal((3, 8)), np.zeros((9, 8))]),
    }
