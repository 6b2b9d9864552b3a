"""Regularization: the pull of sharpness-aware steps on the balance, with one gradient a step."""

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.li2024.shared.noisy import RADIUS, STEP_SIZE, difference, noisy_run, sharpness_aware
from equipoise.papers.li2024.shared.seeds import Offset
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, undecided

SIZE, STD, BALANCE, STEPS = 16, 1.0, 9.0, 3000
REPLICATES, FULL_REPLICATES = 20, 400
NAMES = {"aware": "sharpness-aware, two gradients", "regularized": "balancedness-aware, one gradient"}


def run(quick: bool, seed: int) -> Data:
    """The mean imbalance along runs of both methods."""
    methods = {"aware": sharpness_aware(), "regularized": eq.dynamics.BalancednessAware(STEP_SIZE, RADIUS)}
    count, paths = REPLICATES if quick else FULL_REPLICATES, {}
    for number, (name, method) in enumerate(methods.items()):
        own = further_seed(seed, Offset.REGULARIZATION, number)
        found = noisy_run((SIZE, SIZE), method, STD, BALANCE, steps=STEPS, replicates=count, seed=own)
        paths[name] = difference(found)
    return {"paths": xr.Dataset(paths)}


def _apart(data: Data) -> float:
    """The largest distance of the two paths."""
    return largest(abs(data["paths"]["aware"] - data["paths"]["regularized"]))


def check(data: Data) -> list[Check]:
    """The imbalance falls alike under both."""
    return [
        at_most("largest distance of the two mean paths, over the start", _apart(data), 0.06),
        at_least("loss of imbalance by sharpness-aware steps", 1 - data["paths"]["aware"][-1], 0.6),
        at_least("loss of imbalance by balancedness-aware steps", 1 - data["paths"]["regularized"][-1], 0.6),
    ]


def judge(data: Data) -> Judgement:
    """The paper's numbers are of language models."""
    apart = _apart(data)
    return undecided(
        "largest distance of the two mean paths, over the start",
        apart,
        f"The paths of the balance differ by at most {apart:.2g} with half of the gradients; that test performance is "
        "better too is shown for language models, which are not run here.",
    )


def draw(data: Data) -> Figure:
    """The mean imbalance along the runs of both methods."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.0))
    panel = axes[0, 0]
    for number, (name, label) in enumerate(NAMES.items()):
        path = data["paths"][name]
        panel.plot(path["step"], path, ("-", "--")[number], color=eq.plots.PALETTE[number], label=label)
    panel.set(xlabel="steps", ylabel="mean of ‖x‖² − ‖y‖² over the start", ylim=(0, 1.05))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="regularization",
    source="Abstract, balancedness-aware regularization",
    statement="Steps that pull on the norms by 2ρ(‖∇ₓf‖² − ‖∇_yf‖²)/‖∇f‖ take the balance along the path of "
    "sharpness-aware steps, with one gradient each in place of two.",
    printed=Printed(
        "Balancedness-aware regularization saves 95 % of the overhead of sharpness-aware minimization, with better "
        "test performance on RoBERTa, GPT-2 and OPT-1.3B.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"A {SIZE} x {SIZE} matrix of rank 1 and norm 1 with noise of standard deviation {STD:g}, from balance "
    f"{BALANCE:g}; η = 0.002, ρ = 0.1; {FULL_REPLICATES} replicates (quick: {REPLICATES}), {STEPS} steps. The pull is "
    "`eq.dynamics.BalancednessAware`, whose strength is that of sharpness-aware steps; the paper's is a schedule. Of "
    "the paper we could read the abstract and the beginning alone.",
)
