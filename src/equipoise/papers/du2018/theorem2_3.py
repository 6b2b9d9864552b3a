"""Theorem 2.3: with any pattern of missing and shared weights the layers keep their differences, neurons do not."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.flows import POINTS, allowed, drift, flow, mixture, moved, start
from equipoise.papers.du2018.shared.rates import relative_rates
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.problems.networks import Convolution, Dense, MaxPooling, Shared

LENGTH, FILTERS, WINDOW, OUTPUTS = 8, 2, 3, 2
STD, TIME = 0.5, 3.0
ROUNDING = 1e-12
"""The largest relative derivative that is rounding."""
OBSERVABLES = ("loss", "squared_norms", eq.observables.norm_differences(checked=False))
CONVOLUTION, RANDOM = "convolutions", "random map"


def convolution_map(length: int, channels: int, filters: int, window: int) -> np.ndarray:
    """g of a convolution along one axis: filters · places x channels · length, −1 where there is no edge."""
    places = length - window + 1
    index = np.full((filters, places, channels, length), -1)
    for o, p, c, k in np.ndindex(filters, places, channels, window):
        index[o, p, c, p + k] = (o * channels + c) * window + k
    return index.reshape(filters * places, channels * length)


def maps_of_convolutions() -> list[np.ndarray]:
    """8 → 2 x 6 → 2 x 4 → 2: two layers of filters, and one with all edges."""
    inner = LENGTH - WINDOW + 1
    last = FILTERS * (inner - WINDOW + 1)
    full = np.arange(OUTPUTS * last).reshape(OUTPUTS, last)
    return [
        convolution_map(LENGTH, 1, FILTERS, WINDOW),
        convolution_map(inner, FILTERS, FILTERS, WINDOW),
        full,
    ]


def random_maps(seed: int, number: int) -> list[np.ndarray]:
    """Maps of the same shapes with as many parameters; each edge is missing or any parameter, equally likely."""
    random = generator(seed, Stream.MAPS, number)
    return [random.integers(-1, index.max() + 1, index.shape) for index in maps_of_convolutions()]


def instance(maps: list[np.ndarray], activation: str, seed: int) -> Any:
    """The network with these maps; its targets come from a teacher of the same form, with root mean square 2."""
    sizes = [int(index.max()) + 1 for index in maps_of_convolutions()]
    layers = tuple(Shared(index, size) for index, size in zip(maps, sizes, strict=True))
    options: dict[str, Any] = {"layers": layers, "activation": mixture(activation)}
    planted = eq.problems.planted_network(None, POINTS, seed=seed, input_shape=(LENGTH,), **options)
    targets = planted.targets * (2 / np.sqrt(np.mean(planted.targets**2)))
    return eq.problems.network(None, planted.inputs, targets, **options)


def run(quick: bool, seed: int) -> Data:
    """Flows with the maps of convolutions and with random ones, and derivatives in networks of convolutions."""
    names = ["ReLU"] if quick else ["ReLU", "leaky ReLU", "linear"]
    every = {CONVOLUTION: maps_of_convolutions()}
    every |= {f"{RANDOM} {n}": random_maps(seed, n) for n in range(1, 3 if quick else 11)}
    rows = [[_path(maps, name, seed, quick) for maps in every.values()] for name in names]
    pattern = xr.DataArray(list(every), dims="pattern", name="pattern")
    activation = xr.DataArray(names, dims="activation", name="activation")
    paths = xr.concat([xr.concat(row, pattern, combine_attrs="drop") for row in rows], activation, combine_attrs="drop")
    networks = _convolutions(seed, 1 if quick else None)
    rates = [relative_rates(problem, eq.observables.norm_differences(), seed).max() for problem in networks]
    meaning = {"long_name": "largest derivative of a difference, relative to that of a layer's squared norm"}
    return {"paths": paths, "derivatives": xr.Dataset({"rate": ("network", rates, meaning)})}


def _path(maps: list[np.ndarray], activation: str, seed: int, quick: bool) -> xr.Dataset:
    """One flow, with the differences at single neurons of W[i, j] = v[g(i, j)] at both ends."""
    problem = instance(maps, activation, seed)
    theta = start(problem, STD, seed, 4 if quick else 8)
    ran = flow(problem, theta, TIME, quick, OBSERVABLES)
    ends = [[np.where(g < 0, 0.0, v[:, g]) for v, g in zip(at, maps, strict=True)] for at in (theta, ran.theta)]
    neurons = [
        np.concatenate([(w[i] ** 2).sum(axis=2) - (w[i + 1] ** 2).sum(axis=1) for i in (0, 1)], axis=1) for w in ends
    ]
    meaning = {"long_name": "change of a neuron's difference", "units": "1"}
    return ran.dataset.assign(neurons=(("replicate", "neuron"), neurons[1] - neurons[0], meaning))


def _convolutions(seed: int, count: int | None) -> list[Any]:
    """The first `count` networks: of signals, with pooling; of pictures, with stride and padding; with five layers."""
    shapes_and_layers: list[tuple[tuple[int, ...], tuple[Any, ...]]] = [
        ((2, 10), (Convolution(3, 3), MaxPooling(2), Convolution(2, 2), Dense(4), Dense(2))),
        ((2, 6, 5), (Convolution(3, (3, 2), (1, 2), (1, 0)), MaxPooling((2, 1)), Convolution(2, (2, 2)), Dense(2))),
        ((1, 9), (*(Convolution(2, 3, 1, 1),) * 4, Dense(2))),
    ]
    return [
        eq.problems.planted_network(None, POINTS, seed=seed, input_shape=shape, layers=layers, bias=True)
        for shape, layers in shapes_and_layers[:count]
    ]


def check(data: Data) -> list[Check]:
    """Layers keep their differences whatever the map; neurons that share weights do not."""
    paths = data["paths"]
    drifts, scale = drift(paths, "norm_differences"), moved(paths).mean(skipna=False)
    neurons = abs(paths["neurons"]).max("neuron", skipna=False).mean(skipna=False)
    return [
        at_most(
            "largest d/dt of a difference in networks of convolutions, relative",
            largest(data["derivatives"]["rate"]),
            ROUNDING,
        ),
        at_least("log₁₀ of the mean change of the layers' squared norms", np.log10(scale), -1.0),
        at_most(
            "largest drift with convolutions, relative",
            largest(drifts.sel(pattern=CONVOLUTION)),
            allowed(paths),
        ),
        at_most(
            "largest drift with random maps, relative",
            largest(drifts.drop_sel(pattern=CONVOLUTION)),
            allowed(paths),
        ),
        at_least("mean of the largest change at single neurons, relative", neurons / scale, 0.1),
    ]


def judge(data: Data) -> Judgement:
    """The derivative is 0 in networks of convolutions, and the difference stays along flows with every map."""
    rate, paths = largest(data["derivatives"]["rate"]), data["paths"]
    off = largest(drift(paths, "norm_differences"))
    return jointly(
        judged(
            at_most("largest derivative of a difference, relative", rate, ROUNDING),
            f"The largest derivative of a difference is {rate:.1g} of that of a squared norm.",
        ),
        judged(
            at_most("largest drift along a flow, relative", off, allowed(paths)),
            f"Over {paths.sizes['pattern']} maps the largest drift is {off:.1g} of the change of the squared norms, "
            f"and the solver's tolerance explains {allowed(paths):.1g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """One path for each kind of map: the squared norms of the free parameters, and their differences."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.6, 2.9), share_y=True)
    for side, pattern in zip(axes[0], (CONVOLUTION, f"{RANDOM} 1"), strict=True):
        one = data["paths"].sel(activation="ReLU", pattern=pattern).isel(replicate=0)
        for layer in range(one.sizes["layer"]):
            side.plot(one["time"], one["squared_norms"].isel(layer=layer), label=f"‖v{'₁₂₃'[layer]}‖²")
        for pair in range(one.sizes["pair"]):
            name = f"‖v{'₁₂'[pair]}‖² − ‖v{'₂₃'[pair]}‖²"
            side.plot(one["time"], one["norm_differences"].isel(pair=pair), linestyle=(0, (4, 2)), label=name)
        eq.plots.label_axes(side, "flow time", "squared norms and differences")
    axes[0, 1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    eq.plots.label_panels(axes.flat, ["Convolutions", "A random map"])
    return figure


CLAIM = Claim(
    id="theorem2.3",
    source="Theorem 2.3, Section 2.2",
    statement="With any pattern of missing and shared weights within the layers, convolutions among them, gradient "
    "flow keeps ‖v_h‖² − ‖v_{h+1}‖² of the free parameters of consecutive layers.",
    printed=Printed(
        "With any pattern of missing and shared weights within the layers, gradient flow keeps ‖v_h‖² − ‖v_{h+1}‖² of "
        "the free parameters of consecutive layers.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="8 → 12 → 8 → 2 with 6, 12 and 16 free parameters: the maps g of two convolutions (2 filters of 3 numbers) "
    "and a full layer, and random maps, in which an edge is missing or any of the parameters, all as likely; 30 "
    "Gaussian points, a teacher of the same form, starts of standard deviation ½, 8 of them (4 in the quick form). "
    "Derivatives: networks of convolutions with biases and pooling, at 8 random points. That single neurons do not "
    "keep theirs is checked beside.",
)
