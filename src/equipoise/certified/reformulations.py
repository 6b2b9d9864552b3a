"""One problem as another: rectangular as symmetric, and measurements by other matrices."""

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.method import AbstractMethod, Point


class _Around(AbstractMethod):
    """A method for one problem whose steps are another's for another problem; `point` translates."""

    def __init__(self, inner: AbstractMethod) -> None:
        self._inner = inner

    @property
    def interval(self) -> int:
        """That of the method within."""
        return self._inner.interval

    def start(self) -> object:
        """That of the method within."""
        return self._inner.start()

    def step(self, state: object) -> object:
        """That of the method within."""
        return self._inner.step(state)


class Embedded(_Around):
    """A method for symmetric matrices on a rectangular problem.

    min ‖X‖_* subject to A(X) = y is half of min tr Z, Z ⪰ 0, with X the upper right block of Z; and ν is half of the
    dual point there. Source: Recht, Fazel and Parrilo (2010), Section 2.
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
    """A method for measurements by orthonormal matrices on a problem with any others.

    With A* = Q*R the measurements Q(X) = R⁻ᵀy are the same, and the dual point there is Rν; the condition number of A
    does not enter the method.
    """

    def __init__(self, inner: AbstractMethod, triangle: Float[np.ndarray, "m m"]) -> None:
        """Take the method for Q, and R."""
        super().__init__(inner)
        self._triangle = triangle

    def point(self, state: object) -> Point:
        """X, and ν from Rν."""
        matrix, dual = self._inner.point(state)
        return Point(matrix, scipy.linalg.solve_triangular(self._triangle, dual, check_finite=False))
