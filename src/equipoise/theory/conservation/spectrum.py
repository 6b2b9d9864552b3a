"""What singular values say of the number of laws, and how surely."""

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, " values"]


def gap(values: Values, tolerance: float) -> float:
    """The smallest value that does not count as zero over the largest that does; infinite if all or none do."""
    null = values <= tolerance
    if null.all() or not null.any():
        return np.inf
    return float(values[~null].min() / max(values[null].max(), np.finfo(float).tiny))


def is_clear(values: Values, tolerance: float) -> bool:
    """Whether every value that does not count as zero is more than 100 times the tolerance."""
    counted = values[values > tolerance]
    return not counted.size or bool(counted.min() > 100 * tolerance)


def told(values: Values, tolerance: float) -> str:
    """How sure the number of laws is, as a part of a sentence."""
    counted = values[values > tolerance]
    least = f"the smallest non-zero singular value is {counted.min():.1e}" if counted.size else "all are zero"
    doubt = "" if is_clear(values, tolerance) else "; this is too close to be sure"
    return f"{least}, those below {tolerance:.1e} count as zero, the gap is {gap(values, tolerance):.1e}{doubt}"
