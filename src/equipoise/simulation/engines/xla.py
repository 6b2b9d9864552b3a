"""The engine on JAX: replicates vectorized by vmap, steps compiled into one loop by XLA."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines.interface import AbstractEngine
from equipoise.simulation.step import one_step


class XLA(AbstractEngine):
    """Runs every experiment, on whatever device JAX computes on."""

    @property
    def name(self) -> str:
        """xla."""
        return "xla"

    @property
    def is_traced(self) -> bool:
        """It is JAX code."""
        return True

    def refusal(self, experiment: Experiment) -> str:
        """Nothing is refused."""
        return ""

    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """One loop for any `count`, which is an argument of the compiled program and not part of it."""

        def alone(at: Batch) -> Batch:
            return jax.lax.fori_loop(0, count, lambda i, now: one_step(experiment, now, step + i), at)

        return _together(alone, batch)


def _together(function: Callable[[Batch], Batch], batch: Batch) -> Batch:
    """`function` of all replicates at once; of a lone one in float32 without the axis of replicates.

    With that axis XLA copies matrices before it multiplies them, which takes a network a tenth of its time. In float64
    the copies are worth it: the product with a transposed matrix takes XLA on a CPU 2.5 times as long (jaxlib 0.10).
    """
    if batch.status.size == 1 and batch.theta[0].dtype == jnp.float32:
        alone = function(jax.tree.map(lambda array: array[0], batch))
        return jax.tree.map(lambda array: array[None], alone)
    return jax.vmap(function)(batch)
