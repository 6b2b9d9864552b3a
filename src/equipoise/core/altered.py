"""The base class of problems that alter another problem of the same θ."""

import numpy as np

from equipoise.core.problem import AbstractProblem, Curvature
from equipoise.core.types import Shapes, Theta


class AbstractAltered(AbstractProblem):
    """A problem on the θ of another one; to add one, define `loss` and `gradient`.

    - `problem`: the other one.
    """

    problem: AbstractProblem

    @property
    def shapes(self) -> Shapes:
        """Those of the problem itself."""
        return self.problem.shapes

    @property
    def dtype(self) -> np.dtype:
        """That of the problem itself."""
        return self.problem.dtype

    def curvature(self, theta: Theta) -> Curvature | None:
        """None: no closed form is known."""
        return None
