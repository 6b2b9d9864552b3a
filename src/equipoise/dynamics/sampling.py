"""Which data points make a batch: three ways to draw them, each at a cost that does not depend on their number.

A shuffle of n points is evaluated at single positions, so none is ever stored. It is the swap-or-not network: in round r
position x becomes K_r − x mod n if a random bit of the pair {x, K_r − x} says so, for a random K_r. The words of a round
come from the shuffle's key by the finalizer of MurmurHash3.

Source: V. T. Hoang, B. Morris and P. Rogaway, An enciphering scheme based on a card shuffle (2012), Figure 1.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, UInt32

from equipoise.core.threefry import folded, words
from equipoise.core.types import AnyArray, Key, StepIndex

SAMPLINGS = ("without replacement", "with replacement", "epochs")
"""The ways to draw a batch."""

Words = UInt32[AnyArray, "..."]

_ROUNDS = 24
"""Each halves what a position, or a pair of positions, still tells about where it came from: 24 leave 6e-8 of it."""
_GOLDEN = 0x9E3779B9


def independent(key: Key, points: int, size: int) -> Int[Array, " size"]:
    """`size` independent uniform points."""
    return _below(words(key, size)[0], points)


def distinct(key: Key, points: int, size: int) -> Int[Array, " size"]:
    """`size` different points: the first positions of a shuffle, or a single uniform point."""
    if size == 1:
        return independent(key, points, 1)
    return shuffled(jax.random.key_data(key), jnp.arange(size, dtype=jnp.uint32), points)


def of_epoch(key: Key, points: int, size: int, step: StepIndex) -> Int[Array, " size"]:
    """The points at the positions of this step, where every n positions are a new shuffle of all n points."""
    position = jnp.asarray(step, jnp.int64) * size + jnp.arange(size)
    # a batch may lie in two epochs, or in more if it is larger than the data
    epoch, place = jnp.divmod(position, points)
    keys = jax.vmap(lambda number: jax.random.key_data(folded(key, number)))(epoch)
    return shuffled(keys.T, place.astype(jnp.uint32), points)


def shuffled(key: Words, places: UInt32[AnyArray, " size"], points: int) -> Int[Array, " size"]:
    """Where the shuffle of these two words puts each of `places`, from 0 to `points` − 1."""
    x, n = jnp.asarray(places), np.uint32(points)
    for number in range(_ROUNDS):
        salt = np.uint32((2 * number + 1) * _GOLDEN & 0xFFFFFFFF)
        first = _mixed(key[0] ^ salt) ^ key[1]
        turn = _below(_mixed(first), points).astype(jnp.uint32)
        other = jnp.where(turn >= x, turn - x, turn + (n - x))
        pair = jnp.maximum(x, other)
        x = jnp.where(_mixed(pair * np.uint32(_GOLDEN) + first) >> 31 == 1, other, x)
    return x.astype(jnp.int32)


def _below(word: Words, points: int) -> Int[Array, "..."]:
    """A word as a number from 0 to `points` − 1, uniform up to points/2³²."""
    return ((jnp.asarray(word).astype(jnp.uint64) * np.uint64(points)) >> np.uint64(32)).astype(jnp.int32)


def _mixed(word: Words) -> Array:
    """All bits of a word mixed (the finalizer of MurmurHash3 by A. Appleby)."""
    x = jnp.asarray(word)
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return x ^ (x >> 16)
