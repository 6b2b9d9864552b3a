"""The quadratic laws found: a basis of the conserved forms."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray, Theta
from equipoise.theory.conservation.elimination import sparsest
from equipoise.theory.conservation.forms import Form, as_coefficients, as_matrices, pairs
from equipoise.theory.conservation.found import FoundLaws
from equipoise.theory.conservation.naming import flattened, names_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConservationLaws(FoundLaws):
    """The quadratic forms θᵀQθ that gradient flow conserves, for all data that were drawn.

    - `coefficients`: those of an orthonormal basis of matrices Q, on the flattened θ; see `basis`.
    - `form`: "full" for any quadratic form, "diagonal" for sums of squares.
    - `residual`: the largest |θᵀQ∇loss| / (‖θ‖ ‖∇loss‖) at points and data that played no part in finding the laws.
    - `independent`: the rank of the derivatives of all forms at a generic θ.

    The other fields are those of `FoundLaws`. See `gap` for how sure the number of forms is.
    """

    form: Form

    @property
    def basis(self) -> Float[np.ndarray, "laws parameters parameters"]:
        """The matrices Q, orthonormal in the Frobenius product."""
        return as_matrices(self.coefficients, self.parameters, self.form)

    @property
    def status(self) -> str:
        """The number of conserved forms, how many of them are independent, and how sure that is, as a sentence."""
        return self._status("quadratic", "" if self.dimension else " (others were not looked for; see degree)")

    def values(self, theta: Theta) -> Float[np.ndarray, " laws"]:
        """θᵀQθ for each Q of the basis; raises `InputError` for a θ of other shapes."""
        flat = flattened(theta, self.shapes)
        rows, columns = pairs(self.parameters, self.form)
        products = np.where(rows == columns, 1.0, np.sqrt(2)) * flat[rows] * flat[columns]
        return self.coefficients @ products

    def contain(self, form: Float[AnyArray, "parameters parameters"], tolerance: float = 1e-6) -> bool:
        """Whether θᵀQθ is conserved: the distance of Q from the span of the laws is at most `tolerance` ‖Q‖.

        - `form`: Q, a symmetric matrix on the flattened θ.
        - `tolerance`: the relative distance allowed; 1e-6 by default.

        Raises `InputError` for a matrix of another size, or one that is not symmetric.
        """
        given = np.asarray(form, dtype=float)
        size = self.parameters
        if given.shape != (size, size) or not np.allclose(given, given.T):
            raise InputError(f"The form has shape {given.shape}; give a symmetric matrix of size {size} x {size}.")
        coordinates = as_coefficients(given, self.form)
        inside = (self.coefficients @ coordinates) @ self.coefficients
        norm = np.linalg.norm(given)
        # the entries of Q off the diagonal, which the diagonal form ignores, are outside the span, too
        unseen = max(norm**2 - np.sum(coordinates**2), 0.0)
        return bool(np.sqrt(np.sum((coordinates - inside) ** 2) + unseen) <= tolerance * norm)

    def sparse_basis(self) -> Float[np.ndarray, "laws parameters parameters"]:
        """Another basis, with few non-zero coefficients, the largest of each law 1; often one neuron per law.

        It is found by elimination, then by adding laws to one another as long as that gives more zeros. Coefficients
        below 1e-8 of the largest are set to zero.
        """
        rows, columns = pairs(self.parameters, self.form)
        weights = np.where(rows == columns, 1.0, np.sqrt(0.5))
        found = sparsest(self.coefficients * weights)
        return as_matrices(found / weights, self.parameters, self.form)

    def describe(self, terms: int = 8, *, names: Sequence[str] | None = None) -> list[str]:
        """Each law of the sparse basis as a formula of at most `terms` terms.

        - `names`: a name for each array of θ; W1, W2, … by default.

        Raises `InputError` for another number of names.
        """
        entries = names_of(self.shapes, names)
        return [_formula(matrix, entries, terms) for matrix in self.sparse_basis()]


def _formula(matrix: Float[np.ndarray, "parameters parameters"], names: list[str], most: int) -> str:
    """θᵀQθ as a sum of products."""
    rows, columns = np.nonzero(np.triu(matrix))
    factors = matrix[rows, columns] * np.where(rows == columns, 1, 2)
    parts = []
    for i, j, factor in zip(rows[:most], columns[:most], factors / factors[0], strict=False):
        sign = "−" if factor < 0 else "+"
        size = "" if abs(abs(factor) - 1) < 1e-6 else f"{abs(factor):.4g} "
        parts.append(f"{sign} {size}{names[i]}²" if i == j else f"{sign} {size}{names[i]} {names[j]}")
    more = f" … ({len(rows)} terms)" if len(rows) > most else ""
    return " ".join(parts).removeprefix("+ ") + more
