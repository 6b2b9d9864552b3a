"""Gradients at random points and on random data, from a problem or from a function of one's own."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractRedrawable
from equipoise.core.types import Key, Shapes, Theta

Rows = Float[np.ndarray, "points parameters"]
Batches = Iterator[tuple[Rows, Rows]]
"""Endless batches of points and of the gradients there, flat."""

_BATCH, _SMALL_BATCH, _RAREST = 512, 64, 50


def of_problem(problem: AbstractProblem, seed: int, std: float) -> Batches:
    """Points with independent N(0, std²) entries, each with new data if the problem can draw some."""
    sizes = [int(np.prod(shape)) for shape in problem.shapes]

    def sample(key: Key) -> tuple[Array, Array]:
        here, elsewhere = jax.random.split(key)
        flat = std * jax.random.normal(here, (sum(sizes),), problem.dtype)
        arrays = jnp.split(flat, np.cumsum(sizes)[:-1])
        theta: Theta = tuple(w.reshape(shape) for w, shape in zip(arrays, problem.shapes, strict=True))
        drawn = problem.redrawn(elsewhere) if isinstance(problem, AbstractRedrawable) else problem
        return flat, ravel_pytree(drawn.gradient(theta))[0]

    samples = jax.jit(jax.vmap(sample))
    # this generator compiles faster than that of runs, which must draw the same numbers on every device
    key = jax.random.key(seed, impl="rbg")
    first = 0
    while True:
        points, gradients = samples(jax.random.split(jax.random.fold_in(key, first), _BATCH))
        yield np.asarray(points, dtype=float), np.asarray(gradients, dtype=float)
        first += _BATCH


def of_function(gradient: Callable[..., Any], shapes: Shapes, seed: int, std: float) -> Batches:
    """The same from a function (θ, random generator) → gradients on fresh data, one array for each of θ."""
    random = np.random.default_rng(seed)
    sizes = [int(np.prod(shape)) for shape in shapes]
    while True:
        points = std * random.standard_normal((_SMALL_BATCH, sum(sizes)))
        rows = []
        for point in points:
            parts = np.split(point, np.cumsum(sizes)[:-1])
            theta = tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
            found = [np.asarray(part, dtype=float) for part in gradient(theta, random)]
            if [part.shape for part in found] != list(shapes):
                raise InputError(
                    f"The gradient has shapes {[part.shape for part in found]}; it must have those of theta, "
                    f"{list(shapes)}."
                )
            rows.append(np.concatenate([part.ravel() for part in found]))
        yield points, np.stack(rows)


def equations(
    batches: Batches, rates: Callable[[Rows, Rows], Float[np.ndarray, "points terms"]], wanted: int
) -> Float[np.ndarray, "equations terms"]:
    """The wanted number of equations: the rates of all terms, per unit of the gradient or of its median if it is less.

    A gradient far below the median, as of a saturated loss, is known to fewer digits, so it weighs less. Points where
    the gradient is zero are skipped, because they give no equation; a narrow ReLU network has many.
    """
    found: list[np.ndarray] = []
    have, seen, median = 0, 0, 0.0
    while have < wanted:
        points, gradients = next(batches)
        if not np.all(np.isfinite(gradients)):
            raise InputError("Gradients at random points are not finite; choose another std.")
        norms = np.linalg.norm(gradients, axis=1)
        some = norms > 0
        have, seen = have + int(some.sum()), seen + len(norms)
        if have < seen / _RAREST:
            raise InputError(
                f"The gradient is zero at all but {have} of {seen} random points, which are too few to find laws; "
                "choose another std, or wider layers."
            )
        median = median or float(np.median(norms[some])) if some.any() else median
        weights = np.maximum(norms[some], median)[:, None]
        found.append(rates(points[some], gradients[some] / weights))
    return np.concatenate(found)[:wanted]
