"""A start drawn until it meets a condition."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, Key, StepIndex, Theta

Condition = Callable[[AbstractProblem, Theta], Any]
"""A function of (problem, θ) in `jax.numpy` that says whether a start is kept."""


class Conditional(AbstractInitial):
    """Another start under a condition: it is drawn anew until the condition holds.

    - `start`: the other start, which must be random.
    - `condition`: a function (problem, θ) -> true or false in `jax.numpy`, or a `DeterminantSign`.
    - `most`: the largest number of draws for a replicate; 1000 by default.

    The replicates are then a sample of the law of `start` given the condition. How many draws were rejected for each
    is in the dataset of a run, as `rejected_starts`; the mean tells how rare the condition is. Raises `InputError` for
    a start that is conditional already, and, when a run begins, if no draw of some replicate meets the condition.
    """

    start: AbstractInitial
    condition: Condition
    most: int = eqx.field(static=True)

    def __init__(self, start: AbstractInitial, condition: Condition, most: int = 1000) -> None:
        if start.is_conditional:
            raise InputError("The start has a condition already; put both into one condition.")
        self.start = start
        self.condition = condition
        self.most = whole_number("most", most, 1)

    @property
    def needs_signal(self) -> bool:
        """Whether the other start needs the known optimum."""
        return self.start.needs_signal

    @property
    def is_conditional(self) -> bool:
        """True."""
        return True

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which the other start has one."""
        return self.start.replicates(problem)

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """The number of the first draw that meets the condition, counted from 0; −1 if none does."""
        number, _, holds = self._found(key, replicate, problem)
        return jnp.where(holds, number, -1)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The first draw that meets the condition."""
        return self._found(key, replicate, problem)[1]

    def _found(
        self, key: Key, replicate: StepIndex, problem: AbstractProblem
    ) -> tuple[Int[Array, ""], tuple[Array, ...], Bool[Array, ""]]:
        """The number of the draw that is kept, that draw, and whether it meets the condition."""

        def draw(number: Int[Array, ""]) -> tuple[Int[Array, ""], tuple[Array, ...], Bool[Array, ""]]:
            theta = self.start.sample(jax.random.fold_in(key, number), replicate, problem)
            return number, theta, jnp.asarray(self.condition(problem, theta), bool)

        def goes_on(found: tuple[Any, Any, Any]) -> Bool[Array, ""]:
            return ~found[2] & (found[0] + 1 < self.most)

        return jax.lax.while_loop(goes_on, lambda found: draw(found[0] + 1), draw(jnp.asarray(0)))


class DeterminantSign(eqx.Module):
    """The condition that the determinant of the square matrix W(θ₀) has a sign.

    - `sign`: 1 or −1.

    Gradient flow on a deep linear network keeps this sign from a balanced start. Raises `InputError` for another
    `sign`, and for a problem whose matrix is not square.
    Source: N. Razin and N. Cohen, Implicit regularization in deep learning may not be explainable by norms (2020),
    Theorem 1, where the start must have a positive determinant.
    """

    sign: int = eqx.field(static=True, default=1)

    def __check_init__(self) -> None:
        if self.sign not in (1, -1):
            raise InputError(f"The sign of the determinant is {self.sign}; it must be 1 or -1.")

    def __call__(self, problem: AbstractProblem, theta: Theta) -> Bool[Array, ""]:
        """Whether it has the sign at θ."""
        if not isinstance(problem, AbstractFactorization):
            raise InputError(f"{type(problem).__name__} has no matrix with a determinant; use a factorization.")
        left, right = (jnp.asarray(side) for side in problem.product_factors(theta))
        if left.shape[0] != right.shape[0]:
            raise InputError(
                f"The matrix is {left.shape[0]} x {right.shape[0]}, and only a square one has a determinant; use "
                "another condition."
            )
        return jnp.linalg.slogdet(left @ right.T)[0] == self.sign
