"""What all laws found have in common: a basis, and the singular values that decided its size."""

import dataclasses

import numpy as np
from jaxtyping import Float

from equipoise.core.types import Shapes
from equipoise.theory.conservation import spectrum


@dataclasses.dataclass(frozen=True, kw_only=True)
class FoundLaws:
    """Functions of θ that gradient flow conserves, for all data that were drawn.

    - `coefficients`: those of a basis of the laws.
    - `singular_values`: those of the linear system that every law must solve, descending, divided by the first; of
      more than 400 unknowns the first and the smallest ones alone.
    - `tolerance`: singular values of at most this count as zero.
    - `residual`: the largest relative rate of a law of the basis at points and data that played no part in finding it.
    - `independent`: the number of functionally independent laws. It is below `dimension` where some laws are functions
      of the others.
    - `shapes`: the shapes of the arrays of θ.
    """

    coefficients: Float[np.ndarray, "laws terms"]
    singular_values: Float[np.ndarray, " values"]
    tolerance: float
    residual: float
    independent: int
    shapes: Shapes

    @property
    def dimension(self) -> int:
        """The number of linearly independent laws; see `independent`."""
        return len(self.coefficients)

    @property
    def parameters(self) -> int:
        """The number of parameters in θ."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @property
    def gap(self) -> float:
        """The smallest singular value that does not count as zero over the largest that does.

        The larger the gap, the surer the number of laws. It is infinite if all or none count as zero.
        """
        return spectrum.gap(self.singular_values, self.tolerance)

    @property
    def is_clear(self) -> bool:
        """Whether every singular value that does not count as zero is more than 100 times the tolerance.

        It says that the number of laws of the kind looked for is clear, and nothing of laws of other kinds.
        """
        return spectrum.is_clear(self.singular_values, self.tolerance)

    def _status(self, kind: str, limits: str) -> str:
        """The number of laws, how many of them are independent, what was not looked for, and how sure that is."""
        laws = "law" if self.dimension == 1 else "laws"
        independent = f", {self.independent} of them independent" if self.independent < self.dimension else ""
        sure = spectrum.told(self.singular_values, self.tolerance)
        return f"{self.dimension or 'no'} {kind} {laws}{limits}{independent}: {sure}"
