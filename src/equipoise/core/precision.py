"""Double precision and one fixed random stream, without changing JAX's settings outside the package."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import equinox as eqx
import jax
import numpy as np

from equipoise.core.errors import InputError

Function = TypeVar("Function", bound=Callable[..., Any])


@contextlib.contextmanager
def numerics() -> Iterator[None]:
    """Apply the JAX settings under which the package computes; restores the previous settings on exit.

    64-bit types are allowed. The Threefry stream is the partitionable one, whose numbers do not depend on how an array
    is split over devices.
    """
    with jax.enable_x64(True), jax.threefry_partitionable(True):
        yield


def float64(function: Function) -> Function:
    """Decorate `function` so that it computes in the precision of its arguments (float64 by default) everywhere.

    Otherwise JAX narrows float64 to float32 outside its 64-bit mode. Inside a trace the caller's mode is kept; if that
    is float32 and the first argument is a problem in float64, `InputError` is raised.
    """

    @functools.wraps(function)
    def in_float64(*arguments: Any, **named: Any) -> Any:
        if jax.config.jax_enable_x64:  # type: ignore[attr-defined]
            return function(*arguments, **named)
        if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((arguments, named))):
            _check_not_narrowed(arguments[0] if arguments else None)
            return function(*arguments, **named)
        with numerics():
            return function(*arguments, **named)

    return in_float64  # type: ignore[return-value]


def _check_not_narrowed(first: Any) -> None:
    """Raise `InputError` for a problem in float64 in a trace of JAX that has rounded its arguments to float32."""
    if isinstance(first, eqx.Module) and getattr(first, "dtype", None) == np.float64:
        raise InputError(
            f"{type(first).__name__} is in float64, but JAX traces it in float32, as in jax.jit or jax.grad outside "
            "64-bit mode; do so within `with equipoise.numerics():`, or make the problem with dtype=numpy.float32."
        )
