"""The engine in C++ for full factorizations, which advances several replicates side by side in each vector register."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.machine.native import asked_build, compiled, missing, threads
from equipoise.noise import Gaussian
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense, LowRank, Sparse
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import Asymmetric
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING, largest_size
from equipoise.simulation.engines.interface import AbstractVisitingEngine, Visits
from equipoise.simulation.engines.native.numbers import law_of, numbers_of
from equipoise.simulation.engines.native.rows import Stages, stages_of

MOST_PARAMETERS = 4096
"""The largest number of parameters, (d1 + d2) rank; those of a pack of replicates then lie in the processor's cache."""


class Native(AbstractVisitingEngine):
    """The engine in C++. It draws the same numbers as XLA, and its paths are the same up to rounding.

    It runs gradient descent, and Perturbed GD with Gaussian noise, on a full factorization of at most 4096 parameters.
    """

    @property
    def name(self) -> str:
        """native."""
        return "native"

    def refusal(self, experiment: Experiment) -> str:
        """Why it cannot run the experiment: it was not built, or the problem or the method is another."""
        return missing() or _refusal_of(experiment) or _refusal_here()

    def visit(self, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int], room: int) -> Visits:
        """The positions at the looks; Ctrl-C is answered within a tenth of a second."""
        module, problem = compiled(), experiment.problem
        assert module is not None
        assert isinstance(problem, Factored)
        assert isinstance(problem.measurement, Full)
        theta = tuple(np.array(w, problem.dtype, order="C") for w in batch.theta)
        seen = tuple(np.zeros((room, *w.shape), w.dtype) for w in theta)
        visits = np.cumsum(counts, dtype=np.int64)
        lost_after = np.where(np.asarray(batch.status) == RUNNING, -1, 0).astype(np.int64)
        stages = _STAGES.of(problem)
        numbers = numbers_of(experiment, batch, step, int(visits[-1]))
        module.advance(
            *theta,
            np.ascontiguousarray(jax.random.key_data(batch.noise_key), np.uint32),
            lost_after,
            *seen,
            visits,
            stages.forward,
            stages.backward,
            *numbers,
            2.0 * problem.measurement.scale,
            largest_size(problem.dtype),
            step,
            threads(),
            asked_build(),
        )
        return Visits(seen, theta, lost_after)


def _refusal_of(experiment: Experiment) -> str:
    problem, method = experiment.problem, experiment.dynamics
    is_full = (
        isinstance(problem, Factored)
        and isinstance(problem.parametrization, Asymmetric)
        and isinstance(problem.measurement, Full)
        and isinstance(problem.measurement.target, Dense | LowRank | Sparse)
    )
    if not is_full:
        return "runs factorizations XYᵀ of a whole matrix alone"
    if type(method) not in (GradientDescent, PerturbedGD):
        return f"runs GradientDescent and PerturbedGD alone, not {type(method).__name__}"
    if isinstance(method, PerturbedGD) and type(law_of(method)) is not Gaussian:
        return f"draws isotropic Gaussian noise alone, not {type(law_of(method)).__name__}"
    parameters = sum(int(np.prod(shape)) for shape in problem.shapes)
    if parameters > MOST_PARAMETERS:
        return f"runs problems of at most {MOST_PARAMETERS} parameters, and this one has {parameters}"
    return ""


def _refusal_here() -> str:
    platform = jax.default_backend()
    return "" if platform == "cpu" else f"computes on the CPU, but JAX computes on the {platform} here"


class _LatestStages:
    """The stages of the problem that was asked for last, since a run asks for the same one at each call."""

    def __init__(self) -> None:
        self._known: tuple[Any, Stages] | None = None

    def of(self, problem: Factored) -> Stages:
        """The stages of the problem's target."""
        measurement = problem.measurement
        assert isinstance(measurement, Full)
        known = self._known  # read once, since another thread may replace it
        if known is None or known[0] is not measurement.target:
            known = self._known = measurement.target, stages_of(measurement.target, problem.dtype)
        return known[1]


_STAGES = _LatestStages()
