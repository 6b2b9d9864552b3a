"""Notes on a prediction: what the user should know, one sentence each."""

from collections.abc import Iterator

from equipoise.estimators.predict.question import stability
from equipoise.estimators.predict.spectrum import Spectrum
from equipoise.theory.stationary.setting import Setting

NOT_SMALL, _TIED = 0.15, 1e-6
"""The share of the largest stable step size from which on its higher orders are worth a note; equal up to rounding."""


def notes_on(spectrum: Spectrum, of: Setting, law_refused: str, phases_refused: str) -> tuple[str, ...]:
    """Everything that is not as it should be, with the sentences that refuse the law and the phases."""
    return (
        *_on_step_size(spectrum, of),
        *_on_components(spectrum, of),
        *([f"{law_refused} The numbers are those of small steps."] if law_refused else []),
        *_on_spectrum(spectrum),
        *([f"The steps of the phases are not known. {phases_refused}"] if phases_refused else []),
    )


def _on_step_size(spectrum: Spectrum, of: Setting) -> Iterator[str]:
    share, largest = stability(spectrum, of), spectrum.largest_steps(of)
    if share >= 1:
        said = _steps(largest)
        yield (
            f"The step size {_steps(of.steps)} is {share:.3g} times the largest stable one, {said}, so Perturbed GD "
            "leaves this minimum; the numbers are those of small steps."
        )
    elif share > NOT_SMALL:
        product = max(of.steps) * float(of.values[0])
        yield (
            f"The step size times σ1 is {product:.2g}, which is not small, and the law is of the first order in it; a "
            f"step size of {_steps(of.steps, 0.1 / share)} or less is safer."
        )


def _on_components(spectrum: Spectrum, of: Setting) -> Iterator[str]:
    known, rank, kept = spectrum.values.size, of.rank, of.kept
    lowered = (of.penalties[0] * of.penalties[1]) ** 0.5
    if kept < min(rank, known):
        yield (
            f"The noise hides {min(rank, known) - kept} of the {rank} components: it lowers singular values by "
            f"{lowered:.4g}, and number {kept + 1} is {spectrum.values[kept]:.4g}."
        )
    if known < rank:
        yield f"The matrix has rank {known}, so noise is all that a further column can hold; ask for a lower rank."
    if known > rank and spectrum.values[rank - 1] - spectrum.values[rank] <= _TIED * spectrum.values[rank - 1]:
        yield (
            f"The singular values number {rank} and {rank + 1} are equal to {_TIED:.0e}, so which of them is kept is "
            "left open, and the spread is larger than predicted; take another rank."
        )


def _on_spectrum(spectrum: Spectrum) -> Iterator[str]:
    if not spectrum.is_whole:
        yield f"The first {spectrum.values.size} singular values are known, and the others are taken for 0."


def _steps(steps: tuple[float, float], share: float = 1.0) -> str:
    first, second = (f"{share * step:.3g}" for step in steps)
    return first if first == second else f"({first}, {second})"
