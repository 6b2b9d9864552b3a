"""The polynomial laws found: a basis of them, up to a degree."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.types import Theta
from equipoise.theory.conservation.elimination import sparsest
from equipoise.theory.conservation.found import FoundLaws
from equipoise.theory.conservation.naming import flattened, names_of
from equipoise.theory.conservation.polynomials import Terms, monomial_values

_POWERS = {2: "²", 3: "³"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PolynomialLaws(FoundLaws):
    """The polynomials without constant term that gradient flow conserves, up to a degree, for all data drawn.

    - `coefficients`: those of a basis, one column for each monomial of `terms`, the degrees one after the other.
    - `terms`: for each degree the monomials, as rows of indices into the flattened θ.
    - `degree`: the largest degree that was looked for.
    - `independent`: the number of functionally independent laws: with a law, its powers up to the degree are laws too.

    The other fields are those of `FoundLaws`.
    """

    terms: Terms
    degree: int

    @property
    def status(self) -> str:
        """The number of laws, of what degree, how many of them are independent, and how sure that is."""
        return self._status("polynomial", f" of degree at most {self.degree} (others were not looked for)")

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
