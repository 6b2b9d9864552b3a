"""Planes in the space of θ: through three points, along the largest moves of a path, or in random directions."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.seeds import generator
from equipoise.core.types import Theta

Arrays = tuple[Float[np.ndarray, "..."], ...]
"""θ, or a direction in its space, as arrays of double precision."""

_PARALLEL = 1e-10


@dataclasses.dataclass(frozen=True)
class Plane:
    """The points θ₀ + x e₁ + y e₂, with e₁ and e₂ of norm 1 and orthogonal in the Frobenius product of all arrays.

    So x and y are distances, in the unit of θ.

    - `origin`: θ₀.
    - `first`, `second`: e₁ and e₂, in the shapes of θ.
    """

    origin: Arrays
    first: Arrays
    second: Arrays

    def at(self, x: float, y: float) -> Arrays:
        """θ₀ + x e₁ + y e₂."""
        return tuple(o + x * a + y * b for o, a, b in zip(self.origin, self.first, self.second, strict=True))

    def coordinates(self, theta: Theta) -> tuple[float, float, float]:
        """(x, y, distance): where the point of the plane next to θ is, and how far θ is from it.

        Raises `InputError` for other shapes.
        """
        moved = minus(_arrays(theta, self.origin), self.origin)
        x, y = product(moved, self.first), product(moved, self.second)
        return x, y, float(np.sqrt(max(product(moved, moved) - x**2 - y**2, 0.0)))


def plane_through(origin: Theta, along: Theta, third: Theta) -> Plane:
    """The plane through three points: `origin` is (0, 0), `along` is (x, 0) with x > 0, and `third` has y > 0.

    - `origin`, `along`, `third`: θ, each a tuple of arrays in the same shapes.

    Raises `InputError` for points of different shapes, and for points on one line. Source: T. Garipov et al., Loss
    surfaces, mode connectivity, and fast ensembling of DNNs (2018).
    """
    start = _arrays(origin)
    return _spanned(start, minus(_arrays(along, start), start), minus(_arrays(third, start), start))


def plane_of_path(thetas: Sequence[Theta]) -> Plane:
    """The plane in which a path moves most: through its last point, along the two leading principal directions.

    - `thetas`: the points of the path, at least three.

    Raises `InputError` for fewer points, different shapes, and a path on one line. Source: H. Li et al., Visualizing
    the loss landscape of neural nets (2018), Section 7.
    """
    if len(thetas) < 3:
        raise InputError(f"The path has {len(thetas)} points; give at least three.")
    last = _arrays(thetas[-1])
    moved = np.array([_flat(minus(_arrays(theta, last), last)) for theta in thetas])
    centered = moved - moved.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    if sizes[1] <= _PARALLEL * sizes[0] or sizes[0] == 0:
        raise InputError("The path lies on one line, so it spans no plane; use random_plane.")
    signs = np.where(centered[0] @ directions[:2].T < 0, 1.0, -1.0)  # the path comes from the left and from below
    return Plane(last, *(_shaped(s * d, last) for s, d in zip(signs, directions[:2], strict=True)))


def random_plane(origin: Theta, *, seed: int, by_factor: bool = True) -> Plane:
    """A plane through `origin` along two random directions.

    - `origin`: θ₀.
    - `seed`: the seed of the directions.
    - `by_factor`: whether a direction moves each array of θ in proportion to its norm, so that the picture does not
      depend on how the norm is shared among the factors; True by default. If not, all entries move alike.

    Source: H. Li et al., Visualizing the loss landscape of neural nets (2018), Section 4, by array and not by
    filter.
    """
    start, draws = _arrays(origin), generator(seed)
    directions = []
    for _ in range(2):
        drawn = [draws.standard_normal(w.shape) for w in start]
        if by_factor:
            drawn = [d * np.linalg.norm(w) / np.linalg.norm(d) for d, w in zip(drawn, start, strict=True)]
        directions.append(tuple(drawn))
    if not any(d.any() for d in directions[0]):
        raise InputError("The origin is 0, so no direction has its proportions; pass by_factor=False.")
    return _spanned(start, *directions)


def product(a: Arrays, b: Arrays) -> float:
    """Σ ⟨a_i, b_i⟩ over the arrays."""
    return float(sum(np.sum(v * w) for v, w in zip(a, b, strict=True)))


def minus(a: Arrays, b: Arrays) -> Arrays:
    """a − b, array by array."""
    return tuple(v - w for v, w in zip(a, b, strict=True))


def _spanned(origin: Arrays, along: Arrays, across: Arrays) -> Plane:
    """The plane through a point and two directions, by Gram-Schmidt."""
    first = _unit(along)
    if first is None:
        raise InputError("Two of the points are the same, so they span no plane.")
    size = np.sqrt(product(across, across))
    for _ in range(2):  # the second pass removes the rounding error of the first
        shadow = product(across, first)
        across = tuple(w - shadow * v for w, v in zip(across, first, strict=True))
    second = _unit(across)
    if second is None or np.sqrt(product(across, across)) <= _PARALLEL * size:
        raise InputError("The points lie on one line, so they span no plane; move one of them off it.")
    return Plane(origin, first, second)


def _unit(direction: Arrays) -> Arrays | None:
    size = np.sqrt(product(direction, direction))
    return None if size == 0 else tuple(w / size for w in direction)


def _arrays(theta: Theta, like: Arrays | None = None) -> Arrays:
    arrays = tuple(np.asarray(w, np.float64) for w in theta)
    if like is not None and [w.shape for w in arrays] != [w.shape for w in like]:
        shapes = [tuple(w.shape for w in each) for each in (arrays, like)]
        raise InputError(f"A point has the shapes {shapes[0]}, but another one has {shapes[1]}; they must agree.")
    return arrays


def _flat(theta: Arrays) -> Float[np.ndarray, " n"]:
    return np.concatenate([w.ravel() for w in theta])


def _shaped(flat: Float[np.ndarray, " n"], like: Arrays) -> Arrays:
    ends = np.cumsum([w.size for w in like])
    return tuple(part.reshape(w.shape) for part, w in zip(np.split(flat, ends[:-1]), like, strict=True))
