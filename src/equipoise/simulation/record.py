"""The value that says what to record, and when."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.core.checks import non_negative_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import RealNumber
from equipoise.observables.registry import AnyObservable, resolve

_USUAL_INTERVAL = 100


class Record:
    """Which observables to record, and at which steps; the first and the last step are always recorded.

    - `every`: the number of steps between recordings; 100 by default, or no regular recordings if `at` is given.
    - `observables`: names, `equipoise.observables` values, or functions (problem, theta) -> array of your own, which
      may also ask for `step`, `state` and `noise` (see `equipoise.observables.resolve`). By default the loss, and for
      two factors also the balance.
    - `at`: further steps to record, counted from 0; none by default.
    - `growth`: makes the intervals grow: each is `growth` times the number of steps before it, but at least `every`.
      0 by default, which keeps them constant.

    Raises `InputError` for an interval below 1, steps that are not whole numbers of 0 or greater, a negative growth,
    and an unknown observable.
    """

    def __init__(
        self,
        every: int | None = None,
        observables: Sequence[AnyObservable] | AnyObservable | None = None,
        *,
        at: Sequence[RealNumber] | np.ndarray = (),
        growth: RealNumber = 0.0,
    ) -> None:
        if every is not None and np.ndim(every):
            raise InputError(f"every is {every}, which is several numbers; give the steps to record as at={every}.")
        self.at: tuple[int, ...] = tuple(sorted({whole_number("A step in at", step, 0) for step in at}))
        usual = None if self.at else _USUAL_INTERVAL
        self.every: int | None = usual if every is None else whole_number("every", every, 1)
        self.growth = non_negative_number("growth", growth)
        if self.growth and self.every is None:
            raise InputError(f"growth is {growth}, but every is missing; give both, every as the shortest interval.")
        self.by_default = observables is None
        given: Any = ("loss", "balance") if observables is None else observables
        several = (given,) if isinstance(given, str) or callable(given) else tuple(given)
        self.observables: tuple[Observable, ...] = tuple(resolve(observable) for observable in several)

    def chosen(self, problem: AbstractProblem) -> tuple[Observable, ...]:
        """The observables that are recorded for this problem."""
        if self.by_default and len(problem.shapes) != 2:
            return self.observables[:1]
        return self.observables

    def after(self, step: int, first_step: int) -> int | float:
        """The next recorded step after `step` in a run that begins at `first_step`; infinite if there is none."""
        place = int(np.searchsorted(self.at, step, side="right"))
        named = self.at[place] if place < len(self.at) else math.inf
        return min(named, self._regular(step, first_step))

    def _regular(self, step: int, first_step: int) -> int | float:
        """The next recorded step after `step` according to the intervals."""
        if self.every is None:
            return math.inf
        if not self.growth:
            return first_step + self.every * ((step - first_step) // self.every + 1)
        taken = 0
        while first_step + taken <= step:
            taken += max(self.every, math.ceil(self.growth * taken))
        return first_step + taken

    def __repr__(self) -> str:
        given = {"every": self.every, "at": self.at or None, "growth": self.growth or None}
        said = [f"{name}={value}" for name, value in given.items() if value is not None]
        return f"Record({', '.join([*said, f'observables={tuple(o.name for o in self.observables)}'])})"
