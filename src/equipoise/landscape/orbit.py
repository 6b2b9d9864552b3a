"""The gauge orbit of a pair: (sX, Y/s), along which XYᵀ and the loss stay and the balance changes."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta
from equipoise.observables import AnyObservable, evaluate, resolve
from equipoise.results.dataset import labels

_SAME = 1e-8


def gauge_orbit(
    problem: AbstractProblem,
    theta: Theta,
    balances: Float[np.ndarray, " n"],
    *,
    observables: Sequence[AnyObservable] = ("loss", "sharpness"),
) -> xr.Dataset:
    """Observables along (sX, Y/s) over the balance ‖sX‖/‖Y/s‖ = s²‖X‖/‖Y‖.

    - `problem`: a factorization with two factors, whose loss depends on XYᵀ alone.
    - `theta`: (X, Y), neither of them 0.
    - `balances`: the balances, positive.
    - `observables`: names, observables or functions that give one number each; loss and sharpness by default.

    Returns a Dataset with the coordinate `balance`. Raises `InputError` for another number of factors, a factor that is
    0, a balance that is not positive, a loss that changes along the orbit, and observables that are no single numbers.
    """
    wanted = np.asarray(balances, np.float64)
    if wanted.ndim != 1 or not np.all(np.isfinite(wanted) & (wanted > 0)):
        raise InputError("A balance is not a positive number; give a sequence of positive numbers.")
    if len(theta) != 2:
        raise InputError(f"θ has {len(theta)} arrays; the gauge orbit needs two factors.")
    x, y = (np.asarray(w, np.float64) for w in theta)
    sizes = float(np.linalg.norm(x)), float(np.linalg.norm(y))
    if 0 in sizes:
        raise InputError("A factor is 0, so its balance cannot be changed; start from another point.")
    scales = np.sqrt(wanted * sizes[1] / sizes[0])
    points = [(s * x, y / s) for s in scales]
    _check_gauge(problem, [(x, y), *points])
    variables = {}
    for observable in map(resolve, observables):
        found = [evaluate(problem, point, observable) for point in points]
        for name in (each for each in found[0] if each != "balance"):  # that is the coordinate
            values = np.array([each[name] for each in found])
            if values.ndim != 1:
                raise InputError(f"The observable {observable.name} is not a single number, so it has no curve.")
            variables[name] = ("balance", values, labels(observable.describe(name, 0)))
    about = {"long_name": "balance", "formula": "‖X‖/‖Y‖", "units": "1"}
    return xr.Dataset(variables, {"balance": ("balance", wanted, about)})


def _check_gauge(problem: AbstractProblem, points: Sequence[Theta]) -> None:
    """Raise `InputError` if the loss is not the same at all points, up to rounding."""
    losses = np.array([evaluate(problem, point, "loss")["loss"] for point in points])
    size = float(np.abs(losses).max())
    if np.ptp(losses) > _SAME * max(size, float(evaluate(problem, _none(points[0]), "loss")["loss"])):
        raise InputError(
            f"The loss changes from {losses.min():.4g} to {losses.max():.4g} along (sX, Y/s), so this is no gauge "
            f"orbit of {type(problem).__name__}."
        )


def _none(theta: Theta) -> Theta:
    """θ = 0, whose loss gives the size that rounding is judged by."""
    return tuple(np.zeros(np.shape(w)) for w in theta)
