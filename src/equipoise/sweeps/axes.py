"""Designs: which points a study has. Every combination, lists in step, points drawn at random, or one by one."""

import abc
import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import scipy  # its parts load when they are used

from equipoise.core.checks import positive_number, real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.sweeps.points import Point, Value, in_words, plain_value, point_key

Method = Literal["halton", "sobol", "latin hypercube"]
Scale = Literal["linear", "log", "whole"]

_SAMPLERS = {"halton": "Halton", "sobol": "Sobol", "latin hypercube": "LatinHypercube"}


class AbstractDesign(abc.ABC):
    """The points of a study, or a part of their axes."""

    @property
    @abc.abstractmethod
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""

    @property
    @abc.abstractmethod
    def is_grid(self) -> bool:
        """Whether it has all combinations of the values of its axes, which then become dims of the dataset."""

    @abc.abstractmethod
    def points(self) -> list[Point]:
        """Its points in order."""


class Grid(AbstractDesign):
    """Every combination of the values of some axes.

    - `values`: the values of each axis, by name: `Grid(step_size=[0.01, 0.1], rank=[1, 2])`.

    Raises `InputError` for an axis without values, or with the same value twice.
    """

    def __init__(self, **values: Iterable[Any]) -> None:
        self.values = {axis: _checked(axis, given) for axis, given in values.items()}
        for axis, each in self.values.items():
            seen: set[str] = set()
            for value in each:
                key = point_key({axis: value})
                if key in seen:
                    raise InputError(f"The axis {axis} has the value {value} twice; name every value once.")
                seen.add(key)

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(self.values)

    @property
    def is_grid(self) -> bool:
        """True."""
        return True

    def points(self) -> list[Point]:
        """All combinations; the last axis varies fastest."""
        return [dict(zip(self.values, each, strict=True)) for each in itertools.product(*self.values.values())]


class Zipped(AbstractDesign):
    """Axes that vary together: the first values of all axes are one point, the second values the next.

    - `values`: the values of each axis, by name, all of the same number.

    Raises `InputError` for an axis without values, or with another number of values than the first.
    """

    def __init__(self, **values: Iterable[Any]) -> None:
        self.values = {axis: _checked(axis, given) for axis, given in values.items()}
        counts = {axis: len(each) for axis, each in self.values.items()}
        for axis, count in counts.items():
            first = next(iter(counts))
            if count != counts[first]:
                raise InputError(
                    f"The zipped axes {first} and {axis} have {counts[first]} and {count} values; give as many of each."
                )

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(self.values)

    @property
    def is_grid(self) -> bool:
        """False."""
        return False

    def points(self) -> list[Point]:
        """The points in order."""
        return [dict(zip(self.values, each, strict=True)) for each in zip(*self.values.values(), strict=True)]


class Listed(AbstractDesign):
    """Points given one by one.

    - `given`: the points, each a mapping from the names of the axes to values, all with the same names.

    Raises `InputError` if there are none, or if their names differ.
    """

    def __init__(self, given: Iterable[Mapping[str, Any]]) -> None:
        self._points = [{axis: plain_value(axis, value) for axis, value in point.items()} for point in given]
        if not self._points:
            raise InputError("The list of points is empty; give at least one point.")
        for point in self._points:
            if set(point) != set(self._points[0]):
                raise InputError(
                    f"The points of a list have the same axes, but one has {', '.join(self._points[0])} and another "
                    f"{', '.join(point)}; give each point all axes."
                )

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(self._points[0])

    @property
    def is_grid(self) -> bool:
        """False."""
        return False

    def points(self) -> list[Point]:
        """The points in order."""
        return list(self._points)


@dataclasses.dataclass(frozen=True)
class Range:
    """The values that an axis may take in a random design.

    - `low`, `high`: the ends.
    - `scale`: "linear" (the default), "log", or "whole" for whole numbers, both ends included.

    Raises `InputError` unless low < high, and for a logarithmic range that does not begin above 0.
    """

    low: RealNumber
    high: RealNumber
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        if self.scale not in ("linear", "log", "whole"):
            raise InputError(f"The scale of a range is {self.scale!r}; choose linear, log or whole.")
        if self.scale == "log":
            positive_number("The lower end of a logarithmic range", self.low)
        real_number("The upper end of a range", self.high, above=real_number("The lower end of a range", self.low))

    def at(self, share: float) -> Value:
        """The value at this share of the range, from 0 to 1."""
        if self.scale == "log":
            return float(self.low * (self.high / self.low) ** share)
        if self.scale == "whole":
            return int(min(np.floor(self.low + share * (self.high - self.low + 1)), self.high))
        return float(self.low + share * (self.high - self.low))


class Sampled(AbstractDesign):
    """Points drawn at random, spread evenly over ranges by SciPy's quasi-Monte Carlo.

    - `count`: the number of points. With "halton" and "sobol" a larger number keeps the points of a smaller one.
    - `seed`: the seed of the draw.
    - `method`: "halton" (the default), "sobol" or "latin hypercube".
    - `ranges`: the range of each axis: a `Range`, or its arguments as a tuple: `step_size=(1e-3, 1e-1, "log")`.

    Raises `InputError` for a count below 1, an unknown method, and a range that is none.
    """

    def __init__(self, count: int, *, seed: int, method: Method = "halton", **ranges: Any) -> None:
        if method not in _SAMPLERS:
            raise InputError(f"There is no random design {method!r}; choose {', '.join(_SAMPLERS)}.")
        if not ranges:
            raise InputError("A random design has no axes; give a range for each, such as std=(0.0, 0.1).")
        self.count = whole_number("The number of random points", count, 1)
        self.seed = whole_number("The seed of a random design", seed, 0)
        self.method, self.ranges = method, {axis: _range(axis, given) for axis, given in ranges.items()}

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(self.ranges)

    @property
    def is_grid(self) -> bool:
        """False."""
        return False

    def points(self) -> list[Point]:
        """The points in the order of the draw; a point that is drawn twice, as whole numbers may be, counts once."""
        sampler = getattr(scipy.stats.qmc, _SAMPLERS[self.method])(
            len(self.ranges), seed=np.random.default_rng(self.seed)
        )
        power = (self.count - 1).bit_length()
        shares = sampler.random_base2(power) if self.method == "sobol" else sampler.random(self.count)
        drawn = [
            {axis: plain_value(axis, r.at(float(u))) for (axis, r), u in zip(self.ranges.items(), row, strict=True)}
            for row in shares[: self.count]
        ]
        return list({point_key(point): point for point in drawn}.values())


class Product(AbstractDesign):
    """Every combination of the points of several designs, such as a grid of ranks with zipped step sizes and noises.

    - `parts`: the designs, which share no axis.

    Raises `InputError` if two of them share an axis.
    """

    def __init__(self, *parts: AbstractDesign) -> None:
        self.parts = parts
        names = [axis for part in parts for axis in part.axes]
        for axis in names:
            if names.count(axis) > 1:
                raise InputError(f"The axis {axis} is in two parts of the design; name it in one of them.")

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of all axes."""
        return tuple(axis for part in self.parts for axis in part.axes)

    @property
    def is_grid(self) -> bool:
        """Whether all parts are grids."""
        return all(part.is_grid for part in self.parts)

    def points(self) -> list[Point]:
        """All combinations; the last part varies fastest."""
        each = itertools.product(*(part.points() for part in self.parts))
        return [{axis: value for point in points for axis, value in point.items()} for points in each]


Over = Mapping[str, Iterable[Any]] | AbstractDesign | Sequence[Mapping[str, Iterable[Any]] | AbstractDesign]
"""What a user may pass as `over`: lists of values by axis, a design, or several of both, which are combined."""


def design_of(over: Over) -> AbstractDesign:
    """The design that `over` stands for; raises `InputError` for anything else, and for points that occur twice."""
    design = _design(over)
    seen: set[str] = set()
    for point in design.points():
        key = point_key(point)
        if key in seen:
            raise InputError(f"The point {in_words(point)} is in the design twice; name every point once.")
        seen.add(key)
    return design


def _design(over: Any) -> AbstractDesign:
    if isinstance(over, AbstractDesign):
        return over
    if isinstance(over, Mapping) and all(isinstance(axis, str) for axis in over):
        return Grid(**over)
    if isinstance(over, Sequence) and not isinstance(over, str):
        return Product(*(_design(part) for part in over))
    raise InputError(f"over is {over!r}; give the values of each axis by name, such as {{'std': [0.01, 0.1]}}.")


def _checked(axis: str, given: Any) -> list[Value]:
    """The values of an axis as a list; raises `InputError` if there are none or they are not values."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"The axis {axis} is {given!r}; give a list of values, such as [{given!r}].")
    values = [plain_value(axis, value) for value in given]
    if not values:
        raise InputError(f"The axis {axis} is empty; give it at least one value, or leave it out.")
    return values


def _range(axis: str, given: Any) -> Range:
    if isinstance(given, Range):
        return given
    if isinstance(given, Sequence) and not isinstance(given, str) and len(given) in (2, 3):
        return Range(*given)
    raise InputError(f"The axis {axis} of a random design is {given!r}; give its ends, such as (0.001, 0.1, 'log').")
