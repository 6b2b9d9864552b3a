"""The values of an observable over a plane."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.landscape.plane import Arrays, Plane
from equipoise.observables import AnyObservable, resolve
from equipoise.results.dataset import labels

_AT_ONCE = 256
"""The number of points that are evaluated together."""


def values_on(
    problem: AbstractProblem,
    plane: Plane,
    x: Float[np.ndarray, " columns"],
    y: Float[np.ndarray, " rows"],
    *,
    observable: AnyObservable = "loss",
) -> xr.DataArray:
    """An observable over a plane, with dims (y, x): what `equipoise.plots.draw_contours` and `draw_surface` draw.

    - `problem`: any problem.
    - `plane`: where in the space of θ.
    - `x`, `y`: the coordinates along the two directions of the plane, in the unit of θ.
    - `observable`: a name, an observable, or a function (problem, θ) -> number; the loss by default.

    Raises `InputError` for a plane of other shapes than the problem's θ, an unknown observable, and one that is not a
    single number.
    """
    shapes = tuple(w.shape for w in plane.origin)
    if shapes != tuple(problem.shapes):
        raise InputError(
            f"The plane is in the space of the shapes {shapes}, but those of the problem are {problem.shapes}."
        )
    chosen = resolve(observable)
    if chosen.needs_signal and isinstance(problem, AbstractFactorization):
        problem = problem.with_signal()
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    values = _values(problem, chosen, (plane.origin, plane.first, plane.second), places)
    if len(values) != 1:
        raise InputError(f"The observable {chosen.name} has the variables {', '.join(values)}; draw one that has one.")
    ((name, found),) = values.items()
    if found.ndim != 1:
        raise InputError(f"The observable {chosen.name} is not a single number, so it has no surface.")
    units = {"units": "[θ]"}
    return xr.DataArray(
        found.reshape(up.size, across.size),
        {
            "y": ("y", up, {"long_name": "second direction", **units}),
            "x": ("x", across, {"long_name": "first direction", **units}),
        },
        ("y", "x"),
        name,
        labels(chosen.describe(name, 0)),
    )


@float64
def _values(
    problem: AbstractProblem, observable: Any, frame: tuple[Arrays, ...], places: Float[np.ndarray, "points 2"]
) -> dict[str, np.ndarray]:
    """The variables of an observable at points of a plane, in one compiled program."""
    arrays = [tuple(jnp.asarray(w, problem.dtype) for w in part) for part in frame]

    def one(place: Array) -> dict[str, Array]:
        theta = tuple(o + place[0] * a + place[1] * b for o, a, b in zip(*arrays, strict=True))
        return observable(problem, theta)

    points = jnp.asarray(places, problem.dtype)
    found = jax.jit(lambda at: jax.lax.map(one, at, batch_size=min(_AT_ONCE, len(places))))(points)
    return {name: np.asarray(values) for name, values in found.items()}
