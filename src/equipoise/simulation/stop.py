"""When a replicate may stop early, as a value."""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


@dataclasses.dataclass(frozen=True)
class StopWhen:
    """Stop a replicate at the first recording at which a recorded variable is `below`, or `above`, a bound.

    Raises `InputError` unless exactly one bound is given.
    """

    variable: str
    below: RealNumber | None = None
    above: RealNumber | None = None

    def __post_init__(self) -> None:
        if (self.below is None) == (self.above is None):
            raise InputError("StopWhen needs exactly one of below= and above=.")

    def met(self, values: dict[str, Array]) -> Array:
        """Whether the bound is passed; `InputError` if the variable is not a recorded number."""
        if self.variable not in values or jnp.ndim(values[self.variable]) != 0:
            scalars = [name for name, value in values.items() if jnp.ndim(value) == 0]
            raise InputError(
                f"The stop rule looks at {self.variable!r}, which is not recorded as a number; "
                f"record it, or choose among {', '.join(scalars)}."
            )
        value = values[self.variable]
        if self.below is not None:
            return jnp.asarray(value < self.below)
        assert self.above is not None
        return jnp.asarray(value > self.above)
