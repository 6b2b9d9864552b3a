"""What to record, and how often, as a value."""

from collections.abc import Sequence

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem
from equipoise.observables.registry import AnyObservable, resolve


class Record:
    """Record the given observables at steps 0, every, 2·every, … and at the last step.

    `observables` are names, `equipoise.observables` values, or functions (problem, theta) -> array of your own; by
    default the loss, and the balance where there are two factors. Raises `InputError` for `every` below 1, an
    unknown name, or two observables that give a variable of the same name.
    """

    def __init__(self, every: int = 100, observables: Sequence[AnyObservable] | None = None) -> None:
        self.by_default = observables is None
        if observables is None:
            observables = ("loss", "balance")
        if isinstance(observables, str):
            observables = (observables,)
        self.every = whole_number("every", every, 1)
        self.observables: tuple[Observable, ...] = tuple(resolve(o) for o in observables)
        names = [v.name for o in self.observables for v in o.variables]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(f"The variable {repeated[0]} would be recorded twice; keep one of its observables.")

    def chosen(self, problem: AbstractProblem) -> tuple[Observable, ...]:
        """What is recorded of this problem."""
        if self.by_default and len(problem.shapes) != 2:
            return self.observables[:1]
        return self.observables

    def __repr__(self) -> str:
        return f"Record(every={self.every}, observables={tuple(o.name for o in self.observables)})"
