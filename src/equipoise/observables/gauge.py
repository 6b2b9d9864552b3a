"""Whether a method sees in which basis the columns of the factors are given."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.factors import factors_of, from_factors, two_sided_refusal
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, RealNumber, Theta


class _Defect(eqx.Module):
    """The measurement of `gauge_defect`; the numbers of the method are arguments of the compiled program."""

    dynamics: AbstractDynamics
    steps: int = eqx.field(static=True)

    def __call__(self, problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        reason = two_sided_refusal(problem)
        if reason:
            raise InputError(
                f"The observable gauge_defect turns two factors, but {reason}; use a factorization XYᵀ or UUᵀ."
            )
        assert isinstance(problem, AbstractFactorization)
        here = tuple(jnp.asarray(w) for w in theta)
        turned = self._moved(problem, _turned(problem, here))
        straight = self._moved(problem, here)
        apart = [a - b for a, b in zip(turned, _turned(problem, straight), strict=True)]
        gone = [a - b for a, b in zip(straight, here, strict=True)]
        return {"gauge_defect": _norm(apart) / _norm(gone)}

    def _moved(self, problem: AbstractProblem, theta: Theta) -> Theta:
        """θ after the steps, from a fresh state."""
        state, key = self.dynamics.init(problem, theta), jax.random.key(0, impl="threefry2x32")
        for step in range(self.steps):
            theta, state = self.dynamics.step(problem, theta, state, jax.random.fold_in(key, step), step)
        return theta


def _turned(problem: AbstractFactorization, theta: Theta) -> tuple[Array, ...]:
    """θQ: both factors with their columns turned by one fixed rotation."""
    left, right = factors_of(problem, theta)
    drawn = jax.random.normal(jax.random.key(1, impl="threefry2x32"), (left.shape[1],) * 2, left.dtype)
    rotation = jnp.linalg.qr(drawn)[0]
    return from_factors(problem, theta, left @ rotation, right @ rotation)


def _norm(arrays: Sequence[AnyArray]) -> Array:
    return jnp.sqrt(jnp.sum(jnp.stack([jnp.sum(a**2) for a in arrays])))


def gauge_defect(dynamics: AbstractDynamics, steps: RealNumber = 3) -> Observable:
    """‖Φ(θQ) − Φ(θ)Q‖/‖Φ(θ) − θ‖, where Φ takes `steps` steps of a method from a fresh state; 0 if it keeps the gauge.

    - `dynamics`: the method. It need not be the one of the run.
    - `steps`: the number of steps, 3 by default: enough for a momentum to matter.

    θQ = (XQ, YQ), or UQ for UUᵀ, with one rotation Q drawn with a fixed seed. XYᵀ is the same for both. So a method
    without defect moves XYᵀ alike in every basis of the columns: gradient descent, momentum, Muon, and all that is made
    of inner products and Gram matrices. What works entry by entry, as Adam, has a defect of order 1. A method with
    noise draws the same numbers from both starts, so it has a defect even if its law has none. For one column Q is ±1.
    Raises `InputError` for less than one step and, when it is recorded, for a problem that is not a product of two
    factors.
    """
    variable = Variable("gauge_defect", "gauge defect", "‖Φ(θQ) − Φ(θ)Q‖/‖Φ(θ) − θ‖")
    return Observable("gauge_defect", _Defect(dynamics, whole_number("steps", steps, 1)), (variable,))
