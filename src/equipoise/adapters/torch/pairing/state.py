"""The state of a value between two layers: where its channels are, and what has acted on it."""

from typing import Any, NamedTuple


class Carried(NamedTuple):
    """A value made from a layer's output, with each channel still by itself.

    - `axes`: the number of axes of positions after the channels: 2 after a Conv2d; 0 if the channels are the last axis.
    - `flattened`: whether channels and positions were joined into the last axis.
    - `interleaved`: whether that axis runs over the channels fastest.
    - `squeezed`: whether axes of length 1 may have been dropped.
    - `linear`: whether only linear maps that are the same for all channels have acted.
    - `between`: the names of what has acted.
    """

    axes: int
    flattened: bool = False
    interleaved: bool = False
    squeezed: bool = False
    linear: bool = True
    between: tuple[str, ...] = ()

    def through(self, name: str, *, linear: bool = True, **changes: Any) -> "Carried":
        """The value after an operation called `name` acted on it."""
        return self._replace(linear=self.linear and linear, between=(*self.between, name), **changes)


Outcome = Carried | str
"""The value carried on, or the reason why its channels are lost."""

NOT_HOMOGENEOUS = "is not positively homogeneous: φ(cx) is not c φ(x)"
NORMALIZES = "normalizes: it undoes the scale of a channel, or mixes those of several"
UNKNOWN = "is not known to let every channel be scaled by itself"


def pooled(carried: Carried, name: str, axes: int, *, linear: bool) -> Outcome:
    """Pooling, padding or resizing over `axes` axes of positions."""
    if carried.axes != axes:
        return f"works on {axes} axes of positions, but there are {carried.axes}, so it mixes the channels"
    return carried.through(name, linear=linear)


def flattened(carried: Carried, name: str, start: Any, end: Any) -> Outcome:
    """Flatten the axes `start` to `end`, inclusive, counted from 0 for the batch, or from the end if negative."""
    if not (isinstance(start, int) and isinstance(end, int)):
        return "flattens axes that are not given as numbers"
    if carried.axes == 0:
        return _flattened_features(carried, name, start, end)
    last = carried.axes + 1
    start, end = (axis + last + 1 if axis < 0 else axis for axis in (start, end))
    if end != last or start < 1:
        return "flattens the channels together with the batch"
    if start == 1:
        return carried.through(name, axes=0, flattened=True)
    return carried.through(name, axes=start - 1)


def _flattened_features(carried: Carried, name: str, start: int, end: int) -> Outcome:
    """Flatten when the channels are the last of an unknown number of axes; positions may come before them."""
    if start == -1 or end < -1:
        return carried.through(name)
    if end != -1 or start < 1:
        return "flattens the channels together with the batch"
    return carried.through(name, interleaved=carried.interleaved or not carried.flattened, flattened=True)


def reshaped(carried: Carried, name: str, sizes: Any) -> Outcome:
    """A view with given sizes: (batch, -1) and the like flatten; computed sizes come as None."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = sizes[0]
    if len(sizes) != 2:
        return "reshapes the channels to other axes"
    return flattened(carried, name, 1, -1)


def reduced(carried: Carried, name: str, axes: Any, *, keep: bool, linear: bool) -> Outcome:
    """A mean, sum or maximum over `axes`, which must be axes of positions."""
    given = (axes,) if isinstance(axes, int) else axes
    if not isinstance(given, tuple | list) or not all(isinstance(axis, int) for axis in given):
        return "reduces all axes, including the channels"
    if carried.squeezed:
        return "reduces axes after others may have been dropped"
    if carried.axes == 0:
        if all(axis < -1 for axis in given):
            return carried.through(name, linear=linear)
        return "reduces an axis that may be that of the channels"
    places = {axis + carried.axes + 2 if axis < 0 else axis for axis in given}
    if not places <= set(range(2, carried.axes + 2)):
        return "reduces the batch or the channels"
    return carried.through(name, linear=linear, axes=carried.axes - (0 if keep else len(places)))


def squeezed(carried: Carried, name: str, axes: Any) -> Outcome:
    """The value without axes of length 1: those of positions, or all of them."""
    if carried.axes == 0:
        return "may drop the axis of the channels"
    if axes is None:
        return carried.through(name, axes=0, squeezed=True)
    left = reduced(carried._replace(squeezed=False), name, axes, keep=False, linear=True)
    return left if isinstance(left, str) else left._replace(squeezed=True)
