"""What is kept of backward passes: for every parameter and axis, the sums of w·∂w over each place of the axis."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from equipoise.adapters.laws.columns import Column, kept_axes

Sums = Float[np.ndarray, "passes places"]


class Samples:
    """Sums of w·∂w of some backward passes, and the size that they would have by chance.

    - `shapes`: the shapes of the parameters by name.
    - `groups`: the numbers of groups of those that are weights of convolutions with groups.
    - `window_first`: whether the axes of a convolution's window come before those of its channels.
    - `rounding`: the rounding unit of the precision of the gradients.

    By chance, a sum of products x has the size √Σx², so a law is as good as Σ c x is small against √Σ c²x².
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        *,
        rounding: float,
        groups: Mapping[str, int] | None = None,
        window_first: bool = False,
    ) -> None:
        self.shapes = {name: tuple(shape) or (1,) for name, shape in shapes.items()}
        self.groups = dict(groups or {})
        self.rounding = rounding
        self.axes = {
            name: kept_axes(shape, self.groups.get(name, 1), window_first=window_first)
            for name, shape in self.shapes.items()
        }
        # biases of heads that have axes of their own in the weights beside them
        heads = {(s[a], s[b]) for s in self.shapes.values() if len(s) == 3 for a, b in ((0, 1), (1, 2))}
        for name, shape in self.shapes.items():
            if len(shape) == 2 and shape in heads and min(shape) > 1:
                self.axes[name].append((0, 1))
        self.passes = 0
        self._rows: dict[tuple[str, tuple[int, ...]], list[tuple[np.ndarray, np.ndarray]]] = {
            (name, axes): [] for name, chosen in self.axes.items() for axes in chosen
        }
        self._stacked: dict[tuple[str, tuple[int, ...]], tuple[Sums, Sums]] = {}

    def add(self, sums: Mapping[tuple[str, tuple[int, ...]], tuple[np.ndarray, np.ndarray]]) -> None:
        """Add one backward pass: for each parameter and axes, the sums of w·∂w and of their squares.

        What is missing counts as zero: the parameter had no gradient.
        """
        for (name, axes), rows in self._rows.items():
            places = math.prod(self.shapes[name][a] for a in axes)
            rows.append(sums.get((name, axes), (np.zeros(places), np.zeros(places))))
        self.passes += 1
        self._stacked.clear()

    def of(
        self, column: Column, passes: int | None = None
    ) -> tuple[Float[np.ndarray, "passes width"], Float[np.ndarray, "passes width"]]:
        """The sums of a column, and the squares of their sizes by chance; of the first `passes`, or of all."""
        key = column.parameter, column.axes
        if key not in self._stacked:
            rows = self._rows[key]
            self._stacked[key] = np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])
        sums, squares = self._stacked[key]
        return column.folded(sums[:passes]), column.folded(squares[:passes])

    def residual(self, columns: Sequence[Column], coefficients: Sequence[int]) -> float:
        """Σ c x relative to √Σ c²x², as a root mean square over channels and passes; about 1 for what is no law."""
        parts = [self.of(column) for column in columns]
        sums = sum(c * part[0] for c, part in zip(coefficients, parts, strict=True))
        sizes = sum(c**2 * part[1] for c, part in zip(coefficients, parts, strict=True))
        return relative_size(np.asarray(sums), np.asarray(sizes))


def relative_size(sums: Float[np.ndarray, "passes width"], squares: Float[np.ndarray, "passes width"]) -> float:
    """The root mean square of sums over their sizes; 0 if all are zero."""
    scale = squares + 1e-6 * squares.max(axis=-1, keepdims=True, initial=0.0)
    seen = scale > 0
    return float(np.sqrt(np.mean(sums[seen] ** 2 / scale[seen]))) if seen.any() else 0.0
