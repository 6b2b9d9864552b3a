"""What the user should know of a completion, in a sentence each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from equipoise.certified import CertificateStatus
from equipoise.estimators.completion.baseline import SHRINKAGE
from equipoise.estimators.completion.methods import Fit
from equipoise.estimators.completion.rows import Score
from equipoise.estimators.completion.settings import NOISE

if TYPE_CHECKING:
    from equipoise.estimators.completion.result import Completion


def notes_on(found: "Completion") -> tuple[str, ...]:
    """All of them."""
    scores = found.scores[: len(found.fits)]
    notes = [*_on_choice(found), *_on_width(found), *_on_unseen(found)]
    for fit, score in zip(found.fits, scores, strict=True):
        notes += _on_fit(fit, score)
    missing = found.methods[len(found.fits) :]
    notes += [f"The method {method} was not begun, as Ctrl-C came before." for method in missing]
    return tuple(notes)


def _on_choice(found: "Completion") -> Iterator[str]:
    if found.centred:
        yield (
            f"The row and column means of the training entries, each as if it had {SHRINKAGE:g} entries more of the "
            "overall mean, are subtracted first; nuclear norm and rank are of the rest."
        )
    if found.held_out is None:
        yield "Nothing is held out, so that the error on other entries is not known."
        return
    choices = [fit.run is not None for fit in found.fits]
    if any(choices) or len(choices) > 1:
        chosen = "the step" if len(choices) == 1 else "the step and the method"
        remedy = "; that on the test part is not" if found.test is not None else "; a test part would tell by how much"
        yield f"The held-out entries chose {chosen} that is kept, so that their error is optimistic{remedy}."


def _on_width(found: "Completion") -> Iterator[str]:
    for fit in found.fits:
        settings = fit.settings
        if settings is not None and not settings.full_width:
            full = min(found.training.shape)
            yield (
                f"The width is {settings.width} and not the full {full}, to save time or as was asked for; "
                "so the rank can be no larger."
            )
            return


def _on_unseen(found: "Completion") -> Iterator[str]:
    unseen = found.unseen()
    if any(unseen.values()):
        yield (
            f"{unseen['rows']} rows and {unseen['columns']} columns have no training entry; "
            "there the row and column means are predicted."
        )


def _on_fit(fit: Fit, score: Score) -> Iterator[str]:
    if fit.certificate is not None:
        proven = fit.certificate
        closed = proven.status is CertificateStatus.converged
        ending = "(converged)" if closed else f"({proven.detail}); a longer time would narrow it"
        yield (
            f"The least nuclear norm with these training entries lies between {proven.lower:.7g} and "
            f"{proven.upper:.7g}, a relative gap of {proven.gap:.1e} {ending}."
        )
    if fit.settings is not None and fit.settings.halvings:
        yield (
            f"The method {fit.method} diverged with the usual step size, which was halved {fit.settings.halvings} "
            f"times, to {fit.settings.step_size:.4g}."
        )
    if fit.status == "interrupted" and fit.settings is not None:
        yield f"The method {fit.method} was interrupted at step {fit.steps} of {fit.settings.steps}."
    learning = fit.settings is not None and fit.settings.method != NOISE and fit.status == "completed"
    if learning and score.held_out_rmse is not None and fit.best_step == fit.steps:
        yield f"With {fit.method} the held-out error was still falling at the last step; take more steps."
