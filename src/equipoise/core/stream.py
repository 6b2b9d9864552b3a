"""The one counter-based stream of random numbers: those of replicate i at step t depend on (seed, i, t) alone.

Keys are folded, never split in sequence. So no draw depends on the number of replicates, on how they are grouped, or on
where a run was paused and continued. The generator is always Threefry-2x32, whatever JAX's default is (J. Salmon et
al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree
from jaxtyping import Key as KeyOf

from equipoise.core.threefry import folded
from equipoise.core.types import AnyArray, Key, StepIndex

_INITIAL, _NOISE = 0, 1


def replicate_key(seed: StepIndex, replicate: StepIndex) -> Key:
    """The key of one replicate of the ensemble with this seed."""
    return jax.random.fold_in(jax.random.key(seed, impl="threefry2x32"), replicate)


def initial_key(replicate: Key) -> Key:
    """The key with which a replicate's start is drawn."""
    return jax.random.fold_in(replicate, _INITIAL)


def noise_key(replicate: Key) -> Key:
    """The key from which the keys of a replicate's steps are folded."""
    return jax.random.fold_in(replicate, _NOISE)


def step_key(noise: Key, step: StepIndex) -> Key:
    """The key of one step, from the replicate's `noise_key`."""
    return folded(noise, step)


def with_own_keys(state: PyTree[Any], noise: KeyOf[Array, " replicates"]) -> PyTree[Any]:
    """The state of a method with every random key in it folded with the replicate's `noise_key`.

    A method that keeps a key in its state, as those of optax do, so draws other numbers in each replicate, which depend
    on its own key and on (seed, replicate). Arrays of two or four words of 32 bits count as keys of the old form.
    """
    words = jax.random.key_data(noise)

    def own(leaf: AnyArray) -> AnyArray:
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            return _folded_with(jnp.asarray(leaf), words)
        if leaf.dtype == jnp.uint32 and leaf.shape[1:] in _OLD_KEYS:
            keys = jax.random.wrap_key_data(jnp.asarray(leaf), impl=_OLD_KEYS[leaf.shape[1:]])
            return jax.random.key_data(_folded_with(keys, words))
        return leaf

    return jax.tree.map(own, state)


_OLD_KEYS: dict[tuple[int, ...], str] = {(2,): "threefry2x32", (4,): "rbg"}


def _folded_with(keys: KeyOf[Array, "replicates ..."], words: Array) -> KeyOf[Array, "replicates ..."]:
    """Each key, or each array of keys, of a replicate folded with the two words of that replicate."""

    def fold(key: Key, pair: Array) -> Key:
        return jax.random.fold_in(jax.random.fold_in(key, pair[0]), pair[1])

    for _ in range(keys.ndim - 1):
        fold = jax.vmap(fold, in_axes=(0, None))
    return jax.vmap(fold)(keys, words)
