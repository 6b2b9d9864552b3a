"""Section 1: which balance the usual starts give, and that training keeps it."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.flows import WIDTHS, allowed, drift, flow, instance, mixture, moved, start
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

XAVIER, KAIMING, PLAIN = "Xavier", "Kaiming", "1/√d"
OWN, EQUAL = "the network of Figure 2", "equal widths"
NETWORKS = {OWN: (1000, 100, 100, 10), EQUAL: (100, 100, 100, 100)}
SMALL = 0.1
"""A difference of squared norms over the larger of the two up to which it counts as small."""

TIME = 4.0


def variances(scheme: str, widths: tuple[int, ...]) -> np.ndarray:
    """The variance of the entries of each layer.

    2/(n_in + n_out) after Glorot and Bengio (2010), 2/n_in after He et al., and 1/n_in.
    """
    into, out = np.array(widths[:-1]), np.array(widths[1:])
    return {XAVIER: 2 / (into + out), KAIMING: 2 / into, PLAIN: 1 / into}[scheme]


SCHEMES = (XAVIER, KAIMING, PLAIN)


def run(quick: bool, seed: int) -> Data:
    """Squared norms of the layers at the start, in law; and flows of the small network from such starts."""
    names = xr.DataArray(list(SCHEMES), dims="scheme", name="scheme")
    starts = xr.concat([_starts(scheme, 200 if quick else 10_000, seed) for scheme in SCHEMES], names)
    problem = instance([mixture("ReLU")] * 2, seed)
    paths = []
    for scheme in SCHEMES:
        theta = start(problem, variances(scheme, WIDTHS) ** 0.5, seed)
        paths.append(flow(problem, theta, TIME, quick).dataset)
    return {"starts": starts, "paths": xr.concat(paths, names, combine_attrs="drop")}


def _starts(scheme: str, count: int, seed: int) -> xr.Dataset:
    """‖W_h‖² is the variance of an entry times a χ² number."""
    random = generator(seed, Stream.INITIALIZATIONS, SCHEMES.index(scheme))
    drawn = []
    for widths in NETWORKS.values():
        entries = np.array(widths[:-1]) * np.array(widths[1:])
        drawn.append(variances(scheme, widths) * random.chisquare(entries, (count, len(entries))))
    norms = (("network", "start", "layer"), drawn, {"long_name": "squared norm", "formula": "‖W_h‖²", "units": "1"})
    return xr.Dataset({"squared_norms": norms}, {"network": list(NETWORKS)})


def differences(norms: xr.DataArray) -> xr.DataArray:
    """The largest difference of consecutive squared norms, over the larger of the two."""
    first, second = norms.isel(layer=slice(None, -1)), norms.isel(layer=slice(1, None))
    return (abs(first - second) / xr.where(first > second, first, second)).max("layer", skipna=False)


def expected_differences(scheme: str) -> float:
    """The same of the expected squared norms, for the network of Figure 2."""
    widths = NETWORKS[OWN]
    norms = variances(scheme, widths) * np.array(widths[:-1]) * np.array(widths[1:])
    return float(differences(xr.DataArray(norms, dims="layer")))


def check(data: Data) -> list[Check]:
    """The differences of each scheme on both networks; in flows they stay what they were."""
    found, paths = differences(data["starts"]["squared_norms"]), data["paths"]
    of_own = [
        near(
            f"{scheme}, {OWN}: median relative difference at the start",
            found.sel(scheme=scheme, network=OWN).median(skipna=False),
            expected_differences(scheme),
            0.02,
        )
        for scheme in SCHEMES
    ]
    ends = differences(paths["squared_norms"]).isel(time=[0, -1])
    middle = ends.median("replicate", skipna=False)
    return [
        *of_own,
        at_most(f"{EQUAL}: largest relative difference at the start", largest(found.sel(network=EQUAL)), 0.12),
        at_most(
            "flows: largest drift of a difference, relative to what the norms moved", _drift(paths), allowed(paths)
        ),
        at_least("flows: smallest median change of the squared norms", _least_moved(paths), 0.05),
        at_least("flows: smallest median relative difference at the start", smallest(middle.isel(time=0)), 0.3),
        at_least("flows: smallest median relative difference at the end", smallest(middle.isel(time=-1)), 0.2),
    ]


def _drift(paths: xr.Dataset) -> float:
    return largest(drift(paths, "norm_differences"))


def _least_moved(paths: xr.Dataset) -> float:
    return smallest(moved(paths).median("replicate", skipna=False))


def judge(data: Data) -> Judgement:
    """Small is read as at most a tenth of the larger squared norm; all schemes must give it on both networks."""
    found = differences(data["starts"]["squared_norms"]).median("start", skipna=False)
    own, equal = (found.sel(network=network) for network in (OWN, EQUAL))
    because = (
        f"On the network of Figure 2 neighboring squared norms differ by {smallest(own):.2f} to {largest(own):.2f} of "
        f"the larger one, and where all widths are equal by at most {largest(equal):.2f}."
    )
    return jointly(
        judged(at_most("largest median relative difference, network of Figure 2", largest(own), SMALL), because),
        judged(at_most("largest median relative difference, equal widths", largest(equal), SMALL), because),
    )


def draw(data: Data) -> Figure:
    """The squared norms that each scheme gives on both networks, and one flow: norms move, differences do not."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.3, 2.9))
    for side, network in zip(axes[0], NETWORKS, strict=False):
        norms = data["starts"]["squared_norms"].sel(network=network).mean("start")
        for number, scheme in enumerate(SCHEMES):
            places = np.arange(norms.sizes["layer"]) + 0.27 * (number - 1)
            side.bar(places, norms.sel(scheme=scheme), width=0.25, label=scheme)
        side.set_xticks(range(norms.sizes["layer"]), [f"‖W{'₁₂₃'[layer]}‖²" for layer in range(norms.sizes["layer"])])
        side.set(ylabel="mean at the start", ylim=(0, 290))
        side.grid(False, axis="x")
        side.legend(fontsize=7, ncols=3, loc="upper center")
    _draw_path(axes[0, 2], data["paths"].sel(scheme=KAIMING).isel(replicate=0))
    widths = [" → ".join(map(str, NETWORKS[network])) for network in NETWORKS]
    eq.plots.label_panels(axes[0], (*widths, f"flow from a {KAIMING} start"))
    return figure


def _draw_path(side: Any, path: xr.Dataset) -> None:
    for layer in range(path.sizes["layer"]):
        side.plot(path["time"], path["squared_norms"].isel(layer=layer), label=f"‖W{'₁₂₃'[layer]}‖²")
    for pair in range(path.sizes["pair"]):
        label = f"‖W{'₁₂'[pair]}‖² − ‖W{'₂₃'[pair]}‖²"
        side.plot(path["time"], path["norm_differences"].isel(pair=pair), linestyle=(0, (4, 2)), label=label)
    top = 1.7 * float(path["squared_norms"].max())
    side.set(xlabel="flow time", ylabel="squared norms and differences", ylim=(0, top))
    side.legend(fontsize=7, ncols=2, loc="upper center")


CLAIM = Claim(
    id="initializations",
    shares="theorem2.1",
    source="Section 1, before “Next, we go beyond gradient flow”",
    statement="Starts after Xavier, Kaiming or with variance 1/d give squared norms of 2 n_in n_out/(n_in + n_out), 2 "
    "n_out and n_out. They are alike only if the widths are: on the network of Figure 2 neighboring layers differ by "
    "0.8 to 0.9 of the larger one. Gradient flow keeps these differences.",
    printed=Printed(
        "Usual starts, such as Gaussian ones of 1/√d or those after Xavier and Kaiming, give small differences of the "
        "squared norms, which then remain small.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="Entries are Gaussian of variance 2/(n_in + n_out) (Xavier), 2/n_in (Kaiming) and 1/n_in (1/√d, where d is "
    "the number of inputs). Squared norms are drawn in law for 1000 → 100 → 100 → 10, the network of Figure 2, and 100 "
    "→ 100 → 100 → 100. A difference is small if it is at most a tenth of the larger squared norm. Flows: the small "
    "network 4 → 8 → 6 → 2 of Theorem 2.1 with ReLU, 8 starts each, flow time 4.",
)
