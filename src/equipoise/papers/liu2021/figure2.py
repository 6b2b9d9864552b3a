"""Figure 2: the balance at the end of each method, at rank 1."""

from equipoise.papers.liu2021.shared.boxes import CHOICES, check_panels, draw_panels, judge_panels, run_panels
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.machinery.check import Data
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Printed

FULL, QUICK = 20_000, 7_000


def run(quick: bool, seed: int) -> Data:
    """Panels (a) to (g) with 100 replicates, or 10."""
    steps, replicates = (QUICK, 10) if quick else (FULL, 100)
    return run_panels(1, "abcdefg", Offset.FIGURE2, seed=seed, steps=steps, replicates=replicates)


CLAIM = Claim(
    id="figure2",
    shares="theorem1",
    source="Figure 2 (a-g), Section 5",
    statement="At rank 1, Perturbed GD ends at the balance γ of its noise whatever the start and the step sizes; "
    "GD ends at a balance set by its start and step sizes: near 1 from a small start, anywhere from a large one, "
    "√(ηx/ηy) with uneven steps.",
    printed=Printed(
        "Perturbed GD always converges to the γ-balanced optima, for balanced and unbalanced noise, regardless of the "
        "start and the step sizes. GD ends approximately balanced from a small start, with a large variance from a "
        "large one, and approximately √0.5-balanced with uneven steps.",
        judge_panels,
    ),
    run=run,
    check=check_panels,
    draw=draw_panels,
    choices=CHOICES.format(full=FULL, quick=QUICK),
)
