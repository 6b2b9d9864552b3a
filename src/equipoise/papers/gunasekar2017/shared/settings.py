"""The settings and small helpers shared by the claims of Gunasekar et al. (2017)."""

from collections.abc import Sequence
from typing import Any

import equipoise as eq

FLOW_SCALE = 0.25
"""The scale of ‖A(UUᵀ) − y‖² at which gradient flow is the paper's Eq. (3), U̇ = −A*(r) U."""


def path(
    problem: Any,
    dynamics: Any,
    init: Any,
    *,
    steps: int,
    seed: int,
    every: int,
    replicates: int = 1,
    observables: Sequence[Any] = ("relative_error",),
    stop: Sequence[eq.StopWhen] = (),
) -> eq.Run:
    """A recorded run, without a progress bar."""
    record = eq.Record(every=every, observables=observables)
    return eq.simulate(
        problem,
        dynamics,
        init,
        seed=seed,
        steps=steps,
        replicates=replicates,
        record=record,
        stop=stop,
        progress=False,
    )


def matrix_itself(problem: Any, theta: Any) -> Any:
    """X, as an observable of problems in X."""
    return theta[0]
