"""The base class of operators that form their matrices where they have no faster way of their own."""

import numpy as np
from jaxtyping import Int

from equipoise.core.precision import numerics
from equipoise.core.types import AnyArray
from equipoise.problems.operators.dense import DenseOperator
from equipoise.problems.operators.interface import AbstractOperator
from equipoise.problems.operators.selected import Selected


class AbstractFormedOperator(AbstractOperator):
    """A linear map that needs only `shape`, `count`, `apply` and `adjoint`; derive an operator of your own from it.

    `shape` and `count` may be fields or properties. On NumPy arrays the matrices are formed as adjoints of unit
    vectors.
    """

    def select(self, indices: Int[AnyArray, " batch"]) -> Selected:
        """The measurements of these indices, at the cost of all measurements."""
        return Selected(self, indices)

    def symmetrized(self) -> DenseOperator:
        """The symmetric parts of the matrices, formed."""
        return self.on_arrays().symmetrized()

    def on_arrays(self) -> DenseOperator:
        """A_i = A*(e_i) for every i, formed."""
        with numerics():
            units = np.eye(self.count)
            return DenseOperator(np.stack([np.asarray(self.adjoint(unit).dense(), dtype=float) for unit in units]))
