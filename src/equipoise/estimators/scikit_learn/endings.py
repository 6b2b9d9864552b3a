"""What all estimators do alike: their seed, and what they tell of how a fit ended."""

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from equipoise.core.checks import whole_number

_LARGEST = 2**31 - 1


def seed_of(random_state: Any) -> int:
    """The seed: `random_state` itself if it is a whole number, or else drawn from it, as scikit-learn has it."""
    if random_state is None or hasattr(random_state, "randint"):
        return int(check_random_state(random_state).randint(_LARGEST))
    return whole_number("random_state", random_state, 0)


def tell(unconverged: str, *, interrupted: bool) -> None:
    """Warn of a fit that has not converged, and pass on the Ctrl-C that ended one, whose result is kept.

    So a grid search ends with the fit that was interrupted.
    """
    if interrupted:
        raise KeyboardInterrupt
    if unconverged:
        warnings.warn(unconverged, ConvergenceWarning, stacklevel=3)
