"""Figure 3: the same as Figure 2, at rank 10."""

from equipoise.papers.liu2021.shared.boxes import CHOICES, check_panels, draw_panels, judge_panels, run_panels
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.machinery.check import Data
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Printed

FULL, QUICK = 10_000, 4_000


def run(quick: bool, seed: int) -> Data:
    """Panels (a) to (f) with 100 replicates, or 10."""
    steps, replicates = (QUICK, 10) if quick else (FULL, 100)
    return run_panels(10, "abcdef", Offset.FIGURE3, seed=seed, steps=steps, replicates=replicates)


CLAIM = Claim(
    id="figure3",
    source="Figure 3 (a-f), Section 5",
    statement="At rank 10 as at rank 1: Perturbed GD with balanced noise ends at balance 1 whatever the start and "
    "the step sizes, GD where its start and step sizes lead it.",
    printed=Printed(
        "At rank 10 Perturbed GD always converges to the γ-balanced optima, regardless of the start: the noise still "
        "determines the balance. The optima of GD are highly sensitive to the start and the step sizes.",
        judge_panels,
    ),
    run=run,
    check=check_panels,
    draw=draw_panels,
    choices=CHOICES.format(full=FULL, quick=QUICK),
)
