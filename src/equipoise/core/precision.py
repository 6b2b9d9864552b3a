"""Double precision and one fixed random stream, without changing JAX's settings outside the package."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import jax

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

    Otherwise JAX narrows float64 to float32 outside its 64-bit mode. Inside a trace the caller's mode is kept.
    """

    @functools.wraps(function)
    def in_float64(*arguments: Any, **named: Any) -> Any:
        if jax.config.jax_enable_x64 or any(  # type: ignore[attr-defined]
            isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((arguments, named))
        ):
            return function(*arguments, **named)
        with numerics():
            return function(*arguments, **named)

    return in_float64  # type: ignore[return-value]
