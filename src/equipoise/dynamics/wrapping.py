"""The random keys of a method that wraps another: one for its own draws, one for the other method."""

import jax

from equipoise.core.types import Key

_OWN, _INNER = 0, 1


def own_key(key: Key) -> Key:
    """The key for the draws of the wrapping method."""
    return jax.random.fold_in(key, _OWN)


def inner_key(key: Key) -> Key:
    """The key for the wrapped method."""
    return jax.random.fold_in(key, _INNER)
