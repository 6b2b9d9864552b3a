"""What an operator needs where nothing of its own is quicker: its matrices, formed."""

import numpy as np
from jaxtyping import Int

from equipoise.core.precision import numerics
from equipoise.core.types import AnyArray
from equipoise.problems.operators.dense import DenseOperator
from equipoise.problems.operators.interface import AbstractOperator
from equipoise.problems.operators.selected import Selected


class AbstractFormedOperator(AbstractOperator):
    """A linear map with general forms for all but `shape`, `count`, `apply` and `adjoint`: derive your own from it.

    `shape` and `count` are fields or properties. On arrays its matrices are formed, from the adjoint of unit vectors.
    """

    def select(self, indices: Int[AnyArray, " batch"]) -> Selected:
        """The measurements of these indices, at the cost of them all."""
        return Selected(self, indices)

    def symmetrized(self) -> DenseOperator:
        """The symmetric parts of the matrices, formed."""
        return self.on_arrays().symmetrized()

    def on_arrays(self) -> DenseOperator:
        """A_i = A*(e_i) for every i, formed."""
        with numerics():
            units = np.eye(self.count)
            return DenseOperator(np.stack([np.asarray(self.adjoint(unit).dense(), dtype=float) for unit in units]))
