"""Waiting for JAX."""

from typing import TypeVar

import jax

Computed = TypeVar("Computed")


def settled(computed: Computed) -> Computed:
    """Wait until `computed` is computed, and return it; Ctrl-C waits too, because XLA must not outlive Python."""
    try:
        return jax.block_until_ready(computed)
    except KeyboardInterrupt:
        jax.block_until_ready(computed)
        raise
