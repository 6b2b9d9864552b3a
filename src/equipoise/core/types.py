"""Types of arrays with their shapes, shared by all layers of the package."""

from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, Shaped

RealNumber = float | int | np.floating | np.integer
"""A real number as a user types it."""

AnyArray = jax.Array | np.ndarray
"""An array of JAX or of NumPy."""

Number = RealNumber | jax.Array
"""A real number, also one that JAX traces."""

Factor = Float[AnyArray, "rows rank"]
"""One factor of a product: a matrix of `rows` x `rank`, in the unit √[M]."""

Theta = tuple[Shaped[AnyArray, "..."], ...]
"""The free parameters of a problem: a tuple of real arrays, (X, Y) for XYᵀ."""

Shapes = tuple[tuple[int, ...], ...]
"""The shape of every array of a `Theta`."""

Scalar = Float[AnyArray, ""]
"""A real number as an array without axes."""

StepIndex = Int[AnyArray, ""] | int
"""The number of a step, counted from 0."""

Key = PRNGKeyArray
"""A key of JAX's counter-based random numbers."""

Schedule = Callable[[StepIndex], Array | float]
"""A value that depends on the step; an optax schedule is one."""
