"""A function of each replicate: of as many at once as is safe and fits in memory."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr

from equipoise.simulation.batch import Batch

Result = TypeVar("Result")

_MOST_ENTRIES = 2**24
"""The largest number of entries of an array that may be made on the way, for all replicates at once."""

_DECOMPOSITIONS = frozenset(primitive.name for name, primitive in vars(jax.lax.linalg).items() if name.endswith("_p"))
_OUTSIDE = frozenset({"pure_callback", "io_callback", "ffi_call"})


def of_each(function: Callable[[Batch], Result], batch: Batch) -> Result:
    """`function` of each replicate, with the replicates along the leading axis of the results.

    On a CPU a batched decomposition, which runs on a thread of XLA's pool, waits for other threads of that pool. Two of
    them at the same time can wait for each other forever (in jaxlib 0.10 two batched QRs on two cores do). Unbatched
    ones do not wait.
    """
    program = jax.make_jaxpr(function)(jax.tree.map(lambda array: array[0], batch))
    decomposes = any(e.primitive.name in _DECOMPOSITIONS | _OUTSIDE for e in _equations(program.jaxpr))
    if jax.default_backend() == "cpu" and decomposes:
        return jax.lax.map(function, batch)
    at_once = max(1, _MOST_ENTRIES // max(1, _largest(program.jaxpr)))
    if at_once < batch.status.shape[0]:
        return jax.lax.map(function, batch, batch_size=at_once)
    return jax.vmap(function)(batch)


def _largest(program: Jaxpr) -> int:
    """The number of entries of the largest array that the program computes."""
    return max((variable.aval.size for e in _equations(program) for variable in e.outvars), default=0)


def _equations(program: Jaxpr) -> Iterator[Any]:
    """The equations of a program and of the programs within it."""
    for equation in program.eqns:
        yield equation
        for within in jax.tree.leaves(tuple(equation.params.values()), is_leaf=_is_program):
            if isinstance(within, ClosedJaxpr):
                yield from _equations(within.jaxpr)
            elif isinstance(within, Jaxpr):
                yield from _equations(within)


def _is_program(value: Any) -> bool:
    return isinstance(value, Jaxpr | ClosedJaxpr)
