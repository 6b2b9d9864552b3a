"""Observables: named, pure functions of (problem, θ), and of the step, the state or the noise if they ask for them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta

ALONG_A_RUN = ("step", "state", "noise")
"""The arguments that an observable may ask for besides the problem and θ."""


class Variable(NamedTuple):
    """One array that an observable returns: its name, meaning, formula and unit, and the names of its axes."""

    name: str
    meaning: str
    formula: str = ""
    unit: str = "1"
    axes: tuple[str, ...] = ()


class Observable(eqx.Module):
    """A pure function (problem, θ) -> {variable name: array}, with a description of each variable.

    - `name`: its name in messages.
    - `function`: called as function(problem, theta), with the arguments in `asks` by name.
    - `variables`: a description of each variable that the function returns; a variable without a description is
      described by its name.
    - `needs_signal`: whether it needs the problem's known optimum.
    - `asks`: further arguments, which exist only along a run: "step", the number of steps taken; "state", the state of
      the method; "noise", the perturbation of the next step, shaped as θ.
    """

    name: str = eqx.field(static=True)
    function: Callable[..., Mapping[str, Any]]
    variables: tuple[Variable, ...] = eqx.field(static=True)
    needs_signal: bool = eqx.field(static=True, default=False)
    asks: tuple[str, ...] = eqx.field(static=True, default=())

    @float64
    def __call__(self, problem: AbstractProblem, theta: Theta, **along: Any) -> dict[str, Array | AnyArray]:
        """The variables at θ; `along` holds the arguments in `asks`. Raises `InputError` if one of them is missing."""
        missing = [name for name in self.asks if name not in along]
        if missing:
            raise InputError(
                f"The observable {self.name} asks for the {missing[0]}, which exists only along a run; "
                "record the observable in a run."
            )
        return dict(self.function(problem, theta, **{name: along[name] for name in self.asks}))

    def describe(self, name: str, dimensions: int) -> Variable:
        """The description of the variable `name`, with a name for each of its axes (as many as `dimensions`)."""
        known = next((v for v in self.variables if v.name == name), Variable(name, name.replace("_", " ")))
        if len(known.axes) == dimensions:
            return known
        return known._replace(axes=tuple(f"{name}_axis_{i}" for i in range(dimensions)))
