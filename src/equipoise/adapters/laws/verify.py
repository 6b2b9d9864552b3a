"""Laws put to the test of gradients that played no part in finding them."""

import dataclasses
import warnings
from collections.abc import Sequence

from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.search import APPROXIMATE


def verified(laws: GradientLaws, fresh: Samples) -> GradientLaws:
    """The laws that fresh gradients obey, with their residuals there; warns of each that they do not obey."""
    kept, dropped = tested(laws.laws, fresh, laws.tolerance)
    for law, residual in dropped:
        warnings.warn(
            f"The law {law.formula(laws.shapes)} does not hold on fresh gradients (residual {residual:.0e}); "
            "it is dropped.",
            stacklevel=3,
        )
    return dataclasses.replace(laws, laws=tuple(kept))


def tested(laws: Sequence[Law], fresh: Samples, tolerance: float) -> tuple[list[Law], list[tuple[Law, float]]]:
    """The laws that hold, with their residuals, and those that do not, with theirs."""
    kept, dropped = [], []
    for law in laws:
        residual = fresh.residual(law.columns, law.coefficients)
        if residual > max(5 * APPROXIMATE, 3 * tolerance):
            dropped.append((law, residual))
        else:
            is_approximate = law.is_approximate or (law.is_invariance and residual > 3 * tolerance)
            kept.append(dataclasses.replace(law, residual=residual, is_approximate=is_approximate))
    return kept, dropped
