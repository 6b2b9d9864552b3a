"""One step of one replicate, which every engine computes in its own way."""

from equipoise.core.stream import step_key
from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment, experiment_of
from equipoise.simulation.ending import after_step


def one_step(experiment: Experiment, at: Batch, step: StepIndex) -> Batch:
    """One replicate (a `Batch` without the leading axis) after step number `step`; it does not move if it has ended.

    Its random numbers depend on (seed, replicate, step) alone.
    """
    key = step_key(at.noise_key, step)
    experiment = experiment_of(experiment, at)
    theta, state = experiment.dynamics.step(experiment.problem, at.theta, at.state, key, step)
    return after_step(at, theta, state, step)
