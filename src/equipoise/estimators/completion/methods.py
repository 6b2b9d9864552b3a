"""The methods by name: a small start, noise that fades, and the convex problem itself."""

import dataclasses
import time
from typing import Any

import numpy as np
from jaxtyping import Float64

from equipoise.certified import Certificate, CertificateStatus, minimum_nuclear_norm
from equipoise.core.precision import numerics
from equipoise.datasets import Triplets
from equipoise.estimators.completion.descent import as_run, descend
from equipoise.estimators.completion.look import Look
from equipoise.estimators.completion.settings import CompletionSettings
from equipoise.problems import DeepLinear
from equipoise.problems.recovery import completion_of_checked
from equipoise.results import Run

_ROUNDING = 1e-12


@dataclasses.dataclass(frozen=True)
class Fit:
    """What one method found: W = `left` `right`ᵀ, (d1 x k) and (d2 x k), less the means where these are subtracted.

    `best_step` is the step that is kept, `steps` how many were taken; `run`, with the factors themselves, and
    `settings` are those of a gradient method, `certificate` that of the convex problem. `status` is "completed",
    "stopped" (early), "interrupted", or "unproven" for a gap that is not closed.
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
    certificate: Certificate | None = None

    def at(self, rows: np.ndarray, columns: np.ndarray) -> Float64[np.ndarray, " entries"]:
        """The entries of W at these places."""
        return np.einsum("ij,ij->i", self.left[rows], self.right[columns])


def descent(
    training: Triplets,
    values: Float64[np.ndarray, " entries"],
    held_out: tuple[np.ndarray, np.ndarray, np.ndarray],
    settings: CompletionSettings,
    *,
    chosen: bool,
    progress: bool | None,
) -> Fit:
    """A gradient method on the training entries' `values`; `held_out` is (rows, columns, values), to stop early."""
    begin = time.perf_counter()
    (d1, d2), width = training.shape, settings.width
    deep = DeepLinear((d2, *(width,) * (settings.depth - 1), d1)) if settings.depth > 2 else None
    problem = completion_of_checked(
        (training.rows, training.columns, values),
        (d1, d2),
        parametrization=deep or "asymmetric",
        width=None if deep else width,
        scale=0.5,
    )
    look = Look(values.size, *held_out)
    path, settings = descend(problem, settings, look, chosen=chosen, progress=progress)
    seconds = time.perf_counter() - begin
    with numerics():
        left, right = (np.asarray(w) for w in problem.product_factors(path.best))
    return Fit(
        method=settings.method,
        left=left,
        right=right,
        steps=path.step,
        best_step=path.best_step,
        seconds=seconds,
        status=path.status.name,
        settings=settings,
        run=as_run(path, seconds),
    )


def convex(method: str, training: Triplets, values: Float64[np.ndarray, " entries"], gap: Any, max_seconds: Any) -> Fit:
    """The matrix of least nuclear norm that has these entries, with its certificate."""
    operator = (training.rows, training.columns, training.shape)
    certificate = minimum_nuclear_norm(operator, values, psd=False, gap=gap, max_seconds=max_seconds)
    left, singular, right = np.linalg.svd(certificate.matrix, full_matrices=False)
    kept = max(1, int(np.count_nonzero(singular > _ROUNDING * singular[0])))
    root = np.sqrt(singular[:kept])
    interrupted = certificate.status is CertificateStatus.interrupted
    return Fit(
        method=method,
        left=left[:, :kept] * root,
        right=right[:kept].T * root,
        steps=certificate.iterations,
        best_step=certificate.iterations,
        seconds=certificate.seconds,
        status="interrupted" if interrupted else "completed" if certificate.converged else "unproven",
        certificate=certificate,
    )
