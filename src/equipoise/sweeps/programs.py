"""Which points run in one compiled program, and how large what they record is."""

import math
from collections.abc import Hashable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from equipoise.core.precision import numerics
from equipoise.results import Case
from equipoise.simulation import Record
from equipoise.simulation.setup import Rules, make_experiment

_BYTES = 8
"""Everything recorded is stored in double precision."""


class Form(NamedTuple):
    """The sizes of what a replicate gives.

    - `recorded`: the numbers of a recording.
    - `kept`: the numbers of θ and of the method's state.
    """

    recorded: int
    kept: int

    def bytes(self, looks: int) -> int:
        """The bytes of a replicate with so many recordings, before they are compressed."""
        return _BYTES * (self.recorded * looks + self.kept + 2)


def signature(case: Case) -> Hashable:
    """What two cases must have in common to run in one program."""
    try:
        hash(case.form)
    except TypeError:  # a setting that cannot be hashed
        return repr(case.form)
    return case.form


def form_of(case: Case, record: Record, stop: Rules = ()) -> Form:
    """The sizes of what a replicate of the case gives, found without running it.

    Raises `InputError` as `equipoise.simulate` does for parts that do not fit together.
    """
    experiment = make_experiment(case.problem, case.dynamics, record, stop, case.init)
    problem, dynamics = experiment.problem, experiment.dynamics

    def look(theta: Any) -> tuple[Any, Any]:
        state = dynamics.init(problem, theta)
        noise = dynamics.perturbation(problem, jax.random.key(0, impl="threefry2x32"), jnp.asarray(0))
        along = {"step": jnp.asarray(0), "state": state, "noise": noise}
        seen = [o(problem, theta, **{name: along[name] for name in o.asks}) for o in experiment.observables]
        return seen, state

    with numerics():
        theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
        seen, state = eqx.filter_eval_shape(look, theta)
    kept = [*theta, *(leaf for leaf in jax.tree.leaves(state) if hasattr(leaf, "shape"))]
    return Form(_numbers(jax.tree.leaves(seen)), _numbers(kept))


def _numbers(leaves: list[Any]) -> int:
    return sum(math.prod(leaf.shape) for leaf in leaves if hasattr(leaf, "shape"))
