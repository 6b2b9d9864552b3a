"""What to record during a run: the error on each part."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta
from equipoise.observables.loss import as_factorization

TRAINING, HELD_OUT = "training_rmse", "held_out_rmse"


class Errors(eqx.Module):
    """Root mean square errors: on the training entries, from the loss ½ Σ (W − M)², and on the held-out entries.

    - `entries`: the number of training entries.
    - `rows`, `columns`, `values`: the held-out entries.
    """

    entries: int = eqx.field(static=True)
    rows: Int[AnyArray, " m"]
    columns: Int[AnyArray, " m"]
    values: Float[AnyArray, " m"]

    def __call__(self, problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        """The recorded variables at θ."""
        found = {TRAINING: jnp.sqrt(2 * jnp.asarray(problem.loss(theta)) / self.entries)}
        if self.values.size:
            left, right = as_factorization(problem, "completion").product_factors(theta)
            fitted = jnp.sum(jnp.asarray(left)[self.rows] * jnp.asarray(right)[self.columns], axis=1)
            found[HELD_OUT] = jnp.sqrt(jnp.mean((fitted - self.values) ** 2))
        return found


def observable(errors: Errors) -> Observable:
    """The errors as an observable, with a description of its variables."""
    held_out = Variable(HELD_OUT, "held-out error", "RMSE", "[M]")
    variables = (
        Variable(TRAINING, "training error", "RMSE", "[M]"),
        *((held_out,) if errors.values.size else ()),
    )
    return Observable("completion", errors, variables)
