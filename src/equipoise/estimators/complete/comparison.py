"""Whether one prediction of the held-out entries is worse than another, beyond chance."""

import numpy as np
from jaxtyping import Float64


def is_worse(squares: Float64[np.ndarray, " m"], others: Float64[np.ndarray, " m"]) -> bool:
    """Whether the squared errors exceed the others on the same entries by more than the standard error of the mean.

    So few entries change what is usual only where they agree. False for a single entry.
    """
    if squares.size < 2:
        return False
    differences = squares - others
    return float(differences.mean()) > float(differences.std(ddof=1)) / float(np.sqrt(squares.size))
