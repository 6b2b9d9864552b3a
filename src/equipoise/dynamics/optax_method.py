"""Any optimizer of optax as a method."""

from collections.abc import Callable
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.messages import reason
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.optax_checks import draws_from_fixed_keys


class Optax(AbstractDynamics):
    """θ ← θ + the update of an optax optimizer: momentum, Nesterov, RMSProp, Adam, …, with its schedules.

    - `optimizer`: an optax optimizer such as `optax.adam(1e-3)`. With a `step_size`, one of optax's directions without
      a step size, such as `optax.scale_by_adam()`, `optax.scale_by_sign()` or `optax.trace(0.9)`.
    - `step_size`: η as in `GradientDescent`, for θ ← θ − η direction; by default the optimizer has its own.

    An optimizer that asks for the loss, its gradient or either as a function gets them (`optax.lbfgs`,
    `optax.polyak_sgd`). One with random numbers, such as `optax.add_noise`, keeps a key in its state; each replicate of
    a run has its own, which depends on the key that the optimizer was given and on (seed, replicate).

    A run with another optimizer compiles again; a run with another `step_size` does not. Raises `InputError` for an
    `optimizer` that is not from optax, cannot run on the problem, or draws from a key that all replicates would share,
    and for a step size that is not greater than 0.
    """

    optimizer: optax.GradientTransformation = eqx.field(static=True)
    step_size: PerFactor | None

    def __init__(self, optimizer: Any, step_size: PerFactorLike | None = None) -> None:
        if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
            raise InputError(f"{optimizer!r} is not an optax optimizer; pass one such as optax.adam(1e-3).")
        self.optimizer = optimizer
        self.step_size = None if step_size is None else per_factor("step_size", step_size, positive=True)

    def init(self, problem: AbstractProblem, theta: Theta) -> Any:
        """The optimizer's state; a run gives every random key in it a value of its own for each replicate."""
        self.check(problem)
        return self.optimizer.init(theta)

    def step(self, problem: AbstractProblem, theta: Theta, state: Any, key: Key, step: StepIndex) -> tuple[Theta, Any]:
        """One update; `key` is not used, since the optimizer keeps keys of its own in its state."""
        updates, new = _update(self.optimizer, _asked(self.optimizer, problem), problem, theta, state)
        if self.step_size is not None:
            sizes = self.step_size.at(step, len(theta), problem.dtype)
            updates = tuple(-s * u for s, u in zip(sizes, updates, strict=True))
        return tuple(optax.apply_updates(theta, updates)), new

    def refusal(self, problem: AbstractProblem) -> str:
        """Why the optimizer cannot run here: it fails, or its random numbers would be the same in all replicates."""
        return _refusal(self.optimizer, problem)


Found = TypeVar("Found")


def _remembered(function: Callable[[Any, AbstractProblem], Found]) -> Callable[[Any, AbstractProblem], Found]:
    """`function` with its results kept by optimizer and form of the problem, since tracing takes 50 ms and more."""
    kept: dict[Any, Found] = {}

    def found(optimizer: Any, problem: AbstractProblem) -> Found:
        place = (optimizer, type(problem), problem.shapes, str(problem.dtype))
        if place not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[place] = function(optimizer, problem)
        return kept[place]

    return found


_MOST_KEPT = 64


_ASKED = (("value", "grad", "value_fn"), ("obj_fn",), ("grad_fn",))
"""What optimizers of optax ask for besides the gradient; the first of these sets with which one runs is its own."""


def _update(
    optimizer: Any, asked: tuple[str, ...], problem: AbstractProblem, theta: Theta, state: Any
) -> tuple[Theta, Any]:
    """The optimizer's update and new state; one that asks for the loss or its gradient gets them."""
    gradient = problem.gradient(theta)
    known: dict[str, Callable[[], Any]] = {
        "value": lambda: problem.loss(theta),
        "grad": lambda: gradient,
        "value_fn": lambda: problem.loss,
        "obj_fn": lambda: problem.loss,
        "grad_fn": lambda: lambda at, _: problem.gradient(at),
    }
    given = {name: known[name]() for name in asked}
    updates, new = optax.with_extra_args_support(optimizer).update(gradient, state, theta, **given)
    return updates, jax.tree.map(_as_before, state, new)


@_remembered
def _asked(optimizer: Any, problem: AbstractProblem) -> tuple[str, ...]:
    """What the optimizer asks for, found by tracing one update; raises its error if it runs with nothing we have."""
    theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
    failure: Exception = TypeError()
    with numerics():
        state = jax.eval_shape(optimizer.init, theta)
        for names in _ASKED:
            try:
                jax.eval_shape(lambda *at, names=names: _update(optimizer, names, problem, *at), theta, state)
            except (TypeError, ValueError) as error:
                failure = failure if failure.args else error
            else:
                return names
    raise failure


def _as_before(old: Any, new: Any) -> Any:
    """A leaf of the new state in the type of the old one, since the state of a loop keeps its types."""
    return new if jnp.issubdtype(old.dtype, jax.dtypes.prng_key) else jnp.asarray(new, old.dtype)


@_remembered
def _refusal(optimizer: Any, problem: AbstractProblem) -> str:
    """Found by tracing one update, without computing it."""
    theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
    with numerics():
        try:
            asked = _asked(optimizer, problem)
            state = jax.eval_shape(optimizer.init, theta)
            shared = draws_from_fixed_keys(optimizer.init, theta) or draws_from_fixed_keys(
                lambda at, own: _update(optimizer, asked, problem, at, own), theta, keys=(state,)
            )
        except Exception as error:  # the code of an optimizer may raise anything
            return (
                f"Optax cannot run this optimizer on arrays of shapes {problem.shapes}: {type(error).__name__}: "
                f"{reason(error)}; use another optimizer of optax, such as optax.adam(1e-3)."
            )
    if shared:
        return (
            "Optax: this optimizer draws random numbers from a key that is fixed in its code, so that all replicates "
            "would share them; use an optimizer that keeps its key in its state, such as optax.add_noise."
        )
    return ""
