"""What an engine is: something that advances a batch of replicates."""

import abc

import equinox as eqx

from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment


class AbstractEngine(eqx.Module):
    """Advances batches of replicates, and knows nothing of starts, observables, stop rules or files.

    All engines give the same paths, up to rounding: each step is `one_step`, by whatever means.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The name under which the engine is asked for, and by which a dataset tells what made it."""

    @property
    @abc.abstractmethod
    def is_traced(self) -> bool:
        """Whether `advance` is JAX code; the loop then compiles it together with the looks."""

    @abc.abstractmethod
    def refusal(self, experiment: Experiment) -> str:
        """Why the engine cannot run the experiment, as in "the native engine …"; empty if it can."""

    @abc.abstractmethod
    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` more steps, the first of which is number `step`. Who has ended stands still."""
