"""A numerical search for stationary points, to test the closed forms against."""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta
from equipoise.observables.hessian import dense_hessian

_FIRST_DAMPING, _LEAST_DAMPING = 1e-2, 1e-15


class StationaryPoints(NamedTuple):
    """The end of the search from each start.

    - `theta`: the points, with a leading axis of starts.
    - `gradient_norm`: ‖∇loss‖ at each; near 0, the point is stationary.
    """

    theta: tuple[np.ndarray, ...]
    gradient_norm: Float[np.ndarray, " starts"]


@float64
def find_stationary_points(problem: AbstractProblem, starts: Theta, *, iterations: int = 100) -> StationaryPoints:
    """Solve ∇loss(θ) = 0 from each of the `starts` (leading axis) by Levenberg-Marquardt on ½‖∇loss‖².

    It finds minima, saddles and maxima alike. Each iteration solves an n x n system, where n is the number of
    parameters; so it is for small problems.

    - `problem`: the problem.
    - `starts`: one array per factor, of shape (starts, *shape).
    - `iterations`: the number of iterations; 100 by default.

    Raises `InputError` for starts of any other shape, and if there is no start. Source: K. Levenberg (1944); D.
    Marquardt (1963).
    """
    theta, norm = _search(problem, _batch(problem, starts), jnp.asarray(iterations))
    return StationaryPoints(tuple(np.asarray(w) for w in theta), np.asarray(norm))


@float64
def gradient_norms(problem: AbstractProblem, points: Theta) -> Float[np.ndarray, " points"]:
    """‖∇loss‖ at each of the `points`, in the unit of the loss over that of θ.

    - `problem`: the problem.
    - `points`: one array per factor, of shape (points, *shape).

    Raises `InputError` for points of any other shape, and if there is no point.
    """
    return _of_each(_gradient_norm, problem, points)


@float64
def hessian_eigenvalues(problem: AbstractProblem, points: Theta) -> Float[np.ndarray, "points n"]:
    """All n eigenvalues of ∇²loss at each of the `points`, ascending; for small n.

    - `problem`: the problem.
    - `points`: one array per factor, of shape (points, *shape).

    Raises `InputError` for points of any other shape, and if there is no point.
    """
    return np.linalg.eigvalsh(_of_each(_hessian, problem, points))


def _batch(problem: AbstractProblem, points: Theta) -> tuple[np.ndarray, ...]:
    shapes = tuple(np.shape(w) for w in points)
    if tuple(shape[1:] for shape in shapes) != problem.shapes or len({shape[0] for shape in shapes}) != 1:
        raise InputError(
            f"The points have arrays of shapes {shapes}, but the factors have shapes {problem.shapes}; "
            "give each array one leading axis, of the same length for all."
        )
    if shapes[0][0] == 0:
        raise InputError("There are no points; give at least one.")
    return tuple(np.asarray(w, problem.dtype) for w in points)


def _of_each(
    function: Callable[[AbstractProblem, Theta], Array], problem: AbstractProblem, points: Theta
) -> np.ndarray:
    """`function` at each of the points, one after the other: one compiled program serves any number of points."""
    batch = zip(*_batch(problem, points), strict=True)
    return np.stack([np.asarray(function(problem, theta)) for theta in batch])


@eqx.filter_jit
def _gradient_norm(problem: AbstractProblem, theta: Theta) -> Float[Array, ""]:
    return jnp.linalg.norm(ravel_pytree(problem.gradient(theta))[0])


@eqx.filter_jit
def _hessian(problem: AbstractProblem, theta: Theta) -> Float[Array, "n n"]:
    return dense_hessian(problem, theta)


@eqx.filter_jit
def _search(
    problem: AbstractProblem, starts: Theta, iterations: Array
) -> tuple[tuple[Array, ...], Float[Array, " starts"]]:
    _, unravel = ravel_pytree(tuple(w[0] for w in starts))

    def gradient(flat: Array) -> Array:
        return ravel_pytree(problem.gradient(unravel(flat)))[0]

    def improve(_: Array, held: tuple[Array, Array]) -> tuple[Array, Array]:
        flat, damping = held
        g, h = gradient(flat), dense_hessian(problem, unravel(flat))
        shift = damping * jnp.sum(h**2) * jnp.eye(flat.size, dtype=flat.dtype)
        trial = flat - jnp.linalg.solve(h @ h + shift, h @ g)
        better = jnp.sum(gradient(trial) ** 2) < jnp.sum(g**2)  # False for NaN
        damping = jnp.where(better, jnp.maximum(damping / 3, _LEAST_DAMPING), jnp.minimum(damping * 4, 1e6))
        return jnp.where(better, trial, flat), damping

    def one(*theta: AnyArray) -> tuple[tuple[Array, ...], Array]:
        flat = ravel_pytree(theta)[0]
        first = (flat, jnp.asarray(_FIRST_DAMPING, flat.dtype))
        flat, _ = jax.lax.fori_loop(0, iterations, improve, first)
        return unravel(flat), jnp.linalg.norm(gradient(flat))

    return jax.vmap(one)(*starts)
