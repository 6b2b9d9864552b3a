"""A random start."""

from jaxtyping import Array

from equipoise.core.draws import standard_normal
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex


class Gaussian(AbstractInitial):
    """A start with independent entries from N(0, std²).

    - `std`: one number or one per factor, in the unit of the factors.

    Raises `InputError` for a negative `std`. Source: Liu et al. (2021), Section 5.
    """

    std: PerFactor

    def __init__(self, std: PerFactorLike) -> None:
        self.std = per_factor("std", std, positive=False)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the problem's shapes."""
        stds = self.std.at(0, len(problem.shapes), problem.dtype)
        drawn = standard_normal(key, problem.shapes, problem.dtype)
        return tuple(s * z for s, z in zip(stds, drawn, strict=True))
