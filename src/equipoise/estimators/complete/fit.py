"""The result of one method."""

import dataclasses

import numpy as np
from jaxtyping import Float64

from equipoise.certified import Certificate
from equipoise.core.status import Status
from equipoise.estimators.complete.descent import Theta
from equipoise.estimators.complete.means import Means
from equipoise.estimators.complete.recording import HELD_OUT, TRAINING
from equipoise.estimators.complete.settings import CompletionSettings
from equipoise.results import Run

_FALLS = 0.999
"""An error falls if it is below this multiple of that at half of the looks."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """The result of one method: W = `left` `right`ᵀ, without the means if they were subtracted.

    - `method`: its name.
    - `left` (d1 x k), `right` (d2 x k): the factors of W.
    - `steps`, `best_step`: the number of steps taken, and the step that is kept.
    - `seconds`: the time, including compilation.
    - `status`: "completed", "stopped" (early), "interrupted", or "unproven" if the gap is not closed.
    - `settings`, `run`, `theta`: for a gradient method, its settings, its recorded run, and the parameters at the best
      step; the run itself ends at the last step. None, None and () for the convex problem.
    - `certificate`: the certificate of the convex problem; None for a gradient method.
    - `means`: the means that were fitted together with the factors; None for those of the training entries.
    - `judged`: the fit to the training entries alone, which the held-out entries judged, if W is a later fit to both.
    """

    method: str
    left: Float64[np.ndarray, "d1 k"]
    right: Float64[np.ndarray, "d2 k"]
    steps: int
    best_step: int
    seconds: float
    status: str
    settings: CompletionSettings | None = None
    run: Run | None = None
    theta: Theta = ()
    certificate: Certificate | None = None
    means: Means | None = None
    judged: "Fit | None" = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.status == Status.interrupted.name

    @property
    def still_falls(self) -> bool:
        """Whether the recorded error, on held-out entries if there are any, was still falling at the last step."""
        if self.run is None or self.status != Status.completed.name:
            return False
        dataset = self.run.dataset
        errors = dataset[HELD_OUT if HELD_OUT in dataset else TRAINING].values[0]
        if errors.size < 2 or errors[-1] > errors.min():
            return False
        falls = -np.diff(errors)
        accelerates = falls[-1] > 0 and falls[-1] == falls.max()  # growth from a small start has only begun
        return bool(errors[-1] < _FALLS * errors[errors.size // 2] or accelerates)
