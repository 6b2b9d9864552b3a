"""Threefry-2x32 written out, so that XLA draws in one loop with what uses the numbers.

The words are those of `jax.random` with its partitionable stream, to the last bit; the normal numbers are the same up
to rounding. On a CPU JAX rolls the rounds into a loop of its own, which costs ten times as long for the few numbers of
one step.

Source: J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011), Section 4 and its reference code.
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, UInt32

from equipoise.core.types import AnyArray, Key, StepIndex

Words = UInt32[AnyArray, "..."]

_ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)
_PARITY = np.uint32(0x1BD11BDA)
_ROUNDS = 20


@functools.partial(jax.jit, inline=True)  # one call where nothing is compiled, and part of what is
def encrypted(key: tuple[Words, Words], counter: tuple[Words, Words]) -> tuple[Words, Words]:
    """T(key, counter): two words for each pair of words of the counter."""
    schedule = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    x, y = counter[0] + schedule[0], counter[1] + schedule[1]
    for number in range(_ROUNDS):
        x = x + y
        turn = np.uint32(_ROTATIONS[number // 4 % 2][number % 4])
        y = x ^ ((y << turn) | (y >> np.uint32(32 - turn)))
        if number % 4 == 3:
            block = number // 4 + 1
            x, y = x + schedule[block % 3], y + schedule[(block + 1) % 3] + np.uint32(block)
    return x, y


def is_threefry(key: Key) -> bool:
    """Whether a key is one of this generator."""
    return str(jax.random.key_impl(key)) == "threefry2x32"


def folded(key: Key, number: StepIndex) -> Key:
    """`jax.random.fold_in(key, number)`."""
    if not is_threefry(key):
        return jax.random.fold_in(key, number)
    zero, low = jnp.zeros((), jnp.uint32), jnp.asarray(number).astype(jnp.uint32)
    return jax.random.wrap_key_data(jnp.stack(encrypted(_pair(key), (zero, low))), impl="threefry2x32")


def words(key: Key, count: int) -> tuple[Words, Words]:
    """The two random words of the numbers 0, 1, …, count − 1."""
    low = jnp.arange(count, dtype=jnp.uint32)
    return encrypted(_pair(key), (jnp.zeros_like(low), low))


def normal(key: Key, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """`jax.random.normal(key, shape, dtype)`, up to rounding."""
    kind, count = np.dtype(dtype), math.prod(shape)
    if not is_threefry(key) or kind not in _BITS or count >= 2**32:
        return jax.random.normal(key, shape, kind)
    high, low = words(key, count)
    return _normal_of(high, low, kind).reshape(shape)


@functools.partial(jax.jit, static_argnums=2, inline=True)
def _normal_of(high: Words, low: Words, kind: np.dtype) -> Array:
    """The normal numbers of these words, by the inverse of the error function."""
    bits = _joined(high, low) if kind == np.float64 else high ^ low
    fraction, exponent = _BITS[kind]
    unsigned = bits.dtype.type
    one_to_two = (bits >> unsigned(8 * kind.itemsize - fraction)) | unsigned(exponent)
    least = np.nextafter(np.array(-1, kind), np.array(0, kind))
    u = jnp.maximum((jax.lax.bitcast_convert_type(one_to_two, kind) - kind.type(1)) * (1 - least) + least, least)
    return kind.type(np.sqrt(2)) * jax.lax.erf_inv(u)


_BITS = {np.dtype(np.float64): (52, 0x3FF << 52), np.dtype(np.float32): (23, 0x7F << 23)}
"""The bits of a fraction, and those of the number 1, for each precision."""


def _pair(key: Key) -> tuple[Words, Words]:
    data = jax.random.key_data(key)
    return data[0], data[1]


def _joined(high: Words, low: Words) -> Array:
    return (jnp.asarray(high).astype(jnp.uint64) << np.uint64(32)) | jnp.asarray(low).astype(jnp.uint64)
