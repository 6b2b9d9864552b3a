"""What an observable is: a named, pure function of (problem, θ)."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array

from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta


class Variable(NamedTuple):
    """One array that an observable gives: its name, what it is, its formula, its unit, and the names of its axes."""

    name: str
    meaning: str
    formula: str = ""
    unit: str = "1"
    axes: tuple[str, ...] = ()


class Observable(eqx.Module):
    """A pure function (problem, θ) -> {variable name: array}, with a description of each variable.

    `needs_signal` says that it asks for the problem's known optimum.
    """

    name: str = eqx.field(static=True)
    function: Callable[[AbstractProblem, Theta], Mapping[str, Any]]
    variables: tuple[Variable, ...] = eqx.field(static=True)
    needs_signal: bool = eqx.field(static=True, default=False)

    @float64
    def __call__(self, problem: AbstractProblem, theta: Theta) -> dict[str, Array | AnyArray]:
        """The variables at θ."""
        return dict(self.function(problem, theta))
