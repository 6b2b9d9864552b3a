"""Methods that solve one problem through another: rectangular as symmetric, and with orthonormal measurements."""

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.method import AbstractMethod, Point


class _Around(AbstractMethod):
    """A method whose steps are those of an inner method for another problem; `point` translates the estimates."""

    def __init__(self, inner: AbstractMethod) -> None:
        self._inner = inner

    @property
    def interval(self) -> int:
        """The interval of the inner method."""
        return self._inner.interval

    def start(self) -> object:
        """The start of the inner method."""
        return self._inner.start()

    def step(self, state: object) -> object:
        """The step of the inner method."""
        return self._inner.step(state)


class Embedded(_Around):
    """A method for symmetric matrices, applied to a rectangular problem.

    min ‖X‖_* subject to A(X) = y is half of min tr Z, Z ⪰ 0, where X is the upper right block of Z; ν is half of the
    dual point of that problem. Source: Recht, Fazel and Parrilo (2010), Section 2.
    """

    def __init__(self, inner: AbstractMethod, height: int) -> None:
        """Take the method for Z, and the number d1 of rows of X."""
        super().__init__(inner)
        self._height = height

    def point(self, state: object) -> Point:
        """X, the upper right block of Z, and ν/2."""
        matrix, dual = self._inner.point(state)
        return Point(matrix[: self._height, self._height :], dual / 2)


class Orthonormal(_Around):
    """A method for orthonormal measurement matrices, applied to any others.

    With A* = Q*R the measurements Q(X) = R⁻ᵀy are equivalent, and their dual point is Rν. So the condition number of A
    does not affect the method.
    """

    def __init__(self, inner: AbstractMethod, triangle: Float[np.ndarray, "m m"]) -> None:
        """Take the method for Q, and R."""
        super().__init__(inner)
        self._triangle = triangle

    def point(self, state: object) -> Point:
        """X, and ν from Rν."""
        matrix, dual = self._inner.point(state)
        return Point(matrix, scipy.linalg.solve_triangular(self._triangle, dual, check_finite=False))
