"""A path of θ as it appears on a plane."""

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from equipoise.core.types import Theta
from equipoise.landscape.plane import Plane


def path_on(plane: Plane, thetas: Iterable[Theta], steps: Sequence[int] | None = None) -> xr.Dataset:
    """Where the points of a path lie on a plane: `x` and `y`, and their `distance` from it, over `step`.

    What has a large distance is a shadow: the loss there is not that of the plane.

    - `plane`: the plane.
    - `thetas`: the points, such as the `theta` of one replicate at each look of `equipoise.watch`.
    - `steps`: the number of steps taken at each point; 0, 1, … by default.

    Raises `InputError` for points of other shapes.
    """
    found = np.array([plane.coordinates(theta) for theta in thetas]).reshape(-1, 3)
    about = {
        "x": "first direction",
        "y": "second direction",
        "distance": "distance from the plane",
    }
    variables = {
        name: ("step", found[:, k], {"long_name": meaning, "units": "[θ]"})
        for k, (name, meaning) in enumerate(about.items())
    }
    at = np.arange(len(found)) if steps is None else np.asarray(steps)
    return xr.Dataset(variables, {"step": ("step", at, {"long_name": "step", "units": "1"})})
