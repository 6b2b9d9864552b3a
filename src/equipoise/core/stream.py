"""The one counter-based stream of random numbers: those of replicate i at step t depend on (seed, i, t) alone.

Keys are folded, never split in sequence. So no draw depends on the number of replicates, on how they are grouped, or on
where a run was paused and continued. The generator is always Threefry-2x32, whatever JAX's default is (J. Salmon et
al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
"""

import jax

from equipoise.core.types import Key, StepIndex

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
    return jax.random.fold_in(noise, step)
