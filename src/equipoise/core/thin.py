"""Products of thin matrices."""

import jax.numpy as jnp
from jaxtyping import Float

from equipoise.core.types import AnyArray, Scalar

_CHEAPER_THAN_QR = 16
"""The entries of a product, for each entry of its thin factors, up to which forming it is cheaper than two QRs."""


def squared_norm_of_product(left: Float[AnyArray, "d1 k"], right: Float[AnyArray, "d2 k"]) -> Scalar:
    """‖LRᵀ‖²_F to full precision even if L and R are much larger: from LRᵀ itself if that is cheap, else by QR."""
    (d1, k), d2 = left.shape, right.shape[0]
    if d1 * d2 <= _CHEAPER_THAN_QR * (d1 + d2) * k:
        return jnp.sum((jnp.asarray(left) @ jnp.asarray(right).T) ** 2)
    return jnp.sum((jnp.linalg.qr(left, mode="r") @ jnp.linalg.qr(right, mode="r").T) ** 2)
