"""The endings of a search for a certificate, as sentences."""

import enum


class CertificateStatus(enum.Enum):
    """Why the search for better bounds ended: `str` gives a sentence for people; programs use the name."""

    converged = "Proven: the relative gap was reached."
    infeasible = "Proven that no positive semidefinite matrix has these measurements."
    iterations = "Took all allowed steps before the gap was closed; allow more with max_iterations."
    time = "Ran out of time before the gap was closed; allow more with max_seconds."
    stalled = "Rounding errors prevented further steps before the gap was closed; ask for a wider gap."
    interrupted = "Interrupted before the gap was closed; the bounds found so far are kept."
    checked = "Checked a given matrix; only a dual point was searched for."

    def __str__(self) -> str:
        return self.value
