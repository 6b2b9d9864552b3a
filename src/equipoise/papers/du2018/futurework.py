"""Section 5: which first-order methods keep the balance."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.analysis import power_law
from equipoise.papers.du2018.shared.optimizers import DECAY, RULES
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, undecided

WIDTHS, POINTS, INSTANCE, STD = (5, 4, 4, 3), 20, 2018, 0.5
LAWS = ("matrix", "neuron", "layer")
TIME, SIZES, QUICK_SIZES = 2.0, (0.01, 0.005, 0.0025, 0.00125), (0.01, 0.005, 0.0025)
TIMES, ARRIVED, LATER, LARGE = (5.0, 20.0, 80.0, 320.0), 20.0, 80.0, 0.04
KEPT_EXPONENT, BROKEN_EXPONENT = 0.7, 0.4
"""The least exponent of drift where a law is kept, and the largest where it is broken."""
KEPT, DRIFTING = "gradient descent", "label noise"


def run(quick: bool, seed: int) -> Data:
    """Every method from the same starts for the same time, at falling step sizes; two methods for much longer."""
    network = eq.problems.planted_network(WIDTHS, POINTS, seed=INSTANCE, activation=["linear", "relu"])
    rules = {name: rule for name, rule in RULES.items() if rule.quick or not quick}
    sizes, replicates = (QUICK_SIZES, 20) if quick else (SIZES, 60)
    start = _run(network, RULES[KEPT].make(1.0), 0.0, replicates, seed)
    cells = [[_after(network, start, rule.make(h), TIME / h, seed) for h in sizes] for rule in rules.values()]
    laws = eq.theory.conservation_laws(network, seed=seed)
    names = {
        "rule": ("rule", list(rules), {"long_name": "method"}),
        "step_size": ("step_size", list(sizes), {"long_name": "step size", "units": "[θ]²/[loss]"}),
        "law": ("law", list(LAWS), {"long_name": "conserved quantity"}),
    }
    per_rule = [xr.concat(row, dim="step_size") for row in cells]
    drift = xr.concat(per_rule, dim="rule").assign_coords(names)
    drift["found"] = ((), laws.dimension, {"long_name": "quadratic laws found", "units": "1"})
    drift["gap"] = ((), laws.gap, {"long_name": "gap of the spectrum that decided it", "units": "1"})
    return {"drift": drift, "later": _later(network, start, TIMES[:3] if quick else TIMES, seed)}


def check(data: Data) -> list[Check]:
    """The drift is proportional to the step size for the methods that keep the laws, and is not for the others."""
    drift, later = data["drift"], data["later"]
    exponents = _exponents(drift)
    median = drift["drift"].median("replicate").isel(step_size=-1)
    hidden = WIDTHS[1:-1]
    checks = [
        near("quadratic laws found", drift["found"], hidden[0] * (hidden[0] + 1) / 2 + hidden[1], 0),
        at_least("gap of the spectrum that decided it", drift["gap"], 1e8),
    ]
    for name in drift["rule"].values.tolist():
        slope = exponents.sel(rule=name)
        if RULES[name].keeps:
            checks.append(at_least(f"{name}: least exponent of drift in the step size", smallest(slope), KEPT_EXPONENT))
        else:
            checks.append(
                at_most(f"{name}: largest exponent of drift in the step size", largest(slope), BROKEN_EXPONENT)
            )
            least = smallest(median.sel(rule=name)) / largest(median.sel(rule=KEPT))
            checks.append(at_least(f"{name}: least drift over that of {KEPT}", least, 3))
    if "weight decay" in drift["rule"]:
        ratio = drift["ratio"].sel(rule="weight decay").median("replicate").isel(step_size=-1).mean()
        name = "weight decay: size of the laws at the end over that at the start"
        checks.append(near(name, ratio, np.exp(-2 * DECAY * TIME), 0.01))
    grown = later["drift"].median("replicate")
    growth = grown.sel(time=LATER) / grown.sel(time=ARRIVED)
    words = f"drift at time {LATER:g} over that at {ARRIVED:g}"
    checks.append(at_most(f"{KEPT}: largest {words}", largest(growth.sel(rule=KEPT)), 1.5))
    checks.append(at_least(f"{DRIFTING}: least {words}", smallest(growth.sel(rule=DRIFTING)), 2))
    return checks


def judge(data: Data) -> Judgement:
    """The paper asks; there is nothing to hold or not."""
    exponents = _exponents(data["drift"])
    keep = int((exponents.min("law") >= KEPT_EXPONENT).sum())
    total = exponents.sizes["rule"]
    return undecided(
        "methods whose drift vanishes with the step size",
        keep,
        f"The paper asks and states no answer; of {total} methods measured here {keep} keep the laws in the limit of "
        "small steps.",
    )


def draw(data: Data) -> Figure:
    """Drift against step size for each method, and its exponents for each law."""
    drift, later = data["drift"], data["later"]
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.9, 3.9))
    _lines(axes[0, 0], drift)
    _exponent_dots(axes[0, 1], _exponents(drift))
    _long_run(axes[0, 2], later)
    return figure


def _run(network: Any, dynamics: Any, steps: float, replicates: int, seed: int) -> eq.Run:
    record = eq.Record(every=10**6, observables=("loss",))
    init = eq.initial.Gaussian(std=STD)
    return eq.simulate(network, dynamics, init, seed=seed, replicates=replicates, steps=round(steps), record=record)


def _laws(theta: Any) -> list[np.ndarray]:
    """W₁W₁ᵀ − W₂ᵀW₂ of the linear pair, ‖W₂[i,:]‖² − ‖W₃[:,i]‖², and differences of squared norms, by replicate."""
    first, second, third = (np.asarray(w) for w in theta)
    matrix = first @ first.swapaxes(1, 2) - second.swapaxes(1, 2) @ second
    neuron = (second**2).sum(2) - (third**2).sum(1)
    layer = np.stack([np.trace(matrix, axis1=1, axis2=2), neuron.sum(1)], axis=1)
    return [matrix.reshape(len(matrix), -1), neuron, layer]


def _after(network: Any, start: eq.Run, dynamics: Any, steps: float, seed: int) -> xr.Dataset:
    """The drift of the laws from their start, relative to ‖W₁‖² + ‖W₂‖² + ‖W₃‖², and the size of the laws."""
    end = _run(network, dynamics, steps, start.dataset.sizes["replicate"], seed)
    before, after = _laws(start.theta), _laws(end.theta)
    size = sum((np.asarray(w) ** 2).sum((1, 2)) for w in start.theta)
    moved = [np.linalg.norm(b - a, axis=1) / size for a, b in zip(before, after, strict=True)]
    ratio = [np.linalg.norm(b, axis=1) / np.linalg.norm(a, axis=1) for a, b in zip(before, after, strict=True)]
    dims = ("law", "replicate")
    return xr.Dataset(
        {
            "drift": (dims, moved, {"long_name": "drift of the law relative to the squared norms", "units": "1"}),
            "ratio": (dims, ratio, {"long_name": "size of the law at the end over the start", "units": "1"}),
            "loss": ("replicate", end.dataset["loss"].values[:, -1], {"long_name": "loss at the end"}),
        }
    )


def _later(network: Any, start: eq.Run, times: tuple[float, ...], seed: int) -> xr.Dataset:
    """Gradient descent and label noise for longer and longer: gradient descent converges, label noise goes on."""
    rules = (KEPT, DRIFTING)
    rows = [
        xr.concat([_after(network, start, RULES[name].make(LARGE), time / LARGE, seed) for time in times], "time")
        for name in rules
    ]
    flow_time = ("time", list(times), {"long_name": "flow time", "units": "[θ]²/[loss]"})
    return xr.concat(rows, dim="rule").assign_coords(rule=list(rules), time=flow_time, law=list(LAWS))


def _exponents(drift: xr.Dataset) -> xr.DataArray:
    """The exponent of the median drift in the step size, by method and law."""
    median = drift["drift"].median("replicate")
    sizes = drift["step_size"].values

    def exponent(values: np.ndarray) -> float:
        return power_law(sizes, values).exponent.estimate

    return xr.apply_ufunc(exponent, median, input_core_dims=[["step_size"]], vectorize=True)


def _lines(axis: Axes, drift: xr.Dataset) -> None:
    """The drift of the neuron law for every method, as a solid line for those that keep it."""
    median = drift["drift"].median("replicate").sel(law="neuron")
    sizes = drift["step_size"].values
    for number, name in enumerate(drift["rule"].values.tolist()):
        style, marker = ("-", "o") if RULES[name].keeps else ("--", "s")
        color = eq.plots.PALETTE[number % len(eq.plots.PALETTE)]
        axis.loglog(sizes, median.sel(rule=name), style, marker=marker, ms=3, color=color, label=name)
    axis.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axis.minorticks_off()
    axis.set_xlabel(f"step size, at flow time {TIME:g}")
    axis.set_ylabel("drift of ‖W₂[i,:]‖² − ‖W₃[:,i]‖², relative")
    axis.legend(ncols=2, fontsize=6.5, loc="upper center", bbox_to_anchor=(0.5, -0.17))


def _exponent_dots(axis: Axes, exponents: xr.DataArray) -> None:
    """One row for each method, one mark for each law."""
    rules = exponents["rule"].values.tolist()
    for number, (law, marker) in enumerate(zip(LAWS, "os^", strict=True)):
        at = np.arange(len(rules)) + 0.18 * (number - 1)
        axis.plot(exponents.sel(law=law), at, marker, ms=4, color=eq.plots.PALETTE[number], label=f"{law} law")
    for where in (0, 1):
        axis.axvline(where, color="#7f7f7f", lw=0.8, ls=":")
    axis.set_yticks(np.arange(len(rules)), rules)
    axis.invert_yaxis()
    axis.set_xlabel("exponent of drift in the step size:\n0 breaks the law, 1 keeps it in the limit")
    axis.legend(loc="lower right")


def _long_run(axis: Axes, later: xr.Dataset) -> None:
    """The drift at the two times."""
    median = later["drift"].median("replicate")
    for number, name in enumerate(later["rule"].values.tolist()):
        for law, style in zip(LAWS, ("-", "--", ":"), strict=True):
            line = median.sel(rule=name, law=law)
            label = f"{name}, {law}"
            axis.loglog(later["time"], line, style, marker="o", ms=3, color=eq.plots.PALETTE[number], label=label)
    axis.set_xlabel(f"flow time, at step size {LARGE:g}")
    axis.set_ylabel("drift of the law, relative")
    axis.legend(fontsize=6.5, loc=(0.45, 0.12))


CLAIM = Claim(
    id="futurework",
    source="Section 5",
    statement="Asked in the paper, measured here: momentum, Nesterov's method, minibatches, label noise and clipped "
    "gradients keep the laws of gradient flow in the limit of small steps; RMSProp, Adam, sign descent and Muon break "
    "them at any step size, sharpness-aware steps by their radius, perturbed gradients by their noise, weight decay at "
    "the rate e^(−2λt). Label noise goes on drifting where gradient descent has arrived.",
    printed=Printed(
        "How to characterize the invariance of accelerated and adaptive methods is left for future work; nothing is "
        "stated.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="A network 5-4-4-3, linear between the first two layers and ReLU between the last two, so that it has the "
    "matrix law, the neuron laws and the laws of whole layers; 20 points and a teacher of its form, the same for all "
    "seeds (eight others gave the same verdicts); 60 starts from N(0, 0.5²) (quick: 20, and six of the methods). A "
    "law is kept if the median drift at one flow time goes to zero with the step size: exponent at least 0.7, or at "
    "most 0.4 where it is broken. Momentum 0.9 at a tenth of the step size; clipping at norm 0.3, batches of 5, label "
    "noise of standard deviation 1, radius 0.2, perturbation of standard deviation 0.1, λ = 0.1; RMSProp, Adam, sign "
    "descent and Muon at a quarter of the step size, with optax's other settings. The long runs are at step size 0.04.",
)
