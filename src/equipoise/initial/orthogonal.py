"""A start without a component in the signal."""

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem, signal_of
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex
from equipoise.initial.gaussian import Gaussian


class OrthogonalToSignal(AbstractInitial):
    """Gaussian factors without their component in the span of the optimum: U*ᵀX₀ = 0, V*ᵀY₀ = 0.

    - `std`: one number or one per factor, in the unit of the factors, before the component is removed.

    Gradient descent never leaves this subspace. Raises `InputError` for a negative `std` and for a problem without a
    known optimum. Source: Liu et al. (2021), Lemma 1 (ii).
    """

    std: PerFactor

    def __init__(self, std: PerFactorLike) -> None:
        self.std = per_factor("std", std, positive=False)

    @property
    def needs_signal(self) -> bool:
        """True: it projects on the known optimum."""
        return True

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """Each factor minus its projection."""
        signal = signal_of(problem)
        if tuple(shape[:1] for shape in problem.shapes) != (signal.left.shape[:1], signal.right.shape[:1]):
            raise InputError(
                f"OrthogonalToSignal needs two factors X and Y, but {type(problem).__name__} has arrays of shapes "
                f"{problem.shapes}; use parametrization='asymmetric', or equipoise.initial.Gaussian."
            )
        drawn = Gaussian(self.std).sample(key, replicate, problem)
        sides = tuple(jnp.asarray(side, problem.dtype) for side in (signal.left, signal.right))
        # projected twice: the second projection removes the rounding error of the first
        once = tuple(w - a @ (a.T @ w) for w, a in zip(drawn, sides, strict=True))
        return tuple(w - a @ (a.T @ w) for w, a in zip(once, sides, strict=True))
