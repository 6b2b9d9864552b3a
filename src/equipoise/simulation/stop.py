"""The value that says when a replicate stops early."""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


@dataclasses.dataclass(frozen=True)
class StopWhen:
    """Stop a replicate at the first recorded step at which a variable is below, or above, a bound.

    - `variable`: the name of a recorded variable that is a single number.
    - `below`: stop if the variable is smaller than this.
    - `above`: stop if the variable is greater than this.

    Raises `InputError` unless exactly one of the two bounds is given.
    """

    variable: str
    below: RealNumber | None = None
    above: RealNumber | None = None

    def __post_init__(self) -> None:
        if (self.below is None) == (self.above is None):
            raise InputError("StopWhen needs exactly one of below= and above=; give one of them.")

    def met(self, values: dict[str, Array]) -> Array:
        """Whether the variable has passed the bound; raises `InputError` if it is not recorded as a number."""
        if self.variable not in values or jnp.ndim(values[self.variable]) != 0:
            scalars = [name for name, value in values.items() if jnp.ndim(value) == 0]
            raise InputError(
                f"The stop rule needs {self.variable!r}, which is not recorded as a number; "
                f"record it, or choose among {', '.join(scalars)}."
            )
        value = values[self.variable]
        if self.below is not None:
            return jnp.asarray(value < self.below)
        assert self.above is not None
        return jnp.asarray(value > self.above)
