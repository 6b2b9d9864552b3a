"""Measurements of single entries."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, Dense, Sparse
from equipoise.problems.operators.interface import AbstractArrayOperator, check_square


class Entries(AbstractArrayOperator):
    """Some entries of W: A(W)_i = W[rows_i, columns_i].

    - `rows`, `columns`: the indices of the m measured entries, counted from 0.
    - `shape`: (d1, d2) of W.
    - `forms_product`: whether to form W and keep its gradient dense; True by default. This is faster unless few entries
      are measured, because a dense matrix product runs many times faster per operation than gathering entries.
    - `symmetric`: whether the entry (i, j) also stands for (j, i): A_k = (e_i e_jᵀ + e_j e_iᵀ)/2, which measures W_ij
      of a symmetric W; False by default.
    """

    rows: Int[AnyArray, " m"]
    columns: Int[AnyArray, " m"]
    shape: tuple[int, int] = eqx.field(static=True)
    forms_product: bool = eqx.field(static=True, default=True)
    symmetric: bool = eqx.field(static=True, default=False)

    @property
    def count(self) -> int:
        """m."""
        return self.rows.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """The measured entries."""
        seen = Dense(product.dense()) if self.forms_product else product
        entries = seen.at(self.rows, self.columns)
        return (entries + seen.at(self.columns, self.rows)) / 2 if self.symmetric else entries

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense | Sparse:
        """z at the measured entries, zero elsewhere; if symmetric, half of z at (i, j) and half at (j, i)."""
        values, rows, columns = jnp.asarray(weights), self.rows, self.columns
        if self.symmetric:
            values = jnp.concatenate([values, values]) / 2
            rows, columns = jnp.concatenate([rows, columns]), jnp.concatenate([columns, rows])
        sparse = Sparse(values, rows, columns, self.shape)
        return Dense(sparse.dense()) if self.forms_product else sparse

    def select(self, indices: Int[AnyArray, " batch"]) -> "Entries":
        """These entries."""
        rows, columns = jnp.asarray(self.rows)[indices], jnp.asarray(self.columns)[indices]
        return Entries(rows, columns, self.shape, self.forms_product, self.symmetric)

    def symmetrized(self) -> "Entries":
        """The same entries, each of which also stands for its mirror image."""
        check_square(self.shape)
        return Entries(self.rows, self.columns, self.shape, self.forms_product, symmetric=True)

    def on_arrays(self) -> "Entries":
        """The same entries with NumPy indices."""
        return Entries(*self._places, self.shape, self.forms_product, self.symmetric)

    @property
    def holds_matrices(self) -> bool:
        """False: entries are looked up."""
        return False

    def check(self, *, symmetric: bool) -> None:
        """Raise `InputError` for entries outside the matrix, repeated entries, and mirrored ones if not `symmetric`."""
        if self.symmetric and not symmetric:
            raise InputError(
                "The entries also stand for their mirror images, but the matrix need not be symmetric; "
                "give Entries with symmetric=False."
            )
        rows, columns = self._places
        first, second = self.shape
        outside = (rows < 0) | (rows >= first) | (columns < 0) | (columns >= second)
        if outside.any():
            k = int(np.argmax(outside))
            raise InputError(
                f"Measurement {k} is entry ({rows[k]}, {columns[k]}), outside the {first} x {second} matrix; "
                "count from 0."
            )
        self._check_repeats(rows, columns)

    def _check_repeats(self, rows: Int[np.ndarray, " m"], columns: Int[np.ndarray, " m"]) -> None:
        width = self.shape[1]
        low, high = (np.minimum(rows, columns), np.maximum(rows, columns)) if self.symmetric else (rows, columns)
        place, counts = np.unique(low * width + high, return_counts=True)
        if place.size < rows.size:
            twice = int(place[np.argmax(counts > 1)])
            mirrored = " (its mirror image counts as the same entry)" if self.symmetric else ""
            raise InputError(
                f"Entry ({twice // width}, {twice % width}) is measured more than once{mirrored}; "
                "give every entry once."
            )

    def apply_array(self, matrix: Float[np.ndarray, "d1 d2"]) -> Float[np.ndarray, " m"]:
        """W_ij, or (W_ij + W_ji)/2."""
        rows, columns = self._places
        seen = matrix[rows, columns]
        return (seen + matrix[columns, rows]) / 2 if self.symmetric else seen

    def adjoint_array(self, weights: Float[np.ndarray, " m"]) -> Float[np.ndarray, "d1 d2"]:
        """z at the measured entries, which must not repeat; if symmetric, half of z at (i, j) and half at (j, i)."""
        filled = np.zeros(self.shape)
        filled[self._places] = weights
        return (filled + filled.T) / 2 if self.symmetric else filled

    def adjoint_rounding(self, weights: Float[np.ndarray, " m"]) -> float:
        """0: every entry of A*(z) is one entry of z or half of it, which is exact."""
        del weights
        return 0.0

    def formed(self) -> Float[np.ndarray, "m d1 d2"]:
        """Every A_i: a single 1, or two halves if symmetric and off the diagonal."""
        formed = np.zeros((self.count, *self.shape))
        rows, columns = self._places
        each = np.arange(self.count)
        formed[each, rows, columns] = 1.0
        return (formed + formed.transpose(0, 2, 1)) / 2 if self.symmetric else formed

    def squared_norms(self) -> Float[np.ndarray, " m"]:
        """1, or ½ off the diagonal if symmetric; entries must not repeat."""
        rows, columns = self._places
        return np.where(rows == columns, 1.0, 0.5) if self.symmetric else np.ones(self.count)

    def congruence_gram(self, root: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "m m"]:
        """⟨A_i, V A_j V⟩ with V = GGᵀ, which is (V_ac V_bd + V_ad V_bc)/2 for the entries (a, b) and (c, d)."""
        a, b = self._places
        metric = root @ root.T
        of_rows, of_columns = metric[a], metric[b]
        gram = of_rows[:, a] * of_columns[:, b]
        gram += of_rows[:, b] * of_columns[:, a]
        gram /= 2
        return gram

    def symmetric_embedding(self) -> "Entries":
        """The symmetric measurements of the entries (i, d1 + j); only for entries that are not symmetric already."""
        rows, columns = self._places
        total = sum(self.shape)
        return Entries(rows, columns + self.shape[0], (total, total), self.forms_product, symmetric=True)

    @property
    def _places(self) -> tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
        return np.asarray(self.rows, dtype=np.intp), np.asarray(self.columns, dtype=np.intp)
