"""The comparison of the methods: a score for each."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array

from equipoise.core.observable import Observable
from equipoise.core.precision import numerics
from equipoise.core.status import Status
from equipoise.core.types import AnyArray, Theta
from equipoise.estimators.factor.target import Target
from equipoise.observables import evaluate, sharpness
from equipoise.problems import Factored

PERTURBED, DESCENT, SVD = "Perturbed GD", "GD", "truncated SVD"
"""The methods compared."""

_NAMES = ("relative_error", "balance", "nuclear_norm", "sharpness", "condition_number")
_OBSERVABLES: tuple[str | Observable, ...] = (
    "relative_error",
    "balance",
    "nuclear_norm",
    sharpness(48),
    "condition_number",
)


class FactorizationScore(NamedTuple):
    """The measured properties of one method's factors.

    Norms and sharpness are in the unit of the matrix.

    - `method`: its name.
    - `relative_error`: ‖XYᵀ − M‖_F/‖M‖_F.
    - `balance`: ‖X‖_F/‖Y‖_F.
    - `nuclear_norm`: ‖XYᵀ‖_*.
    - `sharpness`: λmax of the Hessian.
    - `condition_number`: that of the Gauss-Newton part of the Hessian; infinite if the factors lose rank.
    - `steps`: the number of steps; None for a method without steps.
    - `seconds`: the time, including compilation.
    - `status`: the name of the ending.
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


def score_of(
    method: str, target: Target, theta: Theta, *, steps: int | None, seconds: float, status: str
) -> FactorizationScore:
    """The score of a method that ended at θ; if it diverged, the measured values are NaN."""
    if status == Status.diverged.name:
        measured = dict.fromkeys(_NAMES, float("nan"))
    else:
        with numerics():
            found = _measured(target.problem, tuple(np.asarray(w) for w in theta))
        measured = {name: float(found[name]) for name in _NAMES}
    return FactorizationScore(method, **measured, steps=steps, seconds=seconds, status=status)


@eqx.filter_jit
def _measured(problem: Factored, theta: Theta) -> dict[str, Array | AnyArray]:
    return evaluate(problem, theta, _OBSERVABLES)


def svd_score(target: Target) -> FactorizationScore:
    """The truncated SVD, split evenly: X = A√Σ, Y = B√Σ, of balance 1."""
    factors = target.signal.factors()
    return score_of(SVD, target, factors, steps=None, seconds=target.seconds, status="completed")
