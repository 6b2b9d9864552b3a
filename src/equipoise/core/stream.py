"""The one counter-based stream: replicate i at step t depends on (seed, i, t) alone.

Keys are folded, never split in sequence, so that neither the number of replicates nor the way they are grouped, nor
where a run is cut and taken up again, changes a single draw. The generator is Threefry-2x32 by name, whatever JAX's
default is set to (J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
"""

import jax

from equipoise.core.types import Key, StepIndex

_INITIAL, _NOISE = 0, 1


def replicate_key(seed: StepIndex, replicate: StepIndex) -> Key:
    """The key of one replicate of the ensemble with this seed."""
    return jax.random.fold_in(jax.random.key(seed, impl="threefry2x32"), replicate)


def initial_key(replicate: Key) -> Key:
    """The key that a replicate's start is drawn with."""
    return jax.random.fold_in(replicate, _INITIAL)


def noise_key(replicate: Key) -> Key:
    """The key from which a replicate's steps take theirs."""
    return jax.random.fold_in(replicate, _NOISE)


def step_key(noise: Key, step: StepIndex) -> Key:
    """The key of one step, from the replicate's `noise_key`."""
    return jax.random.fold_in(noise, step)
