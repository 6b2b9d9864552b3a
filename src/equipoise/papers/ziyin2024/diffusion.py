"""Diffusion: isotropic noise on the gradient lets u² − w² wander, where minibatches take it to 0."""

from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.ziyin2024.shared.regression import START, STEP_SIZE, STEPS, regressed
from equipoise.papers.ziyin2024.shared.seeds import Offset

STD = 0.3
"""The standard deviation of the noise on each gradient, about that of a single point on the smaller one."""

REPLICATES, FULL_REPLICATES = 100, 500


def run(quick: bool, seed: int) -> Data:
    """Ensembles of minibatches of one point, and of gradient descent with isotropic noise on the gradient."""
    plain = eq.dynamics.GradientDescent(STEP_SIZE)
    methods = {
        "batches": eq.dynamics.Minibatch(plain, 1),
        "isotropic": eq.dynamics.GradientNoise(plain, eq.noise.Gaussian(std=STD)),
    }
    count = REPLICATES if quick else FULL_REPLICATES
    return {
        name: regressed(method, count, seed, further_seed(seed, Offset.DIFFUSION, number))[["difference"]]
        for number, (name, method) in enumerate(methods.items())
    }


def predicted_spread(steps: int) -> float:
    """The standard deviation of u² − w² over that at the start, by 4η²s²(u² + w²) a step along uw ≈ 1.

    The sum of squares is that of the start, so this is for the beginning alone.
    """
    squares = START[0] ** 2 + START[1] ** 2
    return float(2 * STEP_SIZE * STD * (squares * steps) ** 0.5 / (START[0] ** 2 - START[1] ** 2))


EARLY = 200
"""The steps after which the spread is compared with the prediction."""


def check(data: Data) -> list[Check]:
    """Isotropic noise keeps the mean and spreads; minibatches shrink both."""
    last = {name: found["difference"].isel(step=-1) for name, found in data.items()}
    count = last["isotropic"].size
    early = data["isotropic"]["difference"].sel(step=EARLY).std("replicate", skipna=False)
    spread = float(last["isotropic"].std(skipna=False))
    return [
        near(
            "isotropic: mean of u² − w² at the end over the start",
            last["isotropic"].mean(),
            1.0,
            0.06 + 4 * spread / count**0.5,
        ),
        near(f"isotropic: spread after {EARLY} steps over the predicted", early / predicted_spread(EARLY), 1.0, 0.25),
        at_least("isotropic: spread at the end", spread, 0.25),
        at_most("minibatches: mean of u² − w² at the end over the start", last["batches"].mean(), 0.8),
        at_most("minibatches: spread at the end", last["batches"].std(skipna=False), 0.1),
    ]


def judge(data: Data) -> Judgement:
    """The two must differ in the mean."""
    means = {name: float(found["difference"].isel(step=-1).mean()) for name, found in data.items()}
    return judged(
        at_most(
            "mean of u² − w² under minibatches over that under isotropic noise",
            means["batches"] / means["isotropic"],
            0.75,
        ),
        f"At the end the mean of u² − w² is {means['batches']:.2g} of the start under minibatches and "
        f"{means['isotropic']:.2g} under isotropic noise.",
    )


def draw(data: Data) -> Figure:
    """Some paths of both."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.0))
    panel = axes[0, 0]
    labels = {"batches": "minibatches", "isotropic": "isotropic noise"}
    for number, (name, found) in enumerate(data.items()):
        for replicate in range(8):
            path = found["difference"].isel(replicate=replicate)
            label = None if replicate else labels[name]
            panel.plot(path["step"], path, lw=0.8, color=eq.plots.PALETTE[number], label=label)
    panel.axhline(0, color="gray", lw=1)
    panel.set(xlabel="steps", ylabel="u² − w² over the start", xlim=(0, STEPS))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="diffusion",
    source="arXiv:2308.06671, abstract",
    statement="Isotropic noise on the gradients of u and w leaves the mean of u² − w² nearly where it was and "
    "spreads it; the noise of minibatches takes it to 0 in every path.",
    printed=Printed(
        "A simple diffusion process and stochastic gradient descent differ most where the loss has symmetries.", judge
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The regression of the claim balance; isotropic noise of standard deviation {STD:g}; {FULL_REPLICATES} "
    f"replicates (quick: {REPLICATES}), {STEPS} steps. Of the papers we could read the abstracts and beginnings alone. "
    "What they say of the stationary distribution of diagonal networks is not put to the test here.",
)
