"""Notes on a factorization: what the user should know, one sentence each."""

from collections.abc import Iterator, Sequence

import numpy as np

from equipoise.core.status import Status
from equipoise.estimators.factor.columns import APART, sizes_apart
from equipoise.estimators.factor.polish import Polish
from equipoise.estimators.factor.scores import PERTURBED, POLISHED, FactorizationScore
from equipoise.estimators.factor.settings import FactorizationSettings
from equipoise.estimators.factor.target import TOLERANCE, Target

_TIED, _SHARP, _ROUNDING = 1e-6, 1e-6, 1e-12


def notes_on(
    target: Target,
    settings: FactorizationSettings,
    scores: Sequence[FactorizationScore],
    statuses: Sequence[Status],
    polish: Polish | None,
) -> tuple[str, ...]:
    """Everything that is not as it should be; `statuses` are those of the replicates of Perturbed GD."""
    mine = next(score for score in scores if score.method == (PERTURBED if polish is None else POLISHED))
    return (
        *_on_endings(settings, scores),
        *_on_error(target, settings, mine),
        *_on_balance(settings, mine),
        *_on_form(polish),
        *_on_components(target, polish),
        *_on_columns(target),
        *_on_uniqueness(target),
        *_on_replicates(statuses),
    )


def _on_endings(settings: FactorizationSettings, scores: Sequence[FactorizationScore]) -> Iterator[str]:
    for score in scores:
        if score.method == POLISHED:
            continue
        if score.status == Status.interrupted.name:
            yield f"{score.method} was interrupted at step {score.steps} of {settings.steps}."
        if score.status == Status.diverged.name:
            yield f"{score.method} diverged at step {score.steps}."


def _on_error(target: Target, settings: FactorizationSettings, mine: FactorizationScore) -> Iterator[str]:
    if not target.near(mine.relative_error):
        excess = target.excess(mine.relative_error)
        yield (
            f"The error {mine.relative_error:.4g} is {excess:.1%} above the least possible, {target.best_error:.4g}; "
            f"take more than {settings.steps} steps."
        )


def _on_balance(settings: FactorizationSettings, mine: FactorizationScore) -> Iterator[str]:
    if not abs(mine.balance / settings.gamma - 1) <= TOLERANCE:
        remedy = "some noise" if settings.noise[1] == 0 else f"more than {settings.steps} steps, or more noise"
        yield f"The balance is {mine.balance:.4g} and not {settings.gamma:g}; take {remedy}."


def _on_form(polish: Polish | None) -> Iterator[str]:
    if polish is not None and not polish.canonical:
        yield (
            f"XᵀX and YᵀY are {polish.imbalance:.2g} apart and not multiples of each other, so the factors are only "
            "turned towards the singular vectors; noise would balance them."
        )


def _on_components(target: Target, polish: Polish | None) -> Iterator[str]:
    values = np.asarray(target.signal.values)
    if polish is not None and polish.added:
        share = values[polish.fitted] / values[0]
        yield (
            f"{polish.added} of the {values.size} components are those of the truncated SVD, because gradient steps "
            f"take too long to fit them: their singular values are at most {share:.2g} of the largest."
        )
    if polish is not None and polish.zeros:
        yield (
            f"The matrix has rank {values.size - polish.zeros}, so {polish.zeros} of the {values.size} columns of each "
            "factor are 0; ask for a lower rank."
        )


def _on_columns(target: Target) -> Iterator[str]:
    apart = sizes_apart(target.problem.measurement)
    if apart > APART:
        yield (
            f"The sizes of the columns differ by a factor of {apart:.2g}, so the largest decide the result; pass "
            "center=True and scale=True if all are to count alike."
        )


def _on_uniqueness(target: Target) -> Iterator[str]:
    """Where the best approximation is not unique, or is not known well enough."""
    values, following = np.asarray(target.signal.values), target.following
    if following > _ROUNDING * values[0] and values[-1] - following <= _TIED * values[-1]:
        yield (
            f"The singular values number {values.size} and {values.size + 1} are equal to {_TIED:.0e}, so there are "
            "other approximations as good as this one; another rank has a best one."
        )
    elif target.inaccuracy > _SHARP:
        yield (
            f"The truncated SVD is right to {target.inaccuracy:.1g} only, because the singular values around number "
            f"{values.size} are so close."
        )


def _on_replicates(statuses: Sequence[Status]) -> Iterator[str]:
    diverged = sum(status is Status.diverged for status in statuses)
    if diverged:
        yield f"{diverged} of {len(statuses)} replicates diverged; take a smaller step size or less noise."
