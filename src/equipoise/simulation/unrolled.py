"""The steps of a method as a pure function, which JAX can differentiate."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.stream import noise_key, replicate_key, step_key, with_own_keys
from equipoise.core.types import StepIndex, Theta

_SHORT = 64


@float64
def unroll(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    theta: Any,
    *,
    steps: int,
    seed: int = 0,
    replicate: StepIndex = 0,
    first_step: int = 0,
) -> tuple[Array, ...]:
    """θ after `steps` steps from θ₀ = `theta`: a pure function of θ₀ and of every number in `problem` and `dynamics`.

    - `problem`, `dynamics`: as for `equipoise.simulate`; step sizes, noise levels and other numbers may be traced.
    - `theta`: θ₀, arrays of the problem's shapes.
    - `steps`: the number of steps; each of them compiles the same program.
    - `seed`, `replicate`: which random numbers; 0 and 0 by default. From the same θ₀ the path is that of this replicate
      in `equipoise.simulate`. Give an array of numbers with `jax.vmap` for an ensemble.
    - `first_step`: the number of the first step; 0 by default.

    Differentiate it by `jax.grad`, `jax.jvp` and the like, within `with equipoise.numerics():`; noise is held fixed, so
    that the derivative is that of one path. The memory for `jax.grad` grows with the square root of `steps`, since each
    step is computed twice. `GradientFlow` and others with an adaptive solver have forward derivatives only
    (`jax.jvp`, `jax.jacfwd`). A path that diverges is not stopped: it ends in infinite numbers or NaN.

    Raises `InputError` for arrays of other shapes, and where the method cannot run on the problem.
    """
    dynamics.check(problem)
    count, first = whole_number("steps", steps, 0), whole_number("first_step", first_step, 0)
    start = tuple(jnp.asarray(w, problem.dtype) for w in theta)
    shapes = tuple(w.shape for w in start)
    if shapes != problem.shapes:
        raise InputError(f"The start has arrays of shapes {shapes}, but the problem needs {problem.shapes}.")
    noise = noise_key(replicate_key(seed, replicate))
    fresh = jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], dynamics.init(problem, start))
    state = jax.tree.map(lambda leaf: leaf[0], with_own_keys(fresh, noise[None]))

    def one(at: tuple[Theta, PyTree[Any]], step: Array) -> tuple[tuple[Theta, PyTree[Any]], None]:
        moved, kept = dynamics.step(problem, *at, step_key(noise, step), step)
        return (tuple(jnp.asarray(w, problem.dtype) for w in moved), kept), None

    def several(at: tuple[Theta, PyTree[Any]], numbers: Array) -> tuple[tuple[Theta, PyTree[Any]], None]:
        return jax.lax.scan(one, at, numbers)

    numbers = first + jnp.arange(count)
    length = 1 if count < _SHORT else math.isqrt(count)
    whole = count - count % length
    at = start, state
    if length > 1:
        at, _ = jax.lax.scan(jax.checkpoint(several), at, numbers[:whole].reshape(-1, length))
        numbers = numbers[whole:]
    return tuple(jnp.asarray(w) for w in several(at, numbers)[0][0])
