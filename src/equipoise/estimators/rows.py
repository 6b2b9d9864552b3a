"""The comparison: what each method found, one row each."""

from typing import NamedTuple

import numpy as np

from equipoise.core.observable import Observable
from equipoise.core.types import Theta
from equipoise.estimators.target import Target
from equipoise.observables import evaluate, sharpness

_OBSERVABLES: tuple[str | Observable, ...] = ("relative_error", "balance", "nuclear_norm", "condition_number")


class Row(NamedTuple):
    """One method's factors, measured; `steps` is None where there are none to count, `seconds` include compilation.

    `sharpness` is λmax of the Hessian; `condition_number` is that of the Hessian's Gauss-Newton part, infinite where
    the factors lose rank. Norms and sharpness are in the unit of the matrix.
    """

    method: str
    relative_error: float
    balance: float
    nuclear_norm: float
    sharpness: float
    condition_number: float
    steps: int | None
    seconds: float
    status: str


def row_of(method: str, target: Target, theta: Theta, *, steps: int | None, seconds: float, status: str) -> Row:
    """The row of a method that ended at θ; NaN for all that is measured where it diverged."""
    names = ("relative_error", "balance", "nuclear_norm", "sharpness", "condition_number")
    if status == "diverged":
        measured = dict.fromkeys(names, float("nan"))
    else:
        with np.errstate(all="ignore"):
            found = evaluate(target.problem, theta, (*_OBSERVABLES, sharpness(48)))
        measured = {name: float(found[name]) for name in names}
    return Row(method, **measured, steps=steps, seconds=seconds, status=status)


def svd_row(target: Target) -> Row:
    """The truncated SVD, split evenly: X = A√Σ, Y = B√Σ, of balance 1."""
    factors = target.signal.factors()
    return row_of("truncated SVD", target, factors, steps=None, seconds=target.seconds, status="completed")
