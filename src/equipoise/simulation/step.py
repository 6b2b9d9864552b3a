"""One step of one replicate: what every engine computes, by whatever means."""

from equipoise.core.stream import step_key
from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import after_step


def one_step(experiment: Experiment, at: Batch, step: StepIndex) -> Batch:
    """One replicate (a `Batch` without the leading axis) after step number `step`; it stands still once it has ended.

    Its random numbers come from the key of the stream for (seed, replicate, step) alone.
    """
    key = step_key(at.noise_key, step)
    theta, state = experiment.dynamics.step(experiment.problem, at.theta, at.state, key, step)
    return after_step(at, theta, state, step)
