"""Normal numbers at a third of the cost, for noise of which one step takes many: two from each pair of words.

One bit of a word is the sign, the others the distance from 0, and the inverse error function is that of single
precision. Numbers are right to 2·10⁻⁶ up to five standard deviations, and the largest is 6.3; the mean is 0, and the
variance is 1 to 10⁻⁶.

Source: M. Giles, Approximating the erfinv function (2010), the program in single precision.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, Float32

from equipoise.core.threefry import Words, is_threefry, words
from equipoise.core.types import Key

_NEAR = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
"""The coefficients of erf⁻¹(x)/x in w − 2.5 with w = −log(1 − x²) < 5, the highest power first."""
_FAR = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)
"""Those in √w − 3 beyond."""
_HALVES = np.uint32(2**31 - 1)


def quick_normal(key: Key, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Independent N(0, 1) numbers; those of `jax.random.normal` for a key of another generator."""
    count = math.prod(shape)
    if not is_threefry(key):
        return jax.random.normal(key, shape, dtype)
    both = jnp.concatenate(words(key, (count + 1) // 2))
    return jnp.asarray(normal_of(both[:count]), dtype).reshape(shape)


def normal_of(word: Words) -> Float32[Array, "..."]:
    """The normal number of each word."""
    away = jnp.asarray(word) >> np.uint32(1)
    x = _share(away)
    rest = _share(_HALVES - away)  # 1 − x, with all its digits
    w = -jnp.log(rest * (2 - rest))
    is_near = w < 5
    at = jnp.where(is_near, w - 2.5, jnp.sqrt(w) - 3)
    ratio = jnp.zeros_like(x)
    for near, far in zip(_NEAR, _FAR, strict=True):
        ratio = ratio * at + jnp.where(is_near, np.float32(near), np.float32(far))
    size = np.float32(math.sqrt(2)) * ratio * x
    return jnp.where(jnp.asarray(word) & np.uint32(1), size, -size)


def _share(number: Array) -> Array:
    """A number of 31 bits as the middle of its place in (0, 1)."""
    return (number.astype(jnp.float32) + np.float32(0.5)) * np.float32(2**-31)
