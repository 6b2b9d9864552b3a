"""Observables by name, and a user's own functions as observables."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.observable import ALONG_A_RUN, Observable, Variable
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import Theta
from equipoise.observables.balance import balance, matrix_gap
from equipoise.observables.layers import (
    end_to_end_singular_values,
    matrix_difference_entries,
    matrix_differences,
    neuron_differences,
    norm_differences,
    norm_ratios,
    squared_norms,
)
from equipoise.observables.loss import loss, relative_error
from equipoise.observables.motion import gradient, noise, state
from equipoise.observables.sharpness import condition_number, hessian_trace, sharpness
from equipoise.observables.signal import distance, projections, reconstruction_error
from equipoise.observables.spectrum import effective_rank, nuclear_norm, singular_values

AnyObservable = str | Observable | Callable[..., Any]
"""The name of an observable, an observable, or a function of your own; see `resolve`."""

BY_NAME: dict[str, Observable] = {
    observable.name: observable
    for observable in (
        loss,
        relative_error,
        balance,
        matrix_gap(),
        squared_norms,
        norm_ratios,
        norm_differences(),
        neuron_differences(),
        matrix_differences,
        matrix_difference_entries,
        end_to_end_singular_values,
        singular_values,
        nuclear_norm,
        effective_rank,
        distance(),
        projections,
        reconstruction_error,
        sharpness(),
        hessian_trace(),
        condition_number(),
        gradient,
        noise,
        state,
    )
}

RESERVED = ("replicate", "step", "status", "end_step", "rejected_starts")
"""Names of variables that every recorded run has anyway."""


def resolve(given: AnyObservable) -> Observable:
    """The `Observable` for a name, an observable, or a function (problem, theta) -> array or {name: array}.

    A function may have further arguments with these names: `step`, the number of steps taken; `state`, the state of
    the method; `noise`, the perturbation of the next step. Raises `InputError` for an unknown name, for a function
    without a name or with one that a variable cannot have, and for an argument with another name.
    """
    if isinstance(given, Observable):
        return given
    if isinstance(given, str):
        if given not in BY_NAME:
            raise InputError(f"There is no observable {given!r}; use one of {', '.join(BY_NAME)}, or a function.")
        return BY_NAME[given]
    name = getattr(given, "__name__", "<lambda>")
    if not callable(given) or name == "<lambda>":
        raise InputError(
            "An observable is a name or a named function (problem, theta) -> array; a lambda has no name, so use def."
        )
    meaning = (given.__doc__ or "").strip() or name
    described = (Variable(name, meaning.splitlines()[0]),)
    return Observable(name, _Measure(given, _checked_name(name)), described, asks=_asked(given, name))


def _asked(function: Callable[..., Any], name: str) -> tuple[str, ...]:
    """The arguments of a user's function after (problem, theta); raises `InputError` for an unknown one."""
    parameters = list(inspect.signature(function).parameters.values())[2:]
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    unknown = [argument for argument in needed if argument not in ALONG_A_RUN]
    if unknown:
        raise InputError(
            f"The observable {name} has the argument {unknown[0]}, which a run cannot supply; after "
            f"(problem, theta) use only {', '.join(ALONG_A_RUN)}."
        )
    return tuple(p.name for p in parameters if p.name in ALONG_A_RUN)


@dataclasses.dataclass(frozen=True)
class _Measure:
    """A user's function with named results. Two of the same function are equal, so that it is compiled only once."""

    function: Callable[..., Any]
    name: str

    def __call__(self, problem: AbstractProblem, theta: Theta, **along: Any) -> dict[str, Any]:
        values = self.function(problem, theta, **along)
        if isinstance(values, Mapping):
            return {_checked_name(name): value for name, value in values.items()}
        return {self.name: jnp.asarray(values)}


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier() or name in RESERVED:
        raise InputError(f"A variable cannot be called {name!r}; use a Python name other than {', '.join(RESERVED)}.")
    return name


@float64
def evaluate(
    problem: AbstractProblem, theta: Theta, observables: AnyObservable | Sequence[AnyObservable] = ("loss", "balance")
) -> dict[str, Any]:
    """The variables of one or more observables at one θ, as a dictionary of NumPy arrays (of tracers in a trace).

    - `problem`: the problem to observe. Its known optimum is computed if an observable needs it.
    - `theta`: θ, a tuple of arrays in the shapes of the problem.
    - `observables`: a name, an observable, a function as in `resolve`, or several of them; by default the loss and the
      balance.

    Raises `InputError` for other shapes, an unknown observable, and an observable that exists only along a run.
    """
    shapes = tuple(jnp.shape(w) for w in theta)
    if shapes != problem.shapes:
        raise InputError(f"theta has shapes {shapes}, but the problem's are {problem.shapes}.")
    arrays = tuple(jnp.asarray(w, problem.dtype) for w in theta)
    several = (observables,) if isinstance(observables, str) or callable(observables) else observables
    chosen = [resolve(observable) for observable in several]
    if any(o.needs_signal for o in chosen) and isinstance(problem, AbstractFactorization):
        problem = problem.with_signal()
    values = {name: value for o in chosen for name, value in o(problem, arrays).items()}
    return {name: v if isinstance(v, jax.core.Tracer) else np.asarray(v) for name, v in values.items()}
