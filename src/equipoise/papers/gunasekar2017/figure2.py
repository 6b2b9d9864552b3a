"""Figure 2: the nuclear norm of the solutions of Figure 1, compared with the certified minimum."""

from matplotlib.figure import Figure

from equipoise.papers.gunasekar2017.shared.reconstruction import solutions
from equipoise.papers.gunasekar2017.shared.widths import CHOICES, at_full_width, below, draw_by_width
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

EXCESS = {"a": 2e-3, "b": 0.1, "c": 0.2}
"""How far above the minimum a small start may end at full width; (c) has the fewest measurements."""

OVERLAP = 0.02
"""The relative distance from which two lines of the printed figure can be told apart."""


def run(quick: bool, seed: int) -> Data:
    """The solutions, which Figure 1 shows too."""
    return solutions(quick, seed)


def check(data: Data) -> list[Check]:
    """The minimum is certified; small starts end close to it; large starts and X_gd end far above."""
    checks = []
    for name, excess in EXCESS.items():
        panel = data[name]
        least = panel.attrs["minimum_lower"]
        norms = {method: float(at_full_width(panel, method)["nuclear_norm"]) for method in ("small", "large", "search")}
        checks += [
            at_most(f"{name}: relative gap of the certificate", panel.attrs["minimum_upper"] / least - 1, 1e-8),
            at_most(f"{name}: excess of small starts over the minimum", norms["small"] / least - 1, excess),
            at_most(f"{name}: excess of the line search over the minimum", norms["search"] / least - 1, excess),
            at_least(f"{name}: excess of large starts", norms["large"] / least - 1, 0.1),
            at_least(f"{name}: excess of X_gd", panel.attrs["projected_nuclear"] / least - 1, 0.1),
        ]
    return checks


def judge(data: Data) -> Judgement:
    """Whether the line of the minimum is almost hidden behind small starts, and whether those of X_gd are above."""
    excess = {
        name: float(at_full_width(data[name], "small")["nuclear_norm"]) / data[name].attrs["minimum_lower"] - 1
        for name in EXCESS
    }
    worst = max(excess.values())
    above = min(data[name].attrs["projected_nuclear"] / data[name].attrs["minimum_upper"] - 1 for name in EXCESS)
    return jointly(
        judged(
            at_most("largest excess of small starts over the minimum at full width", worst, OVERLAP),
            f"At full width small starts end {excess['a']:.1%}, {excess['b']:.1%} and {excess['c']:.1%} above the "
            f"certified minimum in (a), (b) and (c); overlapping is read as at most {OVERLAP:.0%}.",
        ),
        judged(
            at_least("least excess of X_gd over that of small starts", above / worst, 2.0),
            f"X_gd is at least {above:.1%} above the minimum.",
        ),
    )


def draw(data: Data) -> Figure:
    """Nuclear norms against the width; the certified minimum is a dashed line."""
    lines = {"minimum_upper": "certified minimum", "projected_nuclear": "X_gd, without factors"}
    figure = draw_by_width(data, "nuclear_norm", ("small", "search", "svd"), lines, "nuclear norm")
    below(figure)
    return figure


CLAIM = Claim(
    id="figure2",
    shares="figure1",
    source="Figure 2 (a-c), Section 2",
    statement="At full width the solutions from small starts have nearly the minimum nuclear norm; those from a large "
    "start, from the SVD of X_gd, and X_gd itself are far above it.",
    printed=Printed(
        "Small starts at every width end at a low nuclear norm, in (c) too; the line of the minimum is almost "
        "overlapped by theirs, and X_gd lies above.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=CHOICES + " Where the misfit is not yet zero the norm can be below the minimum; it is drawn as it is.",
)
