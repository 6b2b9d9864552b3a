"""A start whose size is given for the matrix that it represents."""

import jax.numpy as jnp
from jaxtyping import Array, Int

from equipoise.core.checks import as_array, positive_number
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.thin import squared_norm_of_product
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class EndToEnd(AbstractInitial):
    """Another start of a given size end to end: each array is multiplied by c^{1/N}, and so the matrix W(θ₀) by c.

    N is the degree of W in θ: 2 for XYᵀ and UUᵀ, the depth for products of N matrices and for diagonal networks.

    - `start`: the other start.
    - `norm`: the Frobenius norm that W(θ₀) gets, in [M].
    - `factor`: c itself, for starts whose matrix may be 0, as that of Uᴸ − Vᴸ at U = V.

    Give exactly one of `norm` and `factor`. A start whose matrix is 0 stays as it is. Raises `InputError` for numbers
    that are not greater than 0, and for a problem whose matrix has no degree.
    """

    start: AbstractInitial
    norm: AnyArray | None
    factor: AnyArray | None

    def __init__(
        self, start: AbstractInitial, norm: RealNumber | None = None, *, factor: RealNumber | None = None
    ) -> None:
        if (norm is None) == (factor is None):
            raise InputError("A start of a given size needs either norm or factor; give exactly one of them.")
        self.start = start
        self.norm = None if norm is None else as_array(positive_number("norm", norm))
        self.factor = None if factor is None else as_array(positive_number("factor", factor))

    @property
    def needs_signal(self) -> bool:
        """Whether the other start needs the known optimum."""
        return self.start.needs_signal

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which the other start has one."""
        return self.start.replicates(problem)

    @property
    def is_conditional(self) -> bool:
        """Whether draws of the other start are rejected."""
        return self.start.is_conditional

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """How many draws of the other start are rejected."""
        return self.start.rejected(key, replicate, problem)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The scaled start."""
        if not isinstance(problem, AbstractFactorization) or problem.degree is None:
            raise InputError(
                f"The size of a start end to end needs a matrix that is homogeneous in θ, but {type(problem).__name__} "
                "has none; give the size of each array, by initial.Gaussian or initial.GaussianOfNorm."
            )
        drawn, power = self.start.sample(key, replicate, problem), 1 / problem.degree
        if self.factor is not None:
            return tuple(w * jnp.asarray(self.factor**power, w.dtype) for w in drawn)
        # first to arrays of norms about 1, since the square of a tiny product underflows
        size = jnp.max(jnp.stack([jnp.max(jnp.abs(w)) for w in drawn]))
        unit = tuple(w / jnp.where(size > 0, size, 1) for w in drawn)
        squared = squared_norm_of_product(*(jnp.asarray(side) for side in problem.product_factors(unit)))
        norm = jnp.where(squared > 0, jnp.sqrt(squared), jnp.ones_like(squared))
        scale = (jnp.asarray(self.norm, norm.dtype) / norm) ** power
        return tuple(jnp.where(squared > 0, w * scale, given) for w, given in zip(unit, drawn, strict=True))
