"""The chi distribution from a normal number: the length of n independent N(0, 1) numbers by its quantile at Φ(z).

The function z ↦ F⁻¹(Φ(z)), where F is the distribution function of the length, is smooth and nearly a line. So four
polynomials give it to rounding, and one normal number gives one length, without rejection. The compiled code
evaluates the same polynomials.
"""

import functools

import jax.numpy as jnp
import numpy as np
import scipy.fft
import scipy.special
from jaxtyping import Array, DTypeLike, Float
from numpy.polynomial import Polynomial, chebyshev

from equipoise.core.types import AnyArray

INNER, OUTER = 3.125, 8.5
"""The polynomials are for |z| up to INNER, and from there to OUTER; no normal number of 52 bits is larger than 8.3."""
_TERMS = {8: 28, 4: 16}
"""The most terms of a polynomial, by the bytes of a number."""
_NODES = 64
_MANY = 10**5
"""Degrees of freedom beyond which SciPy loses digits, and a power series has them all."""

Pieces = Float[np.ndarray, "4 terms"]
"""Coefficients in 2(|z| − a)/(b − a) − 1, the highest first: for z in [0, INNER], [INNER, OUTER] and the negatives."""


def pieces_of(degrees: int, count: int, dtype: DTypeLike) -> Float[np.ndarray, "count 4 terms"]:
    """The polynomials for n = degrees, degrees − 1, …, which are at least 1."""
    kind = np.dtype(dtype)
    empty = np.empty((0, 4, _TERMS[kind.itemsize]))
    return np.array([_pieces(degrees - i, kind.name) for i in range(count)] or empty, kind)


def lengths(normals: Float[Array, " count"], pieces: Float[AnyArray, "count 4 terms"]) -> Float[Array, " count"]:
    """One length for each normal number, by the polynomials of its own n."""
    size = jnp.abs(normals)
    far = size > INNER
    rows = jnp.asarray(pieces)[jnp.arange(normals.shape[0]), 2 * (normals < 0) + far]
    t = jnp.where(far, (size - INNER) * (2 / (OUTER - INNER)) - 1, size * (2 / INNER) - 1)
    found = rows[:, 0]
    for term in range(1, rows.shape[1]):
        found = found * t + rows[:, term]
    return found


@functools.cache
def _pieces(degrees: int, dtype: str) -> Pieces:
    precision = 2 * float(np.finfo(dtype).eps)
    terms = _TERMS[np.dtype(dtype).itemsize]
    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    pieces = np.zeros((4, terms))
    for i, (begin, end, sign) in enumerate(((0, INNER, 1), (INNER, OUTER, 1), (0, INNER, -1), (INNER, OUTER, -1))):
        values = quantiles(degrees, sign * (begin + (end - begin) * (nodes + 1) / 2))
        series = scipy.fft.dct(values)[:terms] / _NODES
        series[0] /= 2
        powers = chebyshev.cheb2poly(chebyshev.chebtrim(series, precision * np.abs(series).max()))
        pieces[i, terms - powers.size :] = powers[::-1]
    return pieces


def quantiles(degrees: int, normals: Float[np.ndarray, " count"]) -> Float[np.ndarray, " count"]:
    """F⁻¹(Φ(z)) for the length of `degrees` numbers, to rounding."""
    if degrees > _MANY:
        return np.sqrt(degrees - 1) + _beyond_the_mode(degrees)(normals)
    shape, tail = degrees / 2, scipy.special.ndtr(-np.abs(normals))
    low, high = scipy.special.gammaincinv(shape, tail), scipy.special.gammainccinv(shape, tail)
    return np.asarray(np.sqrt(2 * np.where(normals < 0, low, high)))


def _beyond_the_mode(degrees: int, terms: int = 6) -> Polynomial:
    """u(z) = f(z) − m for the quantile f and the mode m = √(n − 1), as a power series for a large n.

    From F(f) = Φ(z) follows f″ = −z f′ + f′² (f² − m²)/f, and with v = u/m

        (1 + v) u″ = −z (1 + v) u′ + u′² u (2 + v).

    u(0) is by the expansion of the median of the gamma distribution (Choi 1994), u′(0) by Stirling's.
    """
    shape, mode = degrees / 2, np.sqrt(degrees - 1)
    shift = 16 / (405 * shape) + 368 / (25515 * shape**2)  # 2 median = n − 2/3 + shift
    median = np.sqrt(degrees - 2 / 3 + shift)
    ratio = (shift - 2 / 3) / degrees
    exponent = -1 / (12 * shape) + 1 / (360 * shape**3) - shape * (ratio - np.log1p(ratio))
    density = np.sqrt(degrees / np.pi) * np.exp(exponent) / median
    u = Polynomial([(1 / 3 + shift) / (median + mode), 1 / np.sqrt(2 * np.pi) / density])
    for k in range(terms - 2):
        whole, first, second = 1 + u / mode, u.deriv(), u.deriv(2)
        rest = first**2 * u * (1 + whole) - Polynomial([0, 1]) * whole * first - whole * second
        u += Polynomial([*[0] * (k + 2), rest.coef[k] / ((k + 1) * (k + 2) * whole.coef[0])])
    return u
