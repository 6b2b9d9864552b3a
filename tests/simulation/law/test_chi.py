"""The length of a normal vector as a function of one normal number."""

import jax
import numpy as np
import pytest
import scipy.special
import scipy.stats

from equipoise.simulation.law import chi

NORMALS = np.concatenate([np.linspace(-8.2, 8.2, 200), [-chi.INNER, chi.INNER, 0.0]])


def lengths(degrees, normals, dtype=np.float64):
    pieces = np.broadcast_to(chi.pieces_of(degrees, 1, dtype), (normals.size, 4, chi.pieces_of(1, 1, dtype).shape[-1]))
    return np.asarray(chi.lengths(jax.numpy.asarray(normals, dtype), pieces))


@pytest.mark.parametrize("degrees", [1, 2, 3, 7, 18, 98, 1000, 10**5])
def test_it_is_the_quantile(double, degrees):
    """Φ(z) is the probability of a smaller length, to the rounding of the length, in both tails."""
    found, law = lengths(degrees, NORMALS), scipy.stats.chi(degrees)
    wanted = scipy.special.ndtr(-np.abs(NORMALS))
    reached = np.where(NORMALS < 0, law.cdf(found), law.sf(found))
    rounding = 3e-14 * max(1.0, found.mean()) * law.pdf(found)
    assert (np.abs(reached - wanted) <= rounding + 1e-12 * wanted).all()


@pytest.mark.parametrize("degrees", [1, 18, 10**6])
def test_single_precision(double, degrees):
    normals = np.linspace(-5.4, 5.4, 100)
    exact = chi.quantiles(degrees, normals)
    np.testing.assert_allclose(lengths(degrees, normals, np.float32), exact, atol=4e-6 * exact.mean())


def test_the_power_series_continues_the_inverse_of_the_incomplete_gamma_function(monkeypatch):
    """Around 4 standard deviations to a few roundings; SciPy itself is accurate there."""
    normals = np.linspace(-4, 4, 50)
    by_inverse = chi.quantiles(chi._MANY, normals)
    monkeypatch.setattr(chi, "_MANY", chi._MANY - 1)
    np.testing.assert_allclose(chi.quantiles(chi._MANY + 1, normals), by_inverse, rtol=2e-15)


def test_a_hundred_million_degrees():
    """Moments of the chi distribution: mean √(n − 1/2) (1 + O(n⁻²)), variance 1/2 − 1/(8n)."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    n = 10**8
    found = chi.quantiles(n, points[np.abs(points) < 9])
    weights = weights[np.abs(points) < 9] / np.sqrt(2 * np.pi)
    beyond = found - np.sqrt(n - 0.5)
    mean = weights @ beyond
    assert abs(mean) < 1e-11
    assert weights @ beyond**2 - mean**2 == pytest.approx(0.5 - 1 / (8 * n), abs=1e-11)
