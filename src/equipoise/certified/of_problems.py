"""The measurements of a problem, in the forms that are solved here."""

from typing import Any

import numpy as np

from equipoise.core.precision import numerics
from equipoise.problems import AbstractOperator, Entries


def as_given(operator: Any, *, psd: bool) -> Any:
    """A problem's operator as an array of matrices, or as entries; anything else as it is.

    Of the matrices only the symmetric part matters to a positive semidefinite X, as it does to UUᵀ.
    """
    if not isinstance(operator, AbstractOperator):
        return operator
    if isinstance(operator, Entries):
        return np.asarray(operator.rows), np.asarray(operator.columns), operator.shape
    with numerics():
        units = np.eye(operator.count)
        matrices = np.stack([np.asarray(operator.adjoint(unit).dense(), dtype=float) for unit in units])
    square = matrices.shape[1] == matrices.shape[2]
    return (matrices + matrices.transpose(0, 2, 1)) / 2 if psd and square else matrices
