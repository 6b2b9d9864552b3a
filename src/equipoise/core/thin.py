"""Products of thin matrices."""

import jax.numpy as jnp
from jaxtyping import Float

from equipoise.core.types import AnyArray, Scalar

_SMALL = 1024
"""The entries of a product up to which it is formed anyway: without decompositions, a look at all replicates is one."""
_CHEAPER_THAN_QR = 4
"""The entries of a product, for each entry of its factors, up to which forming it is cheaper than two QRs.

On a CPU with jaxlib 0.10, sides of 25 to 3200 and 2 to 40 columns, the two break even between 2.5 and 6.
"""


def squared_norm_of_product(left: Float[AnyArray, "d1 k"], right: Float[AnyArray, "d2 k"]) -> Scalar:
    """‖LRᵀ‖²_F to full precision even if L and R are much larger: from LRᵀ itself if that is cheap, else by QR."""
    (d1, k), d2 = left.shape, right.shape[0]
    if d1 * d2 <= max(_SMALL, _CHEAPER_THAN_QR * (d1 + d2) * k):
        return jnp.sum((jnp.asarray(left) @ jnp.asarray(right).T) ** 2)
    return jnp.sum((jnp.linalg.qr(left, mode="r") @ jnp.linalg.qr(right, mode="r").T) ** 2)
