"""What an optax optimizer does, read from its program: whether it runs, and where its random numbers come from."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, Var

_DRAWS = frozenset({"random_bits", "threefry2x32", "rng_bit_generator"})
"""The operations of JAX that make random numbers from a key."""
_PLAIN_CALLS = frozenset({"jit", "pjit", "closed_call", "core_call", "remat", "checkpoint"})
"""The operations that call a program of the same arguments and results."""


def draws_from_fixed_keys(program: Callable[..., Any], *arguments: Any, keys: Any = ()) -> bool:
    """Whether the program draws random numbers from a key that does not come from `keys`, its last argument.

    Such numbers are the same in every replicate.
    """
    closed = jax.make_jaxpr(lambda others, keys: program(*others, *keys))(arguments, keys)
    count = len(jax.tree.leaves(keys))
    inputs = closed.jaxpr.invars
    owned = {v: place >= len(inputs) - count and _is_key(v.aval) for place, v in enumerate(inputs)}
    return _fixed_draw(closed.jaxpr, owned)


def _is_key(leaf: Any) -> bool:
    """Whether an array is a random key, or has the form of an old one: words of 32 bits."""
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) or leaf.dtype == jnp.uint32


def _fixed_draw(program: Jaxpr, owned: dict[Var, bool]) -> bool:
    """Whether a draw of the program has no key that is owned; fills in which variables come from owned keys."""
    for equation in program.eqns:
        inputs = [not isinstance(v, Literal) and owned.get(v, False) for v in equation.invars]
        if equation.primitive.name in _DRAWS and not any(inputs):
            return True
        within = [p for p in map(_opened, jax.tree.leaves(tuple(equation.params.values()), is_leaf=_is_program)) if p]
        plain = equation.primitive.name in _PLAIN_CALLS and len(within) == 1
        outputs = [any(inputs)] * len(equation.outvars)
        for part in within:
            # loops and branches are not followed variable by variable: an owned key may reach every part of them
            known = inputs if plain else [any(inputs)] * len(part.invars)
            inner = dict(zip(part.invars, known, strict=True))
            if _fixed_draw(part, inner):
                return True
            if plain:
                outputs = [not isinstance(v, Literal) and inner.get(v, False) for v in part.outvars]
        owned.update(zip(equation.outvars, outputs, strict=True))
    return False


def _opened(value: Any) -> Jaxpr | None:
    return value.jaxpr if isinstance(value, ClosedJaxpr) else value if isinstance(value, Jaxpr) else None


def _is_program(value: Any) -> bool:
    return isinstance(value, Jaxpr | ClosedJaxpr)
