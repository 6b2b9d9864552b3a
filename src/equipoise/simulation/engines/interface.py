"""The base class of engines, which advance a batch of replicates."""

import abc

import equinox as eqx

from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment


class AbstractEngine(eqx.Module):
    """Advances batches of replicates; it knows nothing of starts, observables, stop rules or files.

    All engines give the same paths, up to rounding: each step computes what `one_step` computes.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The name by which the engine is chosen, and which a dataset records."""

    @property
    @abc.abstractmethod
    def is_traced(self) -> bool:
        """Whether `advance` is JAX code; if so, the loop compiles it together with the looks."""

    @abc.abstractmethod
    def refusal(self, experiment: Experiment) -> str:
        """Why the engine cannot run the experiment, as in "the native engine …"; empty if it can."""

    @abc.abstractmethod
    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` more steps, the first of them number `step`; ended replicates do not move."""
