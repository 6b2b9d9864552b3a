"""The rotation that brings one pair of factors closest to another."""

from collections.abc import Sequence

from jaxtyping import Float

from equipoise.core.types import AnyArray


def nearest_rotation(
    optimum: Sequence[Float[AnyArray, "_ rank"]], point: Sequence[Float[AnyArray, "*points _ rank"]]
) -> Float[AnyArray, "*points rank rank"]:
    """The orthogonal R that minimizes Σ ‖W − W*R‖²_F, summed over factors W of `point` and W* of `optimum`.

    There is one R for each point: the orthogonal polar factor of Σ W*ᵀW. NumPy arrays give a NumPy array, JAX arrays a
    JAX array.
    Source: P. H. Schönemann, A generalized solution of the orthogonal Procrustes problem (1966).
    """
    first, *others = (w.T @ x for w, x in zip(optimum, point, strict=True))
    cross = sum(others, start=first)
    left, _, right = cross.__array_namespace__().linalg.svd(cross)
    return left @ right
