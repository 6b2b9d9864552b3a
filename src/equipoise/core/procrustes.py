"""The rotation that brings one pair of factors nearest to another."""

from collections.abc import Sequence

from jaxtyping import Float

from equipoise.core.types import AnyArray


def nearest_rotation(
    optimum: Sequence[Float[AnyArray, "_ rank"]], point: Sequence[Float[AnyArray, "*points _ rank"]]
) -> Float[AnyArray, "*points rank rank"]:
    """The orthogonal R of least Σ ‖W − W*R‖²_F over the factors W of `point` and W* of `optimum`, for each point.

    R is the orthogonal factor of Σ W*ᵀW. Arrays of NumPy give one of NumPy, those of JAX one of JAX. Source: P. H.
    Schönemann, A generalized solution of the orthogonal Procrustes problem (1966).
    """
    first, *others = (w.T @ x for w, x in zip(optimum, point, strict=True))
    cross = sum(others, start=first)
    left, _, right = cross.__array_namespace__().linalg.svd(cross)
    return left @ right
