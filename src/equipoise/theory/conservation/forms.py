"""Symmetric matrices Q as vectors, so that θᵀQθ and its rate of change are inner products."""

from typing import Literal

import numpy as np
import scipy.sparse
from jaxtyping import Float, Int

Form = Literal["full", "diagonal"]


def pairs(parameters: int, form: Form) -> tuple[Int[np.ndarray, " terms"], Int[np.ndarray, " terms"]]:
    """The (i, j), i ≤ j, of the products θ_i θ_j in the form: all of them, or the squares alone."""
    if form == "diagonal":
        return np.arange(parameters), np.arange(parameters)
    return np.triu_indices(parameters)


def rates(
    theta: Float[np.ndarray, "points parameters"],
    gradient: Float[np.ndarray, "points parameters"],
    rows: Int[np.ndarray, " terms"],
    columns: Int[np.ndarray, " terms"],
) -> Float[np.ndarray, "points terms"]:
    """θᵀQ∇loss / ‖θ‖, which is −½ d(θᵀQθ)/dt under gradient flow over the size of θ, for each Q of a basis.

    The basis is E_ii and (E_ij + E_ji)/√2, i < j, which is orthonormal.
    """
    theta = theta / np.linalg.norm(theta, axis=1, keepdims=True)
    found = theta[:, rows] * gradient[:, columns]
    found += theta[:, columns] * gradient[:, rows]
    return found * np.where(rows == columns, 0.5, np.sqrt(0.5))


def as_matrices(
    coefficients: Float[np.ndarray, "laws terms"], parameters: int, form: Form
) -> Float[np.ndarray, "laws parameters parameters"]:
    """The matrices Q with the given coordinates in the basis of `rates`."""
    rows, columns = pairs(parameters, form)
    weights = np.where(rows == columns, 1.0, np.sqrt(0.5))
    matrices = np.zeros((len(coefficients), parameters, parameters))
    matrices[:, rows, columns] = matrices[:, columns, rows] = coefficients * weights
    return matrices


def derivatives(
    coefficients: Float[np.ndarray, "laws terms"], theta: Float[np.ndarray, " parameters"], form: Form
) -> Float[np.ndarray, "laws parameters"]:
    """Qθ, which is half the derivative of θᵀQθ, for each Q with the given coordinates in the basis of `rates`."""
    rows, columns = pairs(theta.size, form)
    terms = np.arange(rows.size)
    weights = np.where(rows == columns, 0.5, np.sqrt(0.5))
    parts = [
        scipy.sparse.csr_array((weights * theta[factor], (terms, place)), shape=(rows.size, theta.size))
        for place, factor in ((rows, columns), (columns, rows))
    ]
    return coefficients @ parts[0] + coefficients @ parts[1]


def as_coefficients(matrix: Float[np.ndarray, "parameters parameters"], form: Form) -> Float[np.ndarray, " terms"]:
    """The coordinates of a symmetric matrix; in the diagonal form, of its diagonal alone."""
    rows, columns = pairs(len(matrix), form)
    return np.where(rows == columns, 1.0, np.sqrt(2)) * matrix[rows, columns]
