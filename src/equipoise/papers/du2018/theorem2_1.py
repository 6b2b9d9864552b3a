"""Theorem 2.1: at every neuron, the incoming minus the outgoing squared norm is conserved."""

import itertools

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.du2018.shared.flows import (
    OBSERVABLES,
    SIGMOID,
    SLOPES,
    WIDTHS,
    allowed,
    changed,
    drift,
    flow,
    instance,
    mixture,
    moved,
    start,
)
from equipoise.papers.du2018.shared.kinks import at_kinks
from equipoise.papers.du2018.shared.rates import relative_rates
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

NAMES = (*SLOPES, SIGMOID)
STD, TIME = (0.2, 0.3, 0.4), 4.0
DEPTHS = {2: (4, 8, 2), 3: (4, 8, 6, 2), 5: (4, 6, 5, 6, 5, 2)}
LOSSES = ("quadratic", "logistic", "cross_entropy")
QUICK = ((2, "quadratic", False), (3, "logistic", True), (5, "cross_entropy", True))
"""The (depth, loss, bias) of the derivatives in the quick form; the full form has all combinations."""

NEURONS = OBSERVABLES[-1]

ROUNDING = 1e-12
"""The largest relative derivative that is rounding."""


def run(quick: bool, seed: int) -> Data:
    """Flows of one network for each activation; derivatives at random points of many networks, and at kinks."""
    problems = [instance([mixture(name)] * 2, seed) for name in NAMES]
    paths = [flow(problem, start(problem, STD, seed), TIME, quick).dataset for problem in problems]
    together = xr.concat(paths, xr.DataArray(list(NAMES), dims="activation", name="activation"), combine_attrs="drop")
    settings = QUICK if quick else tuple(itertools.product(DEPTHS, LOSSES, (False, True)))
    data = {"paths": together, "derivatives": _derivatives(settings, seed), "kinks": at_kinks(seed)}
    return data if quick else {**data, "grid": _grid(settings, seed)}


def _derivatives(settings: tuple[tuple[int, str, bool], ...], seed: int) -> xr.Dataset:
    """`relative_rates` of the neurons for each setting and activation."""
    names = [f"{depth} layers, {loss}{', bias' if bias else ''}" for depth, loss, bias in settings]
    rows = [
        [
            relative_rates(
                instance([mixture(name)] * (depth - 1), seed, DEPTHS[depth], loss=loss, bias=bias), NEURONS, seed
            )
            for name in NAMES
        ]
        for depth, loss, bias in settings
    ]
    meaning = {"long_name": "largest derivative of a neuron's difference, relative to a layer's squared norm's"}
    return xr.Dataset(
        {"rate": (("network", "activation", "point"), rows, meaning)}, {"network": names, "activation": list(NAMES)}
    )


def _grid(settings: tuple[tuple[int, str, bool], ...], seed: int) -> xr.Dataset:
    """The drift in flows of every setting."""
    names = [f"{depth} layers, {loss}{', bias' if bias else ''}" for depth, loss, bias in settings]
    rows = []
    for depth, loss, bias in settings:
        problems = [
            instance([mixture(name)] * (depth - 1), seed, DEPTHS[depth], loss=loss, bias=bias) for name in NAMES
        ]
        ran = [flow(problem, start(problem, 0.4, seed), TIME, False).dataset for problem in problems]
        rows.append([largest(drift(dataset, "neuron_differences")) for dataset in ran])
    meaning = {"long_name": "largest drift of a neuron's difference, relative to what the layers' squared norms moved"}
    return xr.Dataset(
        {"drift": (("network", "activation"), rows, meaning)}, {"network": names, "activation": list(NAMES)}
    )


def check(data: Data) -> list[Check]:
    """Conserved with homogeneous activations, in the derivative and along the flow; not with the sigmoid."""
    paths, rate = data["paths"], data["derivatives"]["rate"]
    kept, broken = rate.sel(activation=list(SLOPES)), rate.sel(activation=SIGMOID)
    homogeneous, other = paths.sel(activation=list(SLOPES)), paths.sel(activation=SIGMOID)
    drifts = drift(homogeneous, "neuron_differences")
    share = changed(other, "neuron_differences").mean(skipna=False) / moved(other).mean(skipna=False)
    checks = [
        at_most("largest d/dt of a difference, relative, homogeneous", largest(kept), ROUNDING),
        at_least(
            "log₁₀ of the mean largest d/dt of a difference, relative, sigmoid",
            np.log10(broken.mean(skipna=False)),
            -1.0,
        ),
        at_least("mean change of the layers' squared norms along a flow", moved(paths).mean(skipna=False), 0.2),
        at_most("largest drift along a flow, relative, homogeneous", largest(drifts), allowed(paths)),
        at_least("log₁₀ of the mean drift along a flow, relative, sigmoid", np.log10(share), -1.3),
    ]
    checks += _of_kinks(data["kinks"])
    if "grid" in data:
        grid = data["grid"]["drift"]
        checks += [
            at_most("largest drift, all networks, homogeneous", largest(grid.sel(activation=list(SLOPES))), 1e-3),
            at_least("smallest drift, all networks, sigmoid", smallest(grid.sel(activation=SIGMOID)), 0.01),
        ]
    return checks


def _of_kinks(kinks: xr.Dataset) -> list[Check]:
    """At a kink the gradient hangs on φ′(0), and the derivatives of the differences do not."""
    turned = kinks["turn"].isel(choice=-1).median(("activation", "point"), skipna=False)
    return [
        at_most("at kinks, any φ′(0): largest d/dt of a difference, relative", largest(kinks["rate"]), ROUNDING),
        at_least("at kinks: smallest share of activations at 0", smallest(kinks["share"]), 0.02),
        at_least("at kinks: log₁₀ of the median change of the gradient with φ′(0), relative", np.log10(turned), -2.5),
    ]


def judge(data: Data) -> Judgement:
    """The derivative is 0, also at kinks, and the difference stays along flows."""
    homogeneous = list(SLOPES)
    rate = largest(data["derivatives"]["rate"].sel(activation=homogeneous))
    at_kink = largest(data["kinks"]["rate"])
    paths = data["paths"].sel(activation=homogeneous)
    off = largest(drift(paths, "neuron_differences"))
    return jointly(
        judged(
            at_most("largest derivative of a neuron's difference, relative", rate, ROUNDING),
            f"The largest derivative of a neuron's difference is {rate:.1g} of that of a squared norm.",
        ),
        judged(
            at_most("largest derivative at kinks, any φ′(0), relative", at_kink, ROUNDING),
            f"At kinks, with any φ′(0), the largest derivative of a neuron's difference is {at_kink:.1g} of that of a "
            "squared norm.",
        ),
        judged(
            at_most("largest drift along a flow, relative", off, allowed(paths)),
            f"Along the flows the largest drift is {off:.1g} of the change of the squared norms, and the solver's "
            f"tolerance explains {allowed(paths):.1g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """One path: the squared norms of the layers change; the differences of ReLU neurons do not, of a sigmoid's do."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.1, 2.8))
    one = data["paths"].isel(replicate=0)
    for layer in range(one.sizes["layer"]):
        norm = one["squared_norms"].sel(activation="ReLU").isel(layer=layer)
        axes[0, 0].plot(one["time"], norm, label=f"‖W{'₁₂₃'[layer]}‖²")
    eq.plots.add_legend(axes[0, 0])
    for side, name in zip(axes[0, 1:], ("ReLU", SIGMOID), strict=True):
        differences = one["neuron_differences"].sel(activation=name)
        for neuron in range(differences.sizes["neuron"]):
            side.plot(
                one["time"],
                differences.isel(neuron=neuron),
                color=eq.plots.PALETTE[0 if neuron < WIDTHS[1] else 1],
                linewidth=0.9,
                label={0: "first hidden layer", WIDTHS[1]: "second"}.get(neuron),
            )
    axes[0, 1].legend(loc="lower right")
    eq.plots.label_axes(axes[0, 0], "flow time", "squared norm of a layer")
    for side in axes[0, 1:]:
        eq.plots.label_axes(side, "flow time", "into a neuron less out of it")
    eq.plots.label_panels(axes.flat, ["ReLU: the layers", "ReLU: each neuron", "Sigmoid: each neuron"])
    return figure


CLAIM = Claim(
    id="theorem2.1",
    source="Theorem 2.1, Section 2.1; footnotes 8 (biases), 9 and 10 (kinks)",
    statement="With linear, ReLU or leaky ReLU activations, any number of layers and any differentiable loss, gradient "
    "flow keeps ‖W_h[i,:]‖² − ‖W_{h+1}[:,i]‖² at every hidden neuron; with biases ‖W_h[i,:]‖² + b_h[i]² takes the "
    "place of the first. At a kink this is so for every choice of φ′(0), though the gradient hangs on it. A sigmoid "
    "breaks it.",
    printed=Printed(
        "With homogeneous activations and any differentiable loss, gradient flow keeps ‖W_h[i,:]‖² − ‖W_{h+1}[:,i]‖² "
        "at every hidden neuron i, for any choice of subgradient at a kink.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="Paths: 4 → 8 → 6 → 2, 30 Gaussian points, a ReLU teacher, quadratic loss, standard deviations 0.2, 0.3 "
    "and 0.4 of the starts, 8 starts, leaky slope 0.1; solver tolerance 1e-5 (1e-4 in the quick form). Derivatives: 8 "
    "random points for each network of 2, 3 or 5 layers with quadratic, logistic or cross-entropy loss, with and "
    "without biases (three of these in the quick form); flows of all of these in the full form. Kinks: data and "
    "weights in whole numbers, so that many activations are at 0 exactly, leaky slope ¼, five values of φ′(0) from the "
    "left to the right derivative, 8 points.",
)
