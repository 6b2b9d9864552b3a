"""Samples of every noise law, drawn as a run draws them, and what a law's moments are in closed form."""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import equipoise as eq
from equipoise.core.stream import noise_key, replicate_key, step_key

SHAPES = ((4, 2), (3, 2))
STEPS = 20_000
ROWS = tuple(np.eye(d) + 0.5 * np.ones((d, d)) for d, _ in SHAPES)
COLUMNS = (np.array([[0.5, 0.2], [0.2, 0.3]]), np.array([[0.4, -0.1], [-0.1, 0.2]]))
STDS = (0.7, 0.2)


class Law(NamedTuple):
    """A law, what takes its samples to independent entries of one distribution, and the covariance of each factor."""

    noise: eq.noise.AbstractNoise
    standardize: Callable[[int, np.ndarray], np.ndarray]
    entries: object
    covariances: tuple[np.ndarray, ...]


def _isotropic(variances):
    return tuple(v * np.eye(d * r) for v, (d, r) in zip(variances, SHAPES, strict=True))


def _scaled(factor, z):
    return z / STDS[factor]


def _whitened(factor, z):
    """By Cholesky factors, not the symmetric roots that the law itself uses."""
    rows, columns = (np.linalg.inv(np.linalg.cholesky(c[factor])) for c in (ROWS, COLUMNS))
    return rows @ z @ columns.T


LAWS = {
    "Gaussian": Law(eq.noise.Gaussian(std=STDS), _scaled, scipy.stats.norm, _isotropic(s**2 for s in STDS)),
    "Uniform": Law(
        eq.noise.Uniform(std=STDS),
        _scaled,
        scipy.stats.uniform(-np.sqrt(3), 2 * np.sqrt(3)),
        _isotropic(s**2 for s in STDS),
    ),
    "StudentT": Law(
        eq.noise.StudentT(scale=STDS, degrees_of_freedom=10),
        _scaled,
        scipy.stats.t(10),
        _isotropic(s**2 * 10 / 8 for s in STDS),
    ),
    "AnisotropicGaussian": Law(
        eq.noise.AnisotropicGaussian(ROWS, COLUMNS),
        _whitened,
        scipy.stats.norm,
        tuple(np.kron(c, k) for c, k in zip(ROWS, COLUMNS, strict=True)),  # of entries row by row
    ),
}


@eqx.filter_jit
def _draw(noise, seed, replicate, steps):
    key = noise_key(replicate_key(seed, replicate))
    return jax.vmap(lambda step: noise.sample(step_key(key, step), step, SHAPES, np.float64))(jnp.arange(steps))


def draw(noise, seed, replicate, steps=STEPS):
    """The perturbations of steps 0 … of one replicate, each factor as (step, row, column)."""
    with eq.numerics():
        return tuple(np.asarray(z) for z in _draw(noise, jnp.asarray(seed), jnp.asarray(replicate), steps))


@pytest.fixture(scope="session", params=LAWS)
def law(request):
    """Each law."""
    return LAWS[request.param]


@pytest.fixture(scope="session")
def samples(law):
    """Its perturbations over the steps of one replicate."""
    return draw(law.noise, seed=20, replicate=3)


@pytest.fixture(scope="session")
def drawn():
    """The function that draws."""
    return draw


@pytest.fixture(scope="session")
def shapes():
    """The shapes of the factors."""
    return SHAPES
