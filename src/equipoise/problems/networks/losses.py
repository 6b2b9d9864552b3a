"""Losses, which compare the outputs of a network with the targets, point by point."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray


class AbstractLoss(eqx.Module):
    """ℓ(f, y) ≥ 0 of the outputs and the targets of one point; the loss of a network is its mean over the points."""

    @abc.abstractmethod
    def __call__(self, outputs: Float[Array, "m p"], targets: Float[AnyArray, "m p"]) -> Float[Array, " m"]:
        """ℓ of each point."""

    @abc.abstractmethod
    def targets(self, outputs: Float[AnyArray, "m p"]) -> Float[AnyArray, "m p"]:
        """The targets that a teacher with these outputs sets."""

    @abc.abstractmethod
    def read(self, targets: np.ndarray, outputs: int) -> np.ndarray:
        """A user's targets as m x p numbers; raises `InputError` for targets that do not suit the loss."""


class Quadratic(AbstractLoss):
    """ℓ = ½‖f − y‖², so that the loss is 1/(2m) Σ‖f(x_i) − y_i‖².

    A step size η for the sum over points corresponds to mη here; one for the mean without the ½ corresponds to 2η.
    """

    def __call__(self, outputs: Float[Array, "m p"], targets: Float[AnyArray, "m p"]) -> Float[Array, " m"]:
        """½‖f − y‖²."""
        return 0.5 * jnp.sum((outputs - targets) ** 2, axis=1)

    def targets(self, outputs: Float[AnyArray, "m p"]) -> Float[AnyArray, "m p"]:
        """The outputs themselves."""
        return outputs

    def read(self, targets: np.ndarray, outputs: int) -> np.ndarray:
        """The targets themselves; any numbers will do."""
        return targets


class Logistic(AbstractLoss):
    """ℓ = Σ_k log(1 + exp(−y_k f_k)), with targets y = ±1."""

    def __call__(self, outputs: Float[Array, "m p"], targets: Float[AnyArray, "m p"]) -> Float[Array, " m"]:
        """Σ log(1 + exp(−y f))."""
        return jnp.sum(jax.nn.softplus(-targets * outputs), axis=1)

    def targets(self, outputs: Float[AnyArray, "m p"]) -> Float[AnyArray, "m p"]:
        """The signs of the outputs."""
        return jnp.where(jnp.asarray(outputs) < 0, -1.0, 1.0).astype(outputs.dtype)

    def read(self, targets: np.ndarray, outputs: int) -> np.ndarray:
        """The targets themselves, which must be ±1."""
        if not np.all(np.abs(targets) == 1):
            raise InputError("The targets of the logistic loss are not all −1 or 1; give signs.")
        return targets


class CrossEntropy(AbstractLoss):
    """ℓ = −Σ_k y_k log softmax(f)_k, with targets that are classes 0 … p − 1, or a probability for each class."""

    def __call__(self, outputs: Float[Array, "m p"], targets: Float[AnyArray, "m p"]) -> Float[Array, " m"]:
        """−Σ y log softmax(f)."""
        return -jnp.sum(targets * jax.nn.log_softmax(outputs, axis=1), axis=1)

    def targets(self, outputs: Float[AnyArray, "m p"]) -> Float[AnyArray, "m p"]:
        """1 for the largest output, and 0 for the others."""
        return jax.nn.one_hot(jnp.argmax(jnp.asarray(outputs), axis=1), outputs.shape[1], dtype=outputs.dtype)

    def read(self, targets: np.ndarray, outputs: int) -> np.ndarray:
        """The targets, with classes as rows of the identity."""
        if targets.ndim != 1:
            return targets
        if not (np.all(targets == np.floor(targets)) and targets.min() >= 0 and targets.max() < outputs):
            raise InputError(
                f"The targets of the cross-entropy are not all classes from 0 to {outputs - 1}; give whole numbers "
                f"in this range, one for each of the {outputs} outputs."
            )
        return np.eye(outputs, dtype=targets.dtype)[targets.astype(int)]


LOSSES: dict[str, AbstractLoss] = {
    "quadratic": Quadratic(),
    "logistic": Logistic(),
    "cross_entropy": CrossEntropy(),
}
"""Losses by name."""


def as_loss(given: str | AbstractLoss) -> AbstractLoss:
    """The loss, given as itself or by name; raises `InputError` with the known names for an unknown one."""
    if isinstance(given, AbstractLoss):
        return given
    if given not in LOSSES:
        raise InputError(f"There is no loss {given!r}; use one of {', '.join(LOSSES)}, or an AbstractLoss.")
    return LOSSES[given]
