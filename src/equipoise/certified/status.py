"""How a search for a certificate ended: names that are sentences."""

import enum


class CertificateStatus(enum.Enum):
    """Why the bounds of a certificate got no closer. `str` gives a sentence for people, the name is for programs."""

    converged = "Proven to the relative gap asked for."
    infeasible = "Proven that no positive semidefinite matrix has these measurements."
    iterations = "Took all the steps allowed before the gap was closed; allow more by max_iterations."
    time = "Ran out of time before the gap was closed; allow more by max_seconds."
    stalled = "Rounding errors left no step to take before the gap was closed; ask for a wider gap."
    interrupted = "Interrupted before the gap was closed; the bounds found until then are kept."
    checked = "A matrix that was given, checked: nothing was searched for but a dual point."

    def __str__(self) -> str:
        return self.value
