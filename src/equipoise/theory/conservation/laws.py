"""What was found: a basis of the conserved quadratic forms, and the spectrum that decided how many there are."""

import dataclasses

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.theory.conservation.elimination import sparsest
from equipoise.theory.conservation.forms import Form, as_coefficients, as_matrices, pairs


@dataclasses.dataclass(frozen=True)
class ConservationLaws:
    """The quadratic forms θᵀQθ that gradient flow conserves, for all data that were drawn.

    `coefficients` are those of an orthonormal basis of matrices Q, on the flattened θ; see `basis`. `singular_values`
    are those of the linear system that every Q must solve, largest first, divided by the first; those of at most
    `tolerance` count as zero. `gap` is the least that does not over the largest that does: the larger, the
    surer (infinite if all or none do). `residual` is how far the laws are from being kept at points and data that had
    no part in finding them: the largest |θᵀQ∇loss| / (‖θ‖ ‖∇loss‖).
    """

    coefficients: Float[np.ndarray, "laws terms"]
    form: Form
    singular_values: Float[np.ndarray, " terms"]
    tolerance: float
    residual: float
    shapes: Shapes

    @property
    def dimension(self) -> int:
        """How many independent laws there are."""
        return len(self.coefficients)

    @property
    def parameters(self) -> int:
        """How many numbers θ has."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @property
    def basis(self) -> Float[np.ndarray, "laws parameters parameters"]:
        """The matrices Q, orthonormal in the Frobenius product."""
        return as_matrices(self.coefficients, self.parameters, self.form)

    @property
    def gap(self) -> float:
        """The least singular value that counts over the largest that does not."""
        null = self.singular_values <= self.tolerance
        if null.all() or not null.any():
            return np.inf
        return float(self.singular_values[~null].min() / max(self.singular_values[null].max(), np.finfo(float).tiny))

    @property
    def status(self) -> str:
        """What was found and how sure it is, as a sentence."""
        number = self.dimension or "no"
        kept = f"{number} quadratic law{'' if self.dimension == 1 else 's'}"
        counted = self.singular_values[self.singular_values > self.tolerance]
        least = f"the least singular value that is not zero is {counted[-1]:.1e}" if counted.size else "all are zero"
        doubt = "; this is too close to say" if not self.is_clear else ""
        return f"{kept}: {least}, those below {self.tolerance:.1e} count as zero, the gap is {self.gap:.1e}{doubt}"

    @property
    def is_clear(self) -> bool:
        """Whether zero and non-zero singular values are two orders of magnitude or more apart from the tolerance."""
        counted = self.singular_values[self.singular_values > self.tolerance]
        return not counted.size or bool(counted[-1] > 100 * self.tolerance)

    def values(self, theta: Theta) -> Float[np.ndarray, " laws"]:
        """θᵀQθ for each Q of the basis; `InputError` for a θ of other shapes."""
        flat = self._flat(theta)
        rows, columns = pairs(self.parameters, self.form)
        products = np.where(rows == columns, 1.0, np.sqrt(2)) * flat[rows] * flat[columns]
        return self.coefficients @ products

    def contain(self, form: Float[AnyArray, "parameters parameters"], tolerance: float = 1e-6) -> bool:
        """Whether θᵀQθ is conserved, Q being given: its distance from the span of the laws is at most tolerance ‖Q‖.

        Raises `InputError` for a matrix of another size, or one that is not symmetric.
        """
        given = np.asarray(form, dtype=float)
        size = self.parameters
        if given.shape != (size, size) or not np.allclose(given, given.T):
            raise InputError(f"The form has shape {given.shape}; give a symmetric matrix of size {size} x {size}.")
        coordinates = as_coefficients(given, self.form)
        inside = (self.coefficients @ coordinates) @ self.coefficients
        norm = np.linalg.norm(given)
        # what the diagonal form does not see of Q is outside, too
        unseen = max(norm**2 - np.sum(coordinates**2), 0.0)
        return bool(np.sqrt(np.sum((coordinates - inside) ** 2) + unseen) <= tolerance * norm)

    def sparse_basis(self) -> Float[np.ndarray, "laws parameters parameters"]:
        """Another basis, with few non-zero coefficients, the largest of each 1: one neuron a law, where so it is.

        By elimination, and then by adding laws to one another as long as that leaves more zeros; numbers below 1e-8 of
        the largest are cut.
        """
        rows, columns = pairs(self.parameters, self.form)
        weights = np.where(rows == columns, 1.0, np.sqrt(0.5))
        found = sparsest(self.coefficients * weights)
        return as_matrices(found / weights, self.parameters, self.form)

    def describe(self, terms: int = 8) -> list[str]:
        """Each law of the sparse basis as a formula, of at most so many terms, W1, W2, … being the arrays of θ."""
        names = [
            f"W{k}[{','.join(map(str, at))}]" for k, shape in enumerate(self.shapes, 1) for at in np.ndindex(shape)
        ]
        return [_formula(matrix, names, terms) for matrix in self.sparse_basis()]

    def _flat(self, theta: Theta) -> Float[np.ndarray, " parameters"]:
        found = tuple(np.shape(w) for w in theta)
        if found != self.shapes:
            raise InputError(f"theta has shapes {found}, but the laws are those of shapes {self.shapes}.")
        return np.concatenate([np.ravel(np.asarray(w, dtype=float)) for w in theta])


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
