"""Measurements that commute: instances, the minimum nuclear norm of each, and the manifold of Eq. (11)."""

import dataclasses

import numpy as np
import scipy.optimize


@dataclasses.dataclass(frozen=True)
class Commuting:
    """A_i = V diag(a_i) Vᵀ with data y = a x, x > 0, scaled so that a diag(x) aᵀ has the norm 1 at the minimum.

    - `basis`: V, n x n, orthogonal.
    - `spectra`: a, m x n, whose rows are the a_i.
    - `data`: y.
    - `minimum`: the least nuclear norm of X ⪰ 0 with A(X) = y.
    """

    basis: np.ndarray
    spectra: np.ndarray
    data: np.ndarray
    minimum: float

    @property
    def matrices(self) -> np.ndarray:
        """The A_i, m x n x n."""
        return np.einsum("ik,mk,jk->mij", self.basis, self.spectra, self.basis)

    def eigenvalues(self, matrix: np.ndarray) -> np.ndarray:
        """The diagonal of VᵀXV, for X with leading axes: the eigenvalues of X if it commutes with the A_i."""
        return np.einsum("ik,...ij,jk->...k", self.basis, matrix, self.basis)

    @property
    def across(self) -> np.ndarray:
        """An orthonormal basis of the eigenvalues that no A*(s) has, one a row."""
        return np.linalg.svd(self.spectra)[2][len(self.spectra) :]

    def off_manifold(self, ratio: np.ndarray) -> np.ndarray:
        """The distance of log(λ/α)/2 from the span of the a_i relative to its norm, for the λ/α of each eigenvector.

        It is 0 exactly for X = exp(A*(s)) αI exp(A*(s)), Eq. (11).
        """
        exponents = np.log(ratio) / 2
        return np.linalg.norm(exponents @ self.across.T, axis=-1) / np.linalg.norm(exponents, axis=-1)


def commuting(
    random: np.random.Generator, size: int, count: int, *, least_slack: float = 0.4, least_ratio: float = 0.1
) -> Commuting:
    """A random instance, drawn until limits come near the minimum as a power of the start, and in a short time.

    - `random`: what it is drawn from.
    - `size`, `count`: n and m.
    - `least_slack`: the least slack of the dual, the power of α with which the excess falls.
    - `least_ratio`: of the least eigenvalue of a diag(x) aᵀ over the largest, the rates at which the flow comes to
      rest.
    """
    basis = np.linalg.qr(random.standard_normal((size, size)))[0]
    while True:
        spectra = random.standard_normal((count, size)) / count**0.5
        data = spectra @ (random.uniform(0.0, 2.0, size) / size)
        # replacing VᵀXV by its diagonal changes neither A(X) nor the trace and keeps X psd: a linear program
        solved = scipy.optimize.linprog(np.ones(size), A_eq=spectra, b_eq=data, bounds=(0, None), method="highs")
        slack = (1 - spectra.T @ solved.eqlin.marginals)[solved.x <= 1e-9]
        rates = np.linalg.eigvalsh((spectra * solved.x) @ spectra.T)
        if slack.min() >= least_slack and rates[0] >= least_ratio * rates[-1]:
            scale = rates[-1] ** 0.5
            return Commuting(basis, spectra / scale, data / scale, float(solved.x.sum()))
