"""Numbers that XLA computes once, however many of its loops read them."""

from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from equipoise.core.types import StepIndex

Tree = TypeVar("Tree")


def held(tree: Tree, step: StepIndex) -> Tree:
    """The same arrays. XLA would otherwise compute random numbers again in each loop that reads them.

    It is a loop of one round whose number XLA cannot know, since XLA does not fuse across loops. `step` is the number
    of a step, 0 or greater.
    """
    return _held(tree, jnp.minimum(jnp.asarray(step), 0) + 1)


@jax.custom_jvp
def _held(tree: Any, rounds: Any) -> Any:
    return jax.lax.fori_loop(0, rounds, lambda _, none: tree, jax.tree.map(jnp.zeros_like, tree))


@_held.defjvp
def _same_tangent(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    return _held(*primals), tangents[0]
