"""The engine in C++: full factorizations, with replicates side by side in vector registers, and completions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.core.problem import AbstractProblem
from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.machine.native import compiled, missing
from equipoise.noise import Gaussian
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense, LowRank, Sparse
from equipoise.problems.measurements import Full, LinearMap
from equipoise.problems.operators import Entries
from equipoise.problems.parametrizations import Asymmetric
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines.interface import AbstractVisitingEngine, Visits
from equipoise.simulation.engines.native.call import refusal_here, visits_by
from equipoise.simulation.engines.native.entries import are_inside, entries_of
from equipoise.simulation.engines.native.latest import Latest
from equipoise.simulation.engines.native.numbers import law_of
from equipoise.simulation.engines.native.rows import Stages, stages_of

MOST_OF_DENSE, MOST_OF_OTHERS = 2**12, 2**17
"""Beyond so many parameters, (d1 + d2) rank, XLA is faster for a dense M, and needs less memory for others."""
MOST_COLUMNS = 2048
"""The most columns of the factors of a completion, which in any precision and build take at most 1024 vectors."""
FEW_COLUMNS, LARGE_SHARE = 40, 0.5
"""Above both, forming the product is faster than visiting each entry (benchmarks/completion.py)."""
_MOST_NUMBERS = 2**32
"""The most random numbers of a step that a counter of 32 bits tells apart."""


class Native(AbstractVisitingEngine):
    """The engine in C++. It draws the same numbers as XLA, and its paths are the same up to rounding.

    It runs gradient descent, and Perturbed GD with Gaussian noise, on a full factorization and on XYᵀ observed at some
    entries.
    """

    @property
    def name(self) -> str:
        """native."""
        return "native"

    def refusal(self, experiment: Experiment) -> str:
        """Why it cannot run the experiment: it was not built, or the problem or the method is another."""
        return missing() or _refusal_of(experiment) or refusal_here()

    def visit(self, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int], room: int) -> Visits:
        """The positions at the looks; Ctrl-C is answered within a tenth of a second."""
        advance, target, scale = _target_of(experiment.problem)
        return visits_by(advance, target, 2.0 * scale, experiment, batch, step, counts, room)


def is_slower_than_xla(experiment: Experiment) -> bool:
    """Whether XLA, which forms products of whole matrices, is known to be faster or to need less memory."""
    problem = experiment.problem
    assert isinstance(problem, Factored)
    measurement = problem.measurement
    if isinstance(measurement, Full):
        most = MOST_OF_DENSE if isinstance(measurement.target, Dense) else MOST_OF_OTHERS
        return _parameters(problem) > most
    assert isinstance(measurement, LinearMap)
    (d1, width), (d2, _) = problem.shapes
    return width > FEW_COLUMNS and measurement.points > LARGE_SHARE * d1 * d2


def _parameters(problem: Factored) -> int:
    return sum(int(np.prod(shape)) for shape in problem.shapes)


def _refusal_of(experiment: Experiment) -> str:
    problem, method = experiment.problem, experiment.dynamics
    if not (isinstance(problem, Factored) and (_is_full(problem) or _is_completion(problem))):
        return "runs factorizations XYᵀ alone, of a whole matrix or of some entries"
    if type(method) not in (GradientDescent, PerturbedGD):
        return f"runs GradientDescent and PerturbedGD alone, not {type(method).__name__}"
    if isinstance(method, PerturbedGD) and type(law_of(method)) is not Gaussian:
        return f"draws isotropic Gaussian noise alone, not {type(law_of(method)).__name__}"
    return _refusal_of_size(problem)


def _refusal_of_size(problem: Factored) -> str:
    if _parameters(problem) >= _MOST_NUMBERS:
        return f"runs problems of fewer than 2³² parameters, and this one has {_parameters(problem)}"
    if _is_full(problem):
        return ""
    width = problem.shapes[0][1]
    if width > MOST_COLUMNS:
        return f"runs completions by factors of at most {MOST_COLUMNS} columns, and these have {width}"
    assert isinstance(problem.measurement, LinearMap)
    return "" if are_inside(problem.measurement) else "needs entries within the matrix, counted from 0"


def _is_full(problem: Factored) -> bool:
    """Whether it is XYᵀ compared with a whole matrix."""
    if not (isinstance(problem.parametrization, Asymmetric) and isinstance(problem.measurement, Full)):
        return False
    return isinstance(problem.measurement.target, Dense | LowRank | Sparse)


def _is_completion(problem: Factored) -> bool:
    """Whether it is XYᵀ compared with some entries."""
    if not (isinstance(problem.parametrization, Asymmetric) and isinstance(problem.measurement, LinearMap)):
        return False
    operator = problem.measurement.operator
    return isinstance(operator, Entries) and not operator.symmetric


def _target_of(problem: AbstractProblem) -> tuple[Any, tuple[Any, ...], float]:
    """The compiled function, M as it reads it, and the factor in front of the squared norm."""
    module = compiled()
    assert module is not None
    assert isinstance(problem, Factored)
    measurement, dtype = problem.measurement, problem.dtype
    if isinstance(measurement, Full):
        target = measurement.target
        stages = _STAGES.of((target,), lambda: stages_of(target, dtype))
        return module.advance, (stages.forward, stages.backward), measurement.scale
    assert isinstance(measurement, LinearMap)
    entries = _ENTRIES.of((measurement.operator, measurement.data), lambda: entries_of(measurement, dtype))
    return module.complete, (entries,), measurement.scale


_STAGES: Latest[Stages] = Latest()
_ENTRIES: Latest[Any] = Latest()
