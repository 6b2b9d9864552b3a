"""Measurements by arbitrary matrices, given as one array."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, Dense
from equipoise.problems.operators.interface import AbstractArrayOperator, check_square

# The largest relative difference of A_i and A_iᵀ that counts as rounding.
_SYMMETRY = 1e-12


class DenseOperator(AbstractArrayOperator):
    """The A_i as one array m x d1 x d2; A(W) multiplies the matrix with the A_i as rows by W as a vector."""

    matrices: Float[AnyArray, "m d1 d2"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.matrices.shape[1], self.matrices.shape[2]

    @property
    def count(self) -> int:
        """m."""
        return self.matrices.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W), with W formed."""
        return jnp.asarray(self.matrices).reshape(self.count, -1) @ product.dense().ravel()

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense:
        """Σ z_i A_i."""
        return Dense((jnp.asarray(weights) @ self.matrices.reshape(self.count, -1)).reshape(self.shape))

    def select(self, indices: Int[AnyArray, " batch"]) -> "DenseOperator":
        """The A_i of these indices."""
        return DenseOperator(jnp.asarray(self.matrices)[indices])

    def symmetrized(self) -> "DenseOperator":
        """The symmetric parts (A_i + A_iᵀ)/2."""
        check_square(self.shape)
        formed = self.formed()
        return DenseOperator(np.ascontiguousarray((formed + formed.transpose(0, 2, 1)) / 2))

    def on_arrays(self) -> "DenseOperator":
        """The same matrices in float64, row by row in memory."""
        return DenseOperator(np.ascontiguousarray(self.formed()))

    @property
    def holds_matrices(self) -> bool:
        """True."""
        return True

    def check(self, *, symmetric: bool) -> None:
        """Raise `InputError` for numbers that are not finite and, if `symmetric`, for A_i that are not symmetric."""
        formed = self.formed()
        if not np.isfinite(formed).all():
            i, j, k = (int(place) for place in np.argwhere(~np.isfinite(formed))[0])
            raise InputError(f"Measurement matrix {i} is {formed[i, j, k]} at {(j, k)}; give finite numbers.")
        if symmetric:
            skew = np.abs(formed - formed.transpose(0, 2, 1)).max(axis=(1, 2))
            worst = int(np.argmax(skew))
            if skew[worst] > _SYMMETRY * np.abs(formed[worst]).max():
                raise InputError(
                    f"Measurement matrix {worst} is not symmetric; give (A + Aᵀ)/2, which measures the same."
                )

    def apply_array(self, matrix: Float[np.ndarray, "d1 d2"]) -> Float[np.ndarray, " m"]:
        """A(W)."""
        return self._rows @ matrix.ravel()

    def adjoint_array(self, weights: Float[np.ndarray, " m"]) -> Float[np.ndarray, "d1 d2"]:
        """Σ z_i A_i."""
        return (weights @ self._rows).reshape(self.shape)

    def adjoint_rounding(self, weights: Float[np.ndarray, " m"]) -> float:
        """m ε Σ |z_i| ‖A_i‖_F."""
        norms = np.linalg.norm(self._rows, axis=1)
        return float(self.count * np.finfo(float).eps * (np.abs(weights) @ norms))

    def formed(self) -> Float[np.ndarray, "m d1 d2"]:
        """The matrices."""
        return np.asarray(self.matrices, dtype=np.float64)

    def squared_norms(self) -> None:
        """None: the matrices need not be orthogonal to one another."""

    def congruence_gram(self, root: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "m m"]:
        """BBᵀ with GᵀA_iG in row i of B."""
        n = root.shape[0]
        right = (self._rows.reshape(-1, n) @ root).reshape(self.count, n, n)
        flat = np.matmul(root.T, right).reshape(self.count, -1)
        return flat @ flat.T

    def symmetric_embedding(self) -> "DenseOperator":
        """[[0, A_i], [A_iᵀ, 0]]/2."""
        d1, d2 = self.shape
        half = self.formed() / 2
        embedded = np.zeros((self.count, d1 + d2, d1 + d2))
        embedded[:, :d1, d1:] = half
        embedded[:, d1:, :d1] = half.transpose(0, 2, 1)
        return DenseOperator(embedded)

    @property
    def _rows(self) -> Float[np.ndarray, "m entries"]:
        return np.asarray(self.matrices, dtype=np.float64).reshape(self.count, -1)
