"""What an observable is: a named, pure function of (problem, θ), and of the state or the noise if it asks for them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta

ALONG_A_RUN = ("step", "state", "noise")
"""What an observable may ask for beside the problem and θ."""


class Variable(NamedTuple):
    """One array that an observable gives: its name, what it is, its formula, its unit, and the names of its axes."""

    name: str
    meaning: str
    formula: str = ""
    unit: str = "1"
    axes: tuple[str, ...] = ()


class Observable(eqx.Module):
    """A pure function (problem, θ) -> {variable name: array}, with a description of each variable.

    - `name`: what it is called in messages.
    - `function`: called as function(problem, theta), with what it asks for as further arguments by name.
    - `variables`: a description of each variable that the function gives; one without is described by its name.
    - `needs_signal`: whether it asks for the problem's known optimum.
    - `asks`: what it asks for beside θ, and what exists along a run only: "step", the number of steps taken; "state",
      what the method carries from step to step; "noise", the perturbation of the step that follows, shaped as θ.
    """

    name: str = eqx.field(static=True)
    function: Callable[..., Mapping[str, Any]]
    variables: tuple[Variable, ...] = eqx.field(static=True)
    needs_signal: bool = eqx.field(static=True, default=False)
    asks: tuple[str, ...] = eqx.field(static=True, default=())

    @float64
    def __call__(self, problem: AbstractProblem, theta: Theta, **along: Any) -> dict[str, Array | AnyArray]:
        """The variables at θ; `along` holds what is asked for. Raises `InputError` where some of it is missing."""
        missing = [name for name in self.asks if name not in along]
        if missing:
            raise InputError(
                f"The observable {self.name} asks for the {missing[0]}, which a point alone does not have; "
                "record it along a run."
            )
        return dict(self.function(problem, theta, **{name: along[name] for name in self.asks}))

    def describe(self, name: str, dimensions: int) -> Variable:
        """The description of the variable `name`, which has so many dimensions, with a name for each of its axes."""
        known = next((v for v in self.variables if v.name == name), Variable(name, name.replace("_", " ")))
        if len(known.axes) == dimensions:
            return known
        return known._replace(axes=tuple(f"{name}_axis_{i}" for i in range(dimensions)))
