"""The polynomial laws found: a basis of them, and the singular values that decided their number."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.types import Shapes, Theta
from equipoise.theory.conservation import spectrum
from equipoise.theory.conservation.elimination import sparsest
from equipoise.theory.conservation.naming import flattened, names_of
from equipoise.theory.conservation.polynomials import Terms, monomial_values

_POWERS = {2: "²", 3: "³"}


@dataclasses.dataclass(frozen=True)
class PolynomialLaws:
    """The polynomials without constant term that gradient flow conserves, up to a degree, for all data drawn.

    - `coefficients`: those of a basis, one column for each monomial of `terms`, the degrees one after the other.
    - `terms`: for each degree the monomials, as rows of indices into the flattened θ.
    - `degree`: the largest degree that was looked for.
    - `singular_values`: those of the linear system that every law must solve, descending, divided by the first.
    - `tolerance`: singular values of at most this count as zero.
    - `residual`: the largest rate of a law of the basis at points and data that played no part in finding it.
    - `independent`: the number of functionally independent laws: with a law, its powers up to the degree are laws too.
    - `shapes`: the shapes of the arrays of θ.
    """

    coefficients: Float[np.ndarray, "laws terms"]
    terms: Terms
    degree: int
    singular_values: Float[np.ndarray, " values"]
    tolerance: float
    residual: float
    independent: int
    shapes: Shapes

    @property
    def dimension(self) -> int:
        """The number of linearly independent polynomials that are conserved; see `independent`."""
        return len(self.coefficients)

    @property
    def parameters(self) -> int:
        """The number of parameters in θ."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @property
    def gap(self) -> float:
        """The smallest singular value that does not count as zero over the largest that does."""
        return spectrum.gap(self.singular_values, self.tolerance)

    @property
    def is_clear(self) -> bool:
        """Whether the number of laws of this degree is clear; it says nothing of other laws."""
        return spectrum.is_clear(self.singular_values, self.tolerance)

    @property
    def status(self) -> str:
        """The number of laws, of what degree, how many of them are independent, and how sure that is."""
        number = self.dimension or "no"
        kept = f"{number} polynomial law{'' if self.dimension == 1 else 's'} of degree at most {self.degree}"
        kept += f", {self.independent} of them independent" if self.independent < self.dimension else ""
        return f"{kept} (others were not looked for): {spectrum.told(self.singular_values, self.tolerance)}"

    def values(self, theta: Theta) -> Float[np.ndarray, " laws"]:
        """Each law of the basis at θ; raises `InputError` for a θ of other shapes."""
        return self.coefficients @ monomial_values(flattened(theta, self.shapes), self.terms)

    def describe(self, terms: int = 8, *, names: Sequence[str] | None = None) -> list[str]:
        """Each law of a basis with few terms as a formula; see `ConservationLaws.describe`."""
        entries = names_of(self.shapes, names)
        factors = [tuple(row) for places in self.terms for row in places.tolist()]
        return [_formula(row, factors, entries, terms) for row in sparsest(self.coefficients)]


def _formula(row: np.ndarray, factors: list[tuple[int, ...]], names: list[str], most: int) -> str:
    used = np.flatnonzero(row)
    parts = []
    for k in used[:most]:
        ratio = row[k] / row[used[0]]
        size = "" if abs(abs(ratio) - 1) < 1e-6 else f"{abs(ratio):.4g} "
        powers = Counter(factors[k]).items()
        parts.append(f"{'−' if ratio < 0 else '+'} {size}{' '.join(names[i] + _POWERS.get(n, '') for i, n in powers)}")
    more = f" … ({len(used)} terms)" if len(used) > most else ""
    return " ".join(parts).removeprefix("+ ") + more
