"""What moves θ: the gradient, the noise and the state of the method, each by its norms."""

import re
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta


def _norm(array: AnyArray) -> Array:
    return jnp.sqrt(jnp.sum(jnp.asarray(array) ** 2))


def _norms(arrays: Theta) -> Array:
    return jnp.stack([_norm(array) for array in arrays])


def _gradient(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    return {"gradient": _norms(problem.gradient(theta))}


def _noise(problem: AbstractProblem, theta: Theta, noise: Theta) -> dict[str, Array]:
    del problem, theta
    return {"noise": _norms(noise)}


def _state(problem: AbstractProblem, theta: Theta, state: PyTree[Any]) -> dict[str, Array]:
    del problem, theta
    found = {
        _name(path): _norm(leaf) if jnp.ndim(leaf) else jnp.asarray(leaf)
        for path, leaf in jax.tree_util.tree_leaves_with_path(state)
        if not jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    }
    if not found:
        raise InputError(
            "The observable state is of a method with a state, but this one carries none from step to step; record it "
            "with a method such as Optax with a momentum."
        )
    return found


def _name(path: tuple[Any, ...]) -> str:
    """The place of an array in the state as a variable: `state[0].trace[1]` is `state_0_trace_1`."""
    return re.sub(r"\W+", "_", f"state{jax.tree_util.keystr(path)}").rstrip("_")


gradient = Observable(
    "gradient", _gradient, (Variable("gradient", "norm of the gradient", "‖∇loss‖", axes=("array",)),)
)
noise = Observable("noise", _noise, (Variable("noise", "norm of the noise", "‖ξ‖", axes=("array",)),), asks=("noise",))
state = Observable("state", _state, (), asks=("state",))
