"""The engine on JAX: vmap vectorizes over replicates, and XLA compiles the steps into one loop."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines.interface import AbstractEngine
from equipoise.simulation.step import one_step


class XLA(AbstractEngine):
    """The engine that runs every experiment, on the device that JAX computes on."""

    @property
    def name(self) -> str:
        """xla."""
        return "xla"

    @property
    def is_traced(self) -> bool:
        """True: it is JAX code."""
        return True

    def refusal(self, experiment: Experiment) -> str:
        """Empty: it can run every experiment."""
        return ""

    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` steps; another `count` does not compile again, since it is an argument."""

        def alone(at: Batch) -> Batch:
            return jax.lax.fori_loop(0, count, lambda i, now: one_step(experiment, now, step + i), at)

        return _together(alone, batch)


def _together(function: Callable[[Batch], Batch], batch: Batch) -> Batch:
    """`function` of all replicates at once; for a single one in float32, without the axis of replicates.

    With that axis XLA copies matrices before it multiplies them, which takes a tenth of the time of a network. In
    float64 the copies pay off: without them a product with a transposed matrix takes 2.5 times as long on a CPU (jaxlib
    0.10).
    """
    if batch.status.size == 1 and batch.theta[0].dtype == jnp.float32:
        alone = function(jax.tree.map(lambda array: array[0], batch))
        return jax.tree.map(lambda array: array[None], alone)
    return jax.vmap(function)(batch)
