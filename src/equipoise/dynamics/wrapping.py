"""The random numbers of a method that wraps another: its own, and those it hands on."""

import jax

from equipoise.core.types import Key

_OWN, _INNER = 0, 1


def own_key(key: Key) -> Key:
    """What the wrapping method draws with."""
    return jax.random.fold_in(key, _OWN)


def inner_key(key: Key) -> Key:
    """What it hands on."""
    return jax.random.fold_in(key, _INNER)
