"""The adaptive solver of ordinary differential equations that the flows use."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from equipoise.core.checks import as_array, positive_number
from equipoise.core.types import AnyArray, RealNumber, Scalar, Theta

RELATIVE, ABSOLUTE = 1e-8, 1e-12
_MOST_STAGES = 100_000


class Integrator(eqx.Module):
    """`time` units of dθ/dt = v(θ) by Tsitouras' method of order 5(4), with each step's error within the tolerances.

    Raises `InputError` for a time or tolerance that is not greater than 0.
    """

    time: AnyArray
    relative_tolerance: AnyArray
    absolute_tolerance: AnyArray

    def __init__(self, time: RealNumber, relative_tolerance: RealNumber, absolute_tolerance: RealNumber) -> None:
        self.time = as_array(positive_number("time", time))
        self.relative_tolerance = as_array(positive_number("relative_tolerance", relative_tolerance))
        self.absolute_tolerance = as_array(positive_number("absolute_tolerance", absolute_tolerance))

    def __call__(self, velocity: Callable[[Theta], Theta], theta: Theta) -> Theta:
        """θ after `time` units, scaled to 1 for the solver; NaN if it needs too many steps or too short ones."""
        import diffrax  # here, since methods without a flow need not wait for it

        dtype = theta[0].dtype
        numbers = (self.time, self.relative_tolerance, self.absolute_tolerance)
        time, relative, absolute = (jnp.asarray(number, dtype) for number in numbers)
        least = float(jnp.finfo(dtype).eps)
        control = diffrax.PIDController(relative, absolute, dtmin=least, force_dtmin=False, norm=_error_norm)
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, at, given: tuple(time * v for v in velocity(at))),
            diffrax.Tsit5(),
            t0=jnp.zeros((), dtype),
            t1=jnp.ones((), dtype),
            dt0=None,
            y0=tuple(jnp.asarray(w) for w in theta),
            stepsize_controller=control,
            saveat=diffrax.SaveAt(t1=True),
            max_steps=_MOST_STAGES,
            adjoint=diffrax.ForwardMode(),
            throw=False,
        )
        solved = solution.result == diffrax.RESULTS.successful
        return jax.tree.map(lambda w: jnp.where(solved, w[-1], jnp.nan), solution.ys)


def _error_norm(errors: Theta) -> Scalar:
    """The root mean square; infinite, not NaN, if a step overflows, so that the solver tries a shorter step."""
    flat, _ = ravel_pytree(errors)
    norm = jnp.sqrt(jnp.mean(flat**2))
    return jnp.where(jnp.isnan(norm), jnp.inf, norm)
