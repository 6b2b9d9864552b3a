"""Gradient flow, by an adaptive solver of ordinary differential equations."""

from collections.abc import Callable

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, StepIndex, Theta
from equipoise.dynamics.matrix_space import require_square, symmetric_gradient

RELATIVE, ABSOLUTE = 1e-8, 1e-12
_MOST_STAGES = 100_000


class GradientFlow(AbstractDynamics):
    """dθ/dt = −∇loss(θ), a step of the loop being `time` units of flow; the limit of gradient descent as η → 0.

    Integrated by Tsitouras' method of order 5(4), its steps chosen so that the error of each is at most
    relative_tolerance · |θ| + absolute_tolerance; what the flow conserves, it conserves to about that. Stop it at a
    steady state with `StopWhen`. A replicate that needs too many steps becomes NaN, and so ends as diverged. Where the
    gradient jumps, as that of a ReLU network does, the flow may slide along the jump, in steps as short as the
    tolerance: give 1e-5 or so. Raises `InputError` for a time or tolerance that is not greater than 0. Source:
    Gunasekar et al. (2017), Eq. (3).
    """

    time: AnyArray
    relative_tolerance: AnyArray
    absolute_tolerance: AnyArray

    def __init__(
        self, time: RealNumber, relative_tolerance: RealNumber = RELATIVE, absolute_tolerance: RealNumber = ABSOLUTE
    ) -> None:
        self.time = _positive("time", time)
        self.relative_tolerance = _positive("relative_tolerance", relative_tolerance)
        self.absolute_tolerance = _positive("absolute_tolerance", absolute_tolerance)

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """Nothing but θ is carried."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """`time` units of flow; `key` is not used."""

        def velocity(at: Theta) -> Theta:
            return tuple(-g for g in problem.gradient(at))

        return _flow(velocity, theta, self.time, self.relative_tolerance, self.absolute_tolerance), None


class MatrixFlow(AbstractDynamics):
    """dX/dt = −2(GX + XG), G the symmetric gradient at X: gradient flow of UUᵀ written in X = UUᵀ alone.

    On a direct parametrization, from a positive semidefinite start; the rest is as in `GradientFlow`. Source:
    Gunasekar et al. (2017), Eq. (4), whose time is 4 scale times ours.
    """

    time: AnyArray
    relative_tolerance: AnyArray
    absolute_tolerance: AnyArray

    def __init__(
        self, time: RealNumber, relative_tolerance: RealNumber = RELATIVE, absolute_tolerance: RealNumber = ABSOLUTE
    ) -> None:
        self.time = _positive("time", time)
        self.relative_tolerance = _positive("relative_tolerance", relative_tolerance)
        self.absolute_tolerance = _positive("absolute_tolerance", absolute_tolerance)

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """Nothing but θ is carried."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """`time` units of flow; `key` is not used."""
        require_square(problem, "MatrixFlow")

        def velocity(at: Theta) -> Theta:
            moved = symmetric_gradient(problem, at) @ at[0]
            return (-2 * (moved + moved.T),)

        start = tuple((x + x.T) / 2 for x in theta)
        return _flow(velocity, start, self.time, self.relative_tolerance, self.absolute_tolerance), None


def _flow(
    velocity: Callable[[Theta], Theta], theta: Theta, time: AnyArray, relative: AnyArray, absolute: AnyArray
) -> Theta:
    """θ after `time` units, which the solver sees as one; NaN where it gives up: its steps no longer move the clock."""
    dtype = theta[0].dtype
    start = tuple(jnp.asarray(w) for w in theta)
    time, relative, absolute = (jnp.asarray(number, dtype) for number in (time, relative, absolute))
    least = float(jnp.finfo(dtype).eps)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, at, given: tuple(time * v for v in velocity(at))),
        diffrax.Tsit5(),
        t0=jnp.zeros((), dtype),
        t1=jnp.ones((), dtype),
        dt0=None,
        y0=start,
        stepsize_controller=diffrax.PIDController(relative, absolute, dtmin=least, force_dtmin=False, norm=_error_norm),
        saveat=diffrax.SaveAt(t1=True),
        max_steps=_MOST_STAGES,
        adjoint=diffrax.ForwardMode(),
        throw=False,
    )
    solved = solution.result == diffrax.RESULTS.successful
    return jax.tree.map(lambda w: jnp.where(solved, w[-1], jnp.nan), solution.ys)


def _error_norm(errors: Theta) -> Scalar:
    """Root mean square; infinite, not NaN, where a step overflows, so that the solver tries a shorter one."""
    flat, _ = ravel_pytree(errors)
    norm = jnp.sqrt(jnp.mean(flat**2))
    return jnp.where(jnp.isnan(norm), jnp.inf, norm)


def _positive(name: str, value: RealNumber) -> np.ndarray:
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{name} is {value}; it must be finite and greater than 0.")
    return np.asarray(float(value))
