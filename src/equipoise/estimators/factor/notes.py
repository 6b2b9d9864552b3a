"""Notes on a factorization: what the user should know, one sentence each."""

from collections.abc import Iterator, Sequence

from equipoise.core.status import Status
from equipoise.estimators.factor.scores import PERTURBED, FactorizationScore
from equipoise.estimators.factor.settings import FactorizationSettings
from equipoise.estimators.factor.target import TOLERANCE, Target


def notes_on(
    target: Target,
    settings: FactorizationSettings,
    scores: Sequence[FactorizationScore],
    statuses: Sequence[Status],
) -> tuple[str, ...]:
    """Everything that is not as it should be; `statuses` are those of the replicates of Perturbed GD."""
    mine = next(score for score in scores if score.method == PERTURBED)
    return (
        *_on_endings(settings, scores),
        *_on_error(target, settings, mine),
        *_on_balance(settings, mine),
        *_on_replicates(statuses),
    )


def _on_endings(settings: FactorizationSettings, scores: Sequence[FactorizationScore]) -> Iterator[str]:
    for score in scores:
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


def _on_replicates(statuses: Sequence[Status]) -> Iterator[str]:
    diverged = sum(status is Status.diverged for status in statuses)
    if diverged:
        yield f"{diverged} of {len(statuses)} replicates diverged; take a smaller step size or less noise."
