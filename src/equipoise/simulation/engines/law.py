"""The engine that is exact in law: XLA in reduced coordinates, at a cost that does not depend on the size of M."""

from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines.interface import AbstractEngine
from equipoise.simulation.engines.xla import XLA
from equipoise.simulation.law import ReducedDescent


def is_law(engine: str | AbstractEngine) -> bool:
    """Whether an engine, or the name of one, is that of reduced coordinates."""
    return (engine if isinstance(engine, str) else engine.name) == Law().name


class Law(AbstractEngine):
    """(Perturbed) gradient descent on a whole matrix in reduced coordinates, with Gaussian noise.

    Its replicates have the law of those of the other engines, but other numbers. `run.theta` holds the coordinates:
    rows on the singular vectors of M, and a triangular factor of what is beside them. Cost and memory do not grow with
    d1 and d2. It is never chosen by itself. At rank 1 the compiled code takes its place where there is one.
    """

    @property
    def name(self) -> str:
        """law."""
        return "law"

    @property
    def is_traced(self) -> bool:
        """True: it is JAX code."""
        return True

    def refusal(self, experiment: Experiment) -> str:
        """Why it cannot run the experiment as it stands; empty if it is in reduced coordinates."""
        if isinstance(experiment.dynamics, ReducedDescent):
            return ""
        return "has other numbers than the other engines, only the same law, so it must be asked for by its name"

    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` steps."""
        return XLA().advance(experiment, batch, step, count)
