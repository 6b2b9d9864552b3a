"""How the claims of this paper run a method."""

from typing import Any

import equipoise as eq


def run(problem: Any, method: Any, start: Any, *, steps: int, seed: int, every: int, names: Any, **more: Any) -> eq.Run:
    """A recorded run, without a progress bar.

    - `every`: the number of steps between recordings.
    - `names`: the observables.
    - `more`: further arguments of `eq.simulate`, such as `replicates`.
    """
    record = eq.Record(every=every, observables=names)
    return eq.simulate(problem, method, start, seed=seed, steps=steps, record=record, progress=False, **more)


def product(problem: Any, theta: Any) -> Any:
    """XYᵀ"""
    return theta[0] @ theta[1].T
