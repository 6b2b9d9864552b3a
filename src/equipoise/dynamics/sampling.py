"""Which data points make a batch: three ways to draw them, at a cost that does not depend on how many points there are.

Different points are drawn by Floyd's algorithm. A shuffle of n points is evaluated at single positions, so that none is
ever stored. It is the swap-or-not network: in round r position x becomes K_r − x mod n if a random bit of the pair
{x, K_r − x} says so, for a random K_r. Its words come from the shuffle's key by the finalizer of MurmurHash3.

Sources: J. Bentley and B. Floyd, A sample of brilliance (1987); V. T. Hoang, B. Morris and P. Rogaway, An enciphering
scheme based on a card shuffle (2012), Figure 1.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, UInt32

from equipoise.core.held import held
from equipoise.core.threefry import folded, words
from equipoise.core.types import AnyArray, Key, StepIndex

SAMPLINGS = ("without replacement", "with replacement", "epochs")
"""The ways to draw a batch."""

Words = UInt32[AnyArray, "..."]

_ROUNDS = 24
"""Each halves what a position, or a pair of positions, still tells about where it came from: 24 leave 6e-8 of it."""
_GOLDEN = np.uint32(0x9E3779B9)
_MOST_COMPARED = 128
"""The size up to which comparing each point with those before is faster than a shuffle."""


def independent(key: Key, points: int, size: int, step: StepIndex) -> Int[Array, " size"]:
    """`size` independent uniform points."""
    return held(_below(words(key, size)[0], points), step)


def distinct(key: Key, points: int, size: int, step: StepIndex) -> Int[Array, " size"]:
    """`size` different points, each set of them with the same probability."""
    if size == 1:
        return independent(key, points, 1, step)
    if size > _MOST_COMPARED:
        places = jnp.arange(size, dtype=jnp.uint32)
        return held(shuffled(jax.random.key_data(key)[None], places, jnp.zeros(size, bool), points, step), step)
    number = jnp.arange(size)
    last = points - size + number
    candidate = held(_below(words(key, size)[0], last + 1), step)
    # Floyd takes `last` where the candidate is taken: it is an earlier one, or the `last` of a step that took it. The
    # steps that this leads back to are followed in jumps of 1, 2, 4, …
    taken = jnp.any((candidate[:, None] == candidate) & (number[:, None] > number), axis=1)
    place = candidate - (points - size)
    leads = jnp.where((place >= 0) & (place < number), place, number)
    for _ in range((size - 1).bit_length()):
        taken, leads = taken | taken[leads], leads[leads]
    return held(jnp.where(taken, last, candidate).astype(jnp.int32), step)


def of_epoch(key: Key, points: int, size: int, step: StepIndex) -> Int[Array, " size"]:
    """The points at the positions of this step, where every n positions are a new shuffle of all n points."""
    first, begin = jnp.divmod(jnp.asarray(step, jnp.int64) * size, points)
    place = begin + jnp.arange(size)
    late = place >= points  # a batch is at most as large as the data, so it lies in two epochs at most
    epochs = (0,) if points % size == 0 else (0, 1)
    keys = jnp.stack([jax.random.key_data(folded(key, first + number)) for number in epochs])
    places = jnp.where(late, place - points, place).astype(jnp.uint32)
    return held(shuffled(keys, places, late, points, step), step)


def shuffled(
    keys: UInt32[AnyArray, "shuffles 2"],
    places: UInt32[AnyArray, " size"],
    late: Bool[AnyArray, " size"],
    points: int,
    step: StepIndex,
) -> Int[Array, " size"]:
    """Where a shuffle puts each of `places`, from 0 to `points` − 1: the first, or the second where `late`."""
    x, n = jnp.asarray(places), np.uint32(points)
    odd = jnp.arange(1, 2 * _ROUNDS, 2, dtype=jnp.uint32) * _GOLDEN
    salts = _mixed(keys[:, :1] ^ odd) ^ keys[:, 1:]
    salts, turns = held((salts, _about_below(salts * _GOLDEN, points)), step)
    for number in range(_ROUNDS):
        salt, turn = (jnp.where(late, both[-1, number], both[0, number]) for both in (salts, turns))
        facing = jnp.where(turn >= x, turn - x, turn + (n - x))
        pair = jnp.maximum(x, facing)
        x = jnp.where(_mixed(pair * _GOLDEN + salt) >> 31 == 1, facing, x)
    return x.astype(jnp.int32)


def _below(word: Words, points: Array | int) -> Int[Array, "..."]:
    """A word as a number from 0 to `points` − 1, uniform up to points/2³²."""
    count = jnp.asarray(points).astype(jnp.uint64)
    return ((jnp.asarray(word).astype(jnp.uint64) * count) >> np.uint64(32)).astype(jnp.int32)


def _about_below(word: Words, points: int) -> Array:
    """A word as a number from 0 to `points` − 1, nearly uniform: that suffices for K_r and is faster."""
    if points <= 2**16:
        return (jnp.asarray(word) >> 16) * np.uint32(points) >> 16
    return _below(word, points).astype(jnp.uint32)


def _mixed(word: Words) -> Array:
    """All bits of a word mixed (the finalizer of MurmurHash3 by A. Appleby)."""
    x = jnp.asarray(word)
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return x ^ (x >> 16)
