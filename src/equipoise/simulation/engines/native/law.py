"""The engine that is exact in law, in C++: at rank 1, with replicates side by side in vector registers."""

from collections.abc import Sequence

import numpy as np

from equipoise.machine.native import compiled, missing
from equipoise.problems.factored import Factored
from equipoise.problems.measurements import Full
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines.interface import AbstractVisitingEngine, Visits
from equipoise.simulation.engines.native.call import refusal_here, visits_by
from equipoise.simulation.law import INNER, OUTER, ReducedDescent


class NativeLaw(AbstractVisitingEngine):
    """The law engine in C++, which takes its place at rank 1. Its paths are the same up to rounding."""

    @property
    def name(self) -> str:
        """law."""
        return "law"

    def refusal(self, experiment: Experiment) -> str:
        """Why it cannot run the experiment: it was not built, or the factors have more than one column."""
        if not isinstance(experiment.dynamics, ReducedDescent):
            return "runs reduced coordinates alone"
        if experiment.problem.shapes[0][1] != 1:
            return "runs factors of one column alone in C++"
        return missing() or refusal_here()

    def visit(self, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int], room: int) -> Visits:
        """The positions at the looks."""
        module, problem, method = compiled(), experiment.problem, experiment.dynamics
        assert module is not None
        assert isinstance(problem, Factored)
        assert isinstance(problem.measurement, Full)
        assert isinstance(method, ReducedDescent)
        values = np.ascontiguousarray(method.singular_values, problem.dtype)
        nothing = np.empty((0, 1), problem.dtype)
        beyond = [
            np.ascontiguousarray(pieces[0]) if side.beyond and method.noise is not None else nothing
            for pieces, side in zip(method.pieces, method.sides, strict=True)
        ]
        target = values, *beyond, INNER, OUTER
        return visits_by(module.advance_law, target, method.factor, experiment, batch, step, counts, room)
