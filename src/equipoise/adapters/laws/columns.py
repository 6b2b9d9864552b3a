"""Columns: the ways in which the entries of a parameter are added up for each channel."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from equipoise.adapters.arithmetic import Tensor

MOST_ENTRIES = 2**17
"""The longest sum over two axes that is kept; longer ones belong to no channel of a usual model."""


@dataclasses.dataclass(frozen=True)
class Column:
    """Sums over a parameter's entries, one for each channel.

    The parameter is summed over all axes but `axes`, what is left is flattened, and `start` to `start + length` of it
    is split into axes of the lengths `split`. Of these, `kept` number the channels, and of `picked`, if given, one
    place is read; the others are summed as well.

    - `parameter`: the name of the parameter.
    - `axes`: its axes that number channels.
    - `start`, `split`, `kept`: the part of them, its division, and the parts of the division that number channels.
    - `picked`: (k, place): only this place along part k is read, as of the keys of a layer that gives query, key and
      value for each head.
    """

    parameter: str
    axes: tuple[int, ...]
    start: int
    split: tuple[int, ...]
    kept: tuple[int, ...]
    picked: tuple[int, int] | None = None

    @property
    def length(self) -> int:
        """The number of entries from the first to the last that is read."""
        return math.prod(self.split)

    @property
    def width(self) -> int:
        """The number of channels."""
        return math.prod(self.split[k] for k in self.kept)

    @property
    def is_plain(self) -> bool:
        """Whether each place that is read is a channel."""
        return len(self.kept) == len(self.split)

    def divided(self, split: tuple[int, ...], kept: tuple[int, ...]) -> "Column":
        """The same entries, divided in another way."""
        return dataclasses.replace(self, split=split, kept=kept)

    def folded(self, sums: Tensor) -> Tensor:
        """Sums along the axes, (…, all entries of `axes`), added up for each channel: (…, width)."""
        lead = tuple(sums.shape[:-1])
        part = sums[..., self.start : self.start + self.length].reshape(*lead, *self.split)
        if self.picked is not None:
            part = part[(..., slice(self.picked[1], self.picked[1] + 1), *(slice(None),) * self._after(self.picked[0]))]
        summed = tuple(len(lead) + k for k in range(len(self.split)) if k not in self.kept)
        return (part.sum(summed) if summed else part).reshape(*lead, -1)

    def _after(self, part: int) -> int:
        """The number of parts after one of the division."""
        return len(self.split) - 1 - part

    def view(self, along: np.ndarray) -> np.ndarray:
        """The places that are read of an array along the axes, as a view of it."""
        part = along[self.start : self.start + self.length]
        if self.picked is None:
            return part
        part = part.reshape(self.split)
        return np.moveaxis(part, self.picked[0], 0)[self.picked[1]]

    def label(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """What is added up for channel i, for the reader: `fc.weight[i, :]`."""
        shape = shapes[self.parameter]
        place = f"{self.start} + i" if self.start else "i"
        if any(n > 1 and k not in self.kept for k, n in enumerate(self.split)):
            divided = (self._factor(k) for k, n in enumerate(self.split) if n > 1)
            place += f" of {'·'.join(divided)}"
        elif self.start == 0 and self.length < math.prod(shape[a] for a in self.axes):
            place += f" < {self.length}"
        places = iter((place, *("…" for _ in self.axes)))
        return f"{self.parameter}[{', '.join(next(places) if a in self.axes else ':' for a in range(len(shape)))}]"

    def _factor(self, part: int) -> str:
        """A part of the division, for the reader."""
        if self.picked is not None and self.picked[0] == part:
            return f"[{self.picked[1]}]"
        return f"{'' if part in self.kept else 'Σ'}{self.split[part]}"


def whole(parameter: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> Column:
    """The column whose channels are all places along some axes."""
    split = tuple(shape[a] for a in axes)
    return Column(parameter, axes, 0, split, tuple(range(len(split))))


def kept_axes(shape: tuple[int, ...], groups: int = 1, *, window_first: bool = False) -> list[tuple[int, ...]]:
    """The axes, or pairs of axes, along which sums of a parameter are kept.

    Pairs are those of arrays with three axes, as of experts or heads, and of a convolution with groups. Of four axes
    and more, all but two are those of a window, which has no channels; they are the last, or the first ones.
    """
    axes = range(len(shape))
    long = [a for a in (axes if len(shape) < 4 else axes[-2:] if window_first else axes[:2]) if shape[a] > 1]
    chosen = [(a,) for a in long] or [(0,)]
    pairs = [(a, b) for a in long for b in long if a < b] if len(shape) == 3 else []
    if groups > 1 and len(shape) > 2 and shape[1] > 1 and (0, 1) not in pairs:
        pairs.append((0, 1))
    return chosen + [pair for pair in pairs if shape[pair[0]] * shape[pair[1]] <= MOST_ENTRIES]


def sums_along(products: Tensor, axes: tuple[int, ...]) -> Tensor:
    """The sums of an array over all axes but some, flattened."""
    others = tuple(a for a in range(products.ndim) if a not in axes)
    return (products.sum(others) if others else products).reshape(-1)
