"""What is measured of a matrix: A, its adjoint, and the inverse of A A*."""

import abc

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

Matrix = Float[np.ndarray, "d1 d2"]
Vector = Float[np.ndarray, " m"]


class AbstractGramOperator(abc.ABC):
    """m linearly independent measurements <A_i, X> of a d1 x d2 matrix X, with <A, X> = tr AᵀX."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of X."""

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """The number m of measurements."""

    @abc.abstractmethod
    def apply(self, matrix: Matrix) -> Vector:
        """A(X)ᵢ = <A_i, X>."""

    @abc.abstractmethod
    def adjoint(self, dual: Vector) -> Matrix:
        """A*(ν) = Σᵢ νᵢ A_i."""

    @abc.abstractmethod
    def solve_gram(self, values: Vector) -> Vector:
        """(A A*)⁻¹ z."""

    @abc.abstractmethod
    def adjoint_rounding(self, dual: Vector) -> float:
        """A bound on ‖computed A*(ν) − A*(ν)‖_F."""

    @abc.abstractmethod
    def congruence_gram(self, root: Matrix) -> Float[np.ndarray, "m m"]:
        """The matrix of <GᵀA_iG, GᵀA_jG> for a square G; measurements of symmetric matrices only."""

    @abc.abstractmethod
    def symmetric_embedding(self) -> "AbstractGramOperator":
        """The symmetric measurements [[0, A_i], [A_iᵀ, 0]]/2 of a (d1 + d2) x (d1 + d2) matrix."""

    @abc.abstractmethod
    def rows(self) -> Float[np.ndarray, "m entries"]:
        """Every A_i as a row, formed."""


class DenseGramOperator(AbstractGramOperator):
    """Measurements by matrices given as an array m x d1 x d2; they must be linearly independent."""

    def __init__(self, matrices: Float[np.ndarray, "m d1 d2"]) -> None:
        """Take the matrices and factor their Gram matrix, A A* = LLᵀ, by QR."""
        self._flat = np.ascontiguousarray(matrices.reshape(matrices.shape[0], -1))
        self._shape = (matrices.shape[1], matrices.shape[2])
        self._norms = np.linalg.norm(self._flat, axis=1)
        # A* = QR, so that A A* = RᵀR is never formed and keeps the condition number of A
        self._triangle = scipy.linalg.qr(self._flat.T, mode="r", check_finite=False)[0][: self.size]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of X."""
        return self._shape

    @property
    def size(self) -> int:
        """The number m of measurements."""
        return self._flat.shape[0]

    def apply(self, matrix: Matrix) -> Vector:
        """A(X)ᵢ = <A_i, X>."""
        return self._flat @ matrix.ravel()

    def adjoint(self, dual: Vector) -> Matrix:
        """A*(ν) = Σᵢ νᵢ A_i."""
        return (dual @ self._flat).reshape(self._shape)

    def solve_gram(self, values: Vector) -> Vector:
        """(A A*)⁻¹ z = R⁻¹R⁻ᵀz."""
        inner = scipy.linalg.solve_triangular(self._triangle, values, trans="T", check_finite=False)
        return scipy.linalg.solve_triangular(self._triangle, inner, check_finite=False)

    def adjoint_rounding(self, dual: Vector) -> float:
        """m ε Σᵢ |νᵢ| ‖A_i‖_F."""
        return float(self.size * np.finfo(float).eps * (np.abs(dual) @ self._norms))

    def orthonormal(self) -> "tuple[DenseGramOperator, Float[np.ndarray, 'm m']]":
        """Measurements Q with orthonormal matrices, and R upper triangular, such that A* = Q*R."""
        basis, triangle = scipy.linalg.qr(self._flat.T, mode="economic", check_finite=False)
        return DenseGramOperator(basis.T.reshape(self.size, *self._shape)), triangle

    def congruence_gram(self, root: Matrix) -> Float[np.ndarray, "m m"]:
        """BBᵀ with GᵀA_iG in row i of B."""
        n = self._shape[0]
        right = (self._flat.reshape(-1, n) @ root).reshape(self.size, n, n)
        flat = np.matmul(root.T, right).reshape(self.size, -1)
        return flat @ flat.T

    def symmetric_embedding(self) -> "DenseGramOperator":
        """The symmetric measurements [[0, A_i], [A_iᵀ, 0]]/2."""
        d1, d2 = self._shape
        half = self._flat.reshape(self.size, d1, d2) / 2
        embedded = np.zeros((self.size, d1 + d2, d1 + d2))
        embedded[:, :d1, d1:] = half
        embedded[:, d1:, :d1] = half.transpose(0, 2, 1)
        return DenseGramOperator(embedded)

    def rows(self) -> Float[np.ndarray, "m entries"]:
        """Every A_i as a row."""
        return self._flat


class EntriesGramOperator(AbstractGramOperator):
    """Measurements of single entries X_ij, none named twice.

    With `symmetric` the entry (i, j) is measured as <(e_i e_jᵀ + e_j e_iᵀ)/2, X>, which is X_ij where X is symmetric.
    """

    def __init__(
        self,
        rows: Int[np.ndarray, " m"],
        columns: Int[np.ndarray, " m"],
        shape: tuple[int, int],
        *,
        symmetric: bool = False,
    ) -> None:
        """Take the indices of the entries."""
        self._rows, self._columns, self._shape, self._symmetric = rows, columns, shape, symmetric

    @property
    def symmetric(self) -> bool:
        """Whether (i, j) stands for (j, i) too."""
        return self._symmetric

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of X."""
        return self._shape

    @property
    def size(self) -> int:
        """The number m of measurements."""
        return self._rows.size

    def apply(self, matrix: Matrix) -> Vector:
        """A(X) = X_ij, or (X_ij + X_ji)/2."""
        seen = matrix[self._rows, self._columns]
        return (seen + matrix[self._columns, self._rows]) / 2 if self._symmetric else seen

    def adjoint(self, dual: Vector) -> Matrix:
        """A*(ν): ν at its entries, split in halves over (i, j) and (j, i) where symmetric."""
        filled = np.zeros(self._shape)
        filled[self._rows, self._columns] = dual
        return (filled + filled.T) / 2 if self._symmetric else filled

    def solve_gram(self, values: Vector) -> Vector:
        """(A A*)⁻¹ z: the Gram matrix is diagonal, 1, or ½ off the diagonal where symmetric."""
        return np.where(self._rows == self._columns, values, 2 * values) if self._symmetric else values.copy()

    def adjoint_rounding(self, dual: Vector) -> float:
        """0: every entry of A*(ν) is one entry of ν or half of it, which is exact."""
        del dual
        return 0.0

    def congruence_gram(self, root: Matrix) -> Float[np.ndarray, "m m"]:
        """<A_i, W A_j W> with W = GGᵀ, which is (W_ac W_bd + W_ad W_bc)/2 for the entries (a, b) and (c, d)."""
        a, b = self._rows, self._columns
        metric = root @ root.T
        of_rows, of_columns = metric[a], metric[b]
        gram = of_rows[:, a] * of_columns[:, b]
        gram += of_rows[:, b] * of_columns[:, a]
        gram /= 2
        return gram

    def symmetric_embedding(self) -> "EntriesGramOperator":
        """The symmetric measurements of the entries (i, d1 + j)."""
        total = sum(self._shape)
        return EntriesGramOperator(self._rows, self._columns + self._shape[0], (total, total), symmetric=True)

    def rows(self) -> Float[np.ndarray, "m entries"]:
        """Every A_i as a row, formed."""
        formed = np.zeros((self.size, *self._shape))
        each = np.arange(self.size)
        share = np.where(self._rows == self._columns, 1.0, 0.5) if self._symmetric else np.ones(self.size)
        formed[each, self._rows, self._columns] = share
        if self._symmetric:
            formed[each, self._columns, self._rows] = share
        return formed.reshape(self.size, -1)
