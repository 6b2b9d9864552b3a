"""The methods by name: a small start, fading noise, and the convex problem itself."""

import time

import numpy as np

from equipoise.certified import Certificate, CertificateStatus, minimum_nuclear_norm
from equipoise.core.precision import numerics
from equipoise.core.status import Status
from equipoise.core.types import RealNumber
from equipoise.estimators.complete.descent import descend
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.recording import Errors
from equipoise.estimators.complete.settings import CompletionSettings
from equipoise.estimators.complete.starts import start_of
from equipoise.estimators.complete.target import Target
from equipoise.problems import DeepLinear
from equipoise.problems.recovery import completion_of_checked

UNPROVEN = "unproven"
_ROUNDING = 1e-12


def descent(target: Target, settings: CompletionSettings, *, chosen: bool, progress: bool | None) -> Fit:
    """A gradient method, stopped early by the held-out entries; `chosen` says that the user gave the step size."""
    begin = time.perf_counter()
    (d1, d2), width = target.training.shape, settings.width
    deep = DeepLinear((d2, *(width,) * (settings.depth - 1), d1)) if settings.depth > 2 else None
    problem = completion_of_checked(
        target.fitted,
        (d1, d2),
        parametrization=deep or "asymmetric",
        width=None if deep else width,
        scale=0.5,
        weights=target.weights,
    )
    left, middles, right = start_of(
        target.training, width=width, depth=settings.depth, norm=settings.start_norm, seed=settings.seed
    )
    start = (right.T, *reversed(middles), left) if deep else (left, right)
    errors = Errors(target.values.size, target.held_out)
    run, best, settings = descend(problem, start, settings, errors, chosen=chosen, progress=progress)
    with numerics():
        left, right = (np.asarray(w) for w in problem.product_factors(best.theta))
    return Fit(
        method=settings.method,
        left=left,
        right=right,
        steps=int(run.dataset["end_step"].values[0]),
        best_step=best.step,
        seconds=time.perf_counter() - begin,
        status=run.status[0].name,
        settings=settings,
        run=run,
        theta=best.theta,
    )


def convex(method: str, target: Target, gap: RealNumber, max_seconds: RealNumber) -> Fit:
    """The matrix of minimum nuclear norm that has these entries, with its certificate."""
    rows, columns, values = target.fitted
    operator = (rows, columns, target.training.shape)
    certificate = minimum_nuclear_norm(operator, values, psd=False, gap=gap, max_seconds=max_seconds)
    left, singular, right = np.linalg.svd(certificate.matrix, full_matrices=False)
    kept = max(1, int(np.count_nonzero(singular > _ROUNDING * singular[0])))
    root = np.sqrt(singular[:kept])
    return Fit(
        method=method,
        left=left[:, :kept] * root,
        right=right[:kept].T * root,
        steps=certificate.iterations,
        best_step=certificate.iterations,
        seconds=certificate.seconds,
        status=_ending(certificate),
        certificate=certificate,
    )


def explained(method: str, target: Target) -> Fit:
    """The fit of entries of which nothing is left once the means are subtracted, or which are 0: W = 0."""
    d1, d2 = target.training.shape
    left, right = np.zeros((d1, 1)), np.zeros((d2, 1))
    return Fit(method, left, right, steps=0, best_step=0, seconds=0.0, status=Status.completed.name)


def _ending(certificate: Certificate) -> str:
    if certificate.status is CertificateStatus.interrupted:
        return Status.interrupted.name
    return Status.completed.name if certificate.converged else UNPROVEN
