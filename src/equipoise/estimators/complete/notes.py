"""Notes on a completion: what the user should know, one sentence each."""

import math
from collections.abc import Iterator, Sequence

from equipoise.certified import Certificate, CertificateStatus
from equipoise.estimators.complete.choices import Choice
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.means import SHRINKAGE, Means
from equipoise.estimators.complete.scores import CompletionScore
from equipoise.estimators.complete.settings import NOISE, CompletionSettings
from equipoise.estimators.complete.target import Target


def notes_on(
    choice: Choice,
    fits: Sequence[Fit],
    scores: Sequence[CompletionScore],
    baselines: Sequence[CompletionScore],
    kept: int,
) -> tuple[str, ...]:
    """All notes; `fits` and `scores` belong to the first of the methods, since Ctrl-C may have prevented others."""
    target, missing = choice.target, choice.methods[len(fits) :]
    return (
        *_on_baselines(scores, baselines, kept),
        *_on_choice(choice, fits),
        *_on_units(target),
        *_on_limits(target),
        *_on_width(target, fits),
        *_on_unseen(target.means),
        *(note for fit, score in zip(fits, scores, strict=True) for note in _on_fit(fit, score)),
        *(f"The method {method} did not start, because of Ctrl-C." for method in missing),
    )


def _on_baselines(scores: Sequence[CompletionScore], baselines: Sequence[CompletionScore], kept: int) -> Iterator[str]:
    if kept >= len(scores):
        baseline = baselines[kept - len(scores)]
        least = min(score.held_out_rmse for score in scores if score.held_out_rmse is not None)
        yield (
            f"On the held-out entries no method is better than the {baseline.method} ({least:.4g}, against "
            f"{baseline.held_out_rmse:.4g}), so the prediction is the {baseline.method}."
        )
        return
    bound = min((each.held_out_rmse for each in baselines if each.held_out_rmse is not None), default=math.inf)
    for score in scores:
        if score.held_out_rmse is not None and score.held_out_rmse >= bound:
            yield f"On the held-out entries the method {score.method} is no better than a baseline."


def _on_choice(choice: Choice, fits: Sequence[Fit]) -> Iterator[str]:
    target = choice.target
    _, held_out, test = target.parts
    yield from choice.said
    if target.centered:
        yield (
            "The row and column means of the training entries are subtracted first, and added back to predictions; "
            f"each mean counts {SHRINKAGE:g} more entries equal to the overall mean. "
            "Nuclear norm and rank are those of the centered part."
        )
    if held_out is None:
        yield "Nothing is held out, so the error on other entries is not known."
        return
    choices = [fit.run is not None for fit in fits]
    if any(choices) or len(choices) > 1:
        chosen = "the step" if len(choices) == 1 else "the step and the method"
        remedy = "the error on the test part is not" if test is not None else "a test part would show by how much"
        yield f"The held-out entries chose {chosen}, so their error is optimistic; {remedy}."


def _on_units(target: Target) -> Iterator[str]:
    if target.units is not None:
        sides = target.units.sides
        yield (
            f"The {sides} are scaled: a location is subtracted from each, and it is divided by its standard deviation. "
            "All errors are in units of these deviations."
        )


def _on_limits(target: Target) -> Iterator[str]:
    if target.limits is not None:
        yield f"Predictions are clipped to the range from {target.limits[0]:g} to {target.limits[1]:g}."


def _on_width(target: Target, fits: Sequence[Fit]) -> Iterator[str]:
    full = min(target.training.shape)
    widths = {fit.settings.width for fit in fits if fit.settings is not None and not fit.settings.full_width}
    for width in widths:
        yield f"The width is limited to {width} (full: {full}), which caps the rank."


def _on_unseen(means: Means) -> Iterator[str]:
    unseen = means.unseen
    if any(unseen.values()):
        yield (
            f"{unseen['rows']} rows and {unseen['columns']} columns have no training entry; "
            "the row and column means are predicted there."
        )
    if means.parts > 1:
        yield (
            f"The training entries fall into {means.parts} parts that share no row and no column; from one to another "
            "the row and column means are predicted."
        )


def _on_fit(fit: Fit, score: CompletionScore) -> Iterator[str]:
    if not fit.steps and fit.settings is None and fit.certificate is None:
        yield f"Every training entry is explained already, so the method {fit.method} had nothing to fit."
    if fit.certificate is not None:
        yield _on_certificate(fit.certificate)
    if fit.settings is not None:
        yield from _on_descent(fit, fit.settings, score)


def _on_certificate(proven: Certificate) -> str:
    closed = proven.status is CertificateStatus.converged
    ending = "(converged)" if closed else f"({proven.detail}); a longer time would narrow it"
    return (
        f"The least nuclear norm with these training entries lies between {proven.lower:.7g} and "
        f"{proven.upper:.7g}, a relative gap of {proven.gap:.1e} {ending}."
    )


def _on_descent(fit: Fit, settings: CompletionSettings, score: CompletionScore) -> Iterator[str]:
    if fit.judged is not None:
        yield (
            f"After the held-out entries had chosen the step, the method {fit.method} was fitted again to them and the "
            "training entries, in as many steps; its errors on both are those of the fit before."
        )
    if settings.halved_after:
        yield (
            f"The method {fit.method} halved its step size of {settings.step_size:.4g} after "
            f"{'steps' if settings.halvings > 1 else 'step'} {', '.join(map(str, settings.halved_after))}, where its "
            "objective began to rise."
        )
    elif settings.halvings:
        yield (
            f"With the usual step size of the method {fit.method} the training error rose; it was halved "
            f"{settings.halvings} times, to {settings.step_size:.4g}."
        )
    if fit.run is not None and not fit.best_step and fit.steps:
        yield (
            f"With {fit.method} the held-out error was least at step 0, so the start is kept: the method learned "
            "nothing that helps."
        )
    if fit.interrupted:
        yield f"The method {fit.method} was interrupted at step {fit.steps} of {settings.steps}."
    judged = fit.judged or fit
    if settings.method != NOISE and score.held_out_rmse is not None and judged.still_falls:
        yield f"With {fit.method} the held-out error was still falling at the last step; take more steps."
