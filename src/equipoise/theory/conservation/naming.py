"""The arrays of θ, flattened and by name."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.types import Shapes, Theta


def flattened(theta: Theta, shapes: Shapes) -> Float[np.ndarray, " parameters"]:
    """θ as one vector; raises `InputError` for a θ of other shapes."""
    found = tuple(np.shape(w) for w in theta)
    if found != shapes:
        raise InputError(f"theta has shapes {found}, but the laws were found for shapes {shapes}; give those.")
    return np.concatenate([np.ravel(np.asarray(w, dtype=float)) for w in theta])


def names_of(shapes: Shapes, names: Sequence[str] | None) -> list[str]:
    """A name for every entry, such as W1[0,2]; raises `InputError` unless there is one name for each array."""
    given = [f"W{k}" for k in range(1, len(shapes) + 1)] if names is None else list(names)
    if len(given) != len(shapes):
        raise InputError(f"There are {len(given)} names for {len(shapes)} arrays; give one for each.")
    return [
        f"{name}[{','.join(map(str, at))}]" if shape else name
        for name, shape in zip(given, shapes, strict=True)
        for at in np.ndindex(shape)
    ]
