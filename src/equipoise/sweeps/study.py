"""A study: a grid of runs, as a value."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.messages import nearest
from equipoise.core.problem import AbstractProblem
from equipoise.results import Case, Run, simulate_together
from equipoise.simulation import AbstractEngine, Record, StopWhen
from equipoise.simulation.setup import LARGEST_SEED, Rules
from equipoise.sweeps.axes import AbstractDesign, Over, design_of
from equipoise.sweeps.points import Point, Value, in_words, plain_value, point_seed

Make = Callable[..., tuple[AbstractProblem, AbstractDynamics, AbstractInitial]]
"""A function that makes the problem, the method and the law of the starts of a point, whose values it gets by name."""


class Study:
    """A grid of ensembles: which points, and what is run and recorded at each.

    - `make`: `make(**point)` returns (problem, method, start) of a point. It is called more than once for each, also in
      other processes, and must give the same each time.
    - `over`: the values of each axis, by name, `{"std": [0.01, 0.1], "rank": [1, 2]}`, for every combination; or a
      design: `Grid`, `Zipped`, `Sampled`, `Listed`; or a list of several, which are combined.
    - `steps`: the number of steps of every run.
    - `seed`: a whole number. Replicate i of a point depends on (seed, the values of the point, i) alone.
    - `replicates`: the number of replicates at each point; 1 by default.
    - `record`, `stop`, `engine`: as in `equipoise.simulate`.
    - `where`: `where(**point)` says whether a point belongs to the study; all do by default.
    - `units`: the units of axes, by name; "1" by default.

    Raises `InputError` for an axis that `make` does not take, an argument of `make` that no axis gives, an empty axis,
    and numbers out of range.
    """

    def __init__(
        self,
        make: Make,
        over: Over,
        *,
        steps: int,
        seed: int,
        replicates: int = 1,
        record: Record | None = None,
        stop: Rules = (),
        engine: str | AbstractEngine = "auto",
        where: Callable[..., bool] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.make = make
        self.design: AbstractDesign = design_of(over)
        self.steps = whole_number("steps", steps, 0)
        self.replicates = whole_number("replicates", replicates, 1)
        self.seed = whole_number("seed", seed, 0, LARGEST_SEED)
        self.record = record or Record()
        self.stop: tuple[StopWhen, ...] = (stop,) if isinstance(stop, StopWhen) else tuple(stop)
        self.engine, self.where, self.units = engine, where, dict(units or {})
        self.source: dict[str, str] | None = None
        """The name, the folder and the text of the file that it was read from; None if there is none."""
        _check_arguments(make, self.design.axes)
        for axis in self.units:
            if axis not in self.design.axes:
                raise InputError(f"There is a unit for {axis}, which is no axis{nearest(axis, self.design.axes)}.")
        if not self.points:
            raise InputError("where leaves no point of the design; let it be true of some.")

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes."""
        return self.design.axes

    @functools.cached_property
    def points(self) -> tuple[Point, ...]:
        """The points in the order of the design, without those that `where` leaves out."""
        points = self.design.points()
        return tuple(point for point in points if self.where is None or bool(self.where(**point)))

    @functools.cached_property
    def values(self) -> dict[str, list[Value]]:
        """The values of each axis in the order of the design."""
        points = self.design.points()
        return {axis: list(dict.fromkeys(point[axis] for point in points)) for axis in self.axes}

    def case(self, **point: Any) -> Case:
        """The problem, the method, the law of the starts and the seed at a point, given by its values.

        The point need not be one of the study's. Raises `InputError` if the names are not those of the axes, and if
        `make` returns something else.
        """
        missing, unknown = set(self.axes) - set(point), sorted(set(point) - set(self.axes))
        if missing or unknown:
            said = f"{unknown[0]} is no axis" if unknown else f"{sorted(missing)[0]} is missing"
            raise InputError(f"{said} of the point; the axes are {', '.join(self.axes) or 'none'}.")
        values = {axis: plain_value(axis, point[axis]) for axis in self.axes}
        made: Any = self.make(**values)
        kinds = (AbstractProblem, AbstractDynamics, AbstractInitial)
        if not isinstance(made, tuple) or len(made) != 3 or not all(map(isinstance, made, kinds)):
            raise InputError(
                f"make gives {_kinds(made)} at {in_words(values)}; it must return (problem, method, start)."
            )
        return Case(*made, seed=point_seed(self.seed, values))

    def run(self, *, progress: bool | None = None, **point: Any) -> Run:
        """The run of one point alone, with the numbers that the sweep has for it, up to rounding.

        - `progress`: whether to show a progress bar on stderr; by default only on a terminal.
        - `point`: the values of the axes: `study.run(step_size=0.01, std=0.05)`.

        Raises `InputError` as `case` and `equipoise.simulate` do.
        """
        (run,) = simulate_together(
            [self.case(**point)],
            steps=self.steps,
            replicates=self.replicates,
            record=self.record,
            stop=self.stop,
            progress=progress,
            engine=self.engine,
        )
        return run

    def __repr__(self) -> str:
        axes = ", ".join(self.axes) or "no axes"
        return f"Study({len(self.points)} points over {axes}; {self.replicates} replicates, {self.steps} steps)"


def _check_arguments(make: Make, axes: tuple[str, ...]) -> None:
    """Raise `InputError` for an axis that `make` does not take, or an argument that no axis gives."""
    if not callable(make):
        raise InputError(f"make is {make!r}; give a function that returns (problem, method, start) of a point.")
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # a function written in C says nothing of its arguments
        return
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    takes_any = any(p.kind == p.VAR_KEYWORD for p in parameters)
    for axis in axes:
        if axis not in named and not takes_any:
            raise InputError(
                f"make does not take the axis {axis}{nearest(axis, named)}; "
                f"it takes {', '.join(named) or 'no argument by name'}."
            )
    for p in parameters:
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name not in axes:
            raise InputError(f"make needs {p.name}, which is no axis; give its values in over, or make it optional.")


def _kinds(made: Any) -> str:
    parts = made if isinstance(made, tuple) else (made,)
    return f"({', '.join(type(part).__name__ for part in parts)})"
