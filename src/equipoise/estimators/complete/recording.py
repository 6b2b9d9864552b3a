"""What to record during a run: the error on each part."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta
from equipoise.estimators.complete.target import HeldOut
from equipoise.observables.loss import as_factorization

TRAINING, HELD_OUT = "training_rmse", "held_out_rmse"


class Errors(eqx.Module):
    """Root mean square errors: of W on the training entries, and of the final predictions on the held-out entries.

    The first comes from the loss ½ Σ w (W − M)², and is weighted as it. The second is that of the table of scores:
    with the means where they are predicted, and clipped.

    - `entries`: the number of training entries.
    - `held_out`: the held-out entries, or None.
    """

    entries: int = eqx.field(static=True)
    held_out: HeldOut | None

    def __call__(self, problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        """The recorded variables at θ."""
        found = {TRAINING: jnp.sqrt(2 * jnp.asarray(problem.loss(theta)) / self.entries)}
        if self.held_out is not None:
            left, right = as_factorization(problem, "completion").product_factors(theta)
            rows, columns = self.held_out.rows, self.held_out.columns
            fitted = jnp.sum(jnp.asarray(left)[rows] * jnp.asarray(right)[columns], axis=1)
            found[HELD_OUT] = jnp.sqrt(jnp.mean(self.held_out.squares(fitted, jnp)))
        return found


def observable(errors: Errors) -> Observable:
    """The errors as an observable, with a description of its variables."""
    held_out = Variable(HELD_OUT, "held-out error", "RMSE", "[M]")
    variables = (
        Variable(TRAINING, "training error", "RMSE", "[M]"),
        *((held_out,) if errors.held_out is not None else ()),
    )
    return Observable("completion", errors, variables)
