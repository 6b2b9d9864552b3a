"""Nuclear norm: where few entries are known, small starts end above the least, with a lower rank at greater depth."""

import itertools
from typing import Any

import numpy as np
import optax
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.arora2019.shared.completions import Completion, completion
from equipoise.papers.arora2019.shared.seeds import Offset, Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

DEPTHS, STARTS, LENGTH = (2, 3, 4), (1e-2, 1e-3, 1e-4), 60.0
"""The sizes of W at the start are per entry, over the root of the size. LENGTH is that of the path of θ, in √[M]."""

CLEAR = 0.003
"""A nuclear norm this much above the certified one, relative, is above it."""


def run(quick: bool, seed: int) -> Data:
    """The ends from three sizes of start at each depth, and the certified minimum."""
    size, rank, count, steps = (40, 2, 440, 4000) if quick else (100, 5, 2000, 20_000)
    instance, proof = _not_least(size, rank, count, seed)
    ends = np.array([_ends(instance, depth, steps, seed) for depth in DEPTHS])
    return {"ends": _measured(instance, ends, proof, rank)}


def _not_least(size: int, rank: int, count: int, seed: int) -> tuple[Completion, eq.certified.Certificate]:
    """The first instance whose truth is clearly not the completion of least nuclear norm, with the certificate."""
    for number in itertools.count():
        instance = completion(size, rank, count, further_seed(seed, Offset.REDRAWN, number))
        proof = instance.least(1e-5)
        if np.linalg.norm(instance.truth, "nuc") >= (1 + 2 * CLEAR) * proof.upper:
            break
    return instance, proof


def _ends(instance: Completion, depth: int, steps: int, seed: int) -> np.ndarray:
    """W at the end from each size of start, by gradient descent with steps of one length, on the path of the flow."""
    size = len(instance.truth)
    problem = eq.problems.completion(
        (instance.rows, instance.columns, instance.values),
        shape=instance.truth.shape,
        parametrization=eq.problems.DeepLinear((size,) * (depth + 1)),
        scale=1 / len(instance.values),
    )
    factors = generator(seed, Stream.STARTS, depth).standard_normal((depth, size, size)) / size**0.5
    starts = eq.initial.Given(tuple(np.array([a ** (1 / depth) * f for a in STARTS]) for f in factors))
    length = optax.cosine_decay_schedule(2 * LENGTH / steps, steps)
    method = eq.dynamics.Optax(optax.chain(optax.normalize_by_update_norm(), optax.scale_by_learning_rate(length)))
    ran = eq.simulate(
        problem, method, starts, seed=0, replicates=len(STARTS), steps=steps, record=eq.Record(steps), progress=False
    )
    w: Any = np.asarray(ran.theta[0])
    for factor in ran.theta[1:]:
        w = np.asarray(factor) @ w
    return w


def _measured(instance: Completion, ends: np.ndarray, proof: eq.certified.Certificate, rank: int) -> xr.Dataset:
    """Nuclear norm, errors and singular values of every end, and the certificate."""
    seen = np.zeros(instance.truth.shape, bool)
    seen[instance.rows, instance.columns] = True
    values = np.linalg.svd(ends, compute_uv=False)
    dims = ("depth", "start")

    def error(where: np.ndarray) -> np.ndarray:
        return np.linalg.norm((ends - instance.truth)[..., where], axis=-1) / np.linalg.norm(instance.truth[where])

    least_error = np.linalg.norm((proof.matrix - instance.truth)[~seen]) / np.linalg.norm(instance.truth[~seen])
    return xr.Dataset(
        {
            "nuclear_norm": (dims, values.sum(axis=-1), {"long_name": "nuclear norm", "units": "[M]"}),
            "training": (dims, error(seen), {"long_name": "error on the known entries, relative", "units": "1"}),
            "test": (dims, error(~seen), {"long_name": "error on the others, relative", "units": "1"}),
            "singular_values": ((*dims, "number"), values, {"long_name": "singular values", "units": "[M]"}),
        },
        {
            "depth": ("depth", list(DEPTHS), {"long_name": "depth", "units": "1"}),
            "start": ("start", list(STARTS), {"long_name": "size of the start", "units": "1"}),
        },
        {
            "upper": proof.upper,
            "lower": proof.lower,
            "truth": float(np.linalg.norm(instance.truth, "nuc")),
            "least_error": float(least_error),
            "rank": rank,
        },
    )


def tail(ends: xr.Dataset) -> xr.DataArray:
    """The share of the nuclear norm beyond the rank of the truth."""
    values = ends["singular_values"]
    return values.isel(number=slice(ends.attrs["rank"], None)).sum("number") / values.sum("number")


def check(data: Data) -> list[Check]:
    """All depths fit, none has the least nuclear norm, and depth brings down rank and error, by the medians."""
    ends = data["ends"]
    _, test, beyond = _medians(ends)
    least = {n: ends["nuclear_norm"].sel(depth=n).min(skipna=False) / ends.attrs["upper"] for n in DEPTHS}
    return [
        at_most("relative gap of the certificate", 1 - ends.attrs["lower"] / ends.attrs["upper"], 1e-4),
        at_most("largest error on the known entries", ends["training"].median("start", skipna=False).max(), 0.05),
        *(
            at_least(f"depth {n}: smallest nuclear norm of the starts over the certified one", least[n], 1 + CLEAR)
            for n in DEPTHS
        ),
        at_least("error of the certified minimum on the other entries", ends.attrs["least_error"], 0.01),
        at_most("error on the other entries, depth 3 over depth 2", test.sel(depth=3) / test.sel(depth=2), 0.5),
        at_most("depth 3: share of the nuclear norm beyond the rank", beyond.sel(depth=3), 0.05),
        at_least("log₁₀ of the same, depth 2 over depth 3", np.log10(beyond.sel(depth=2) / beyond.sel(depth=3)), 0.2),
        at_most("depth 3: error on the other entries", test.sel(depth=3), 0.1),
    ]


def _medians(ends: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """By depth: the nuclear norm over the certified one, the error on entries not seen, and what is beyond the rank."""
    over = ends["nuclear_norm"] / ends.attrs["upper"]
    over, test, beyond = (each.median("start", skipna=False) for each in (over, ends["test"], tail(ends)))
    return over, test, beyond


def judge(data: Data) -> Judgement:
    """Whether depth helps, and whether the nuclear norm is what is least."""
    over, test, _ = _medians(data["ends"])
    least, gain = float(over.min()), float(test.sel(depth=3) / test.sel(depth=2))
    return jointly(
        judged(
            at_least("least nuclear norm over depths, over the certified one", least, 1 + CLEAR),
            f"At every depth the nuclear norm ends at least {least - 1:.2g} above the certified minimum, relative.",
        ),
        judged(
            at_most("error on the other entries, depth 3 over depth 2", gain, 0.5),
            f"With three factors the error on the entries not seen is {gain:.2g} of that with two.",
        ),
    )


def draw(data: Data) -> Figure:
    """Error, nuclear norm and singular values, by depth and start."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.6, 3.2))
    ends = data["ends"]
    for number, depth in enumerate(DEPTHS):
        hue = eq.plots.PALETTE[number]
        one = ends.sel(depth=depth)
        axes[0, 0].loglog(one["start"], one["test"], "o-", color=hue, label=f"depth {depth}")
        axes[0, 1].semilogx(one["start"], one["nuclear_norm"], "o-", color=hue)
        axes[0, 2].semilogy(one["singular_values"][-1, :20], "o-", ms=3, color=hue)
    axes[0, 0].axhline(ends.attrs["least_error"], ls=":", color="black", label="minimum nuclear norm")
    axes[0, 1].axhline(ends.attrs["upper"], ls=":", color="black")
    axes[0, 1].axhline(ends.attrs["truth"], ls="--", color="0.5", label="truth")
    axes[0, 0].set(xlabel="size of the start", ylabel="error on entries not seen")
    axes[0, 1].set(xlabel="size of the start", ylabel="nuclear norm")
    axes[0, 2].set(xlabel="number", ylabel="singular value, smallest start")
    eq.plots.add_legend(axes[0, 0])
    eq.plots.add_legend(axes[0, 1])
    return figure


CLAIM = Claim(
    id="nuclearnorm",
    source="Abstract; the experiments on matrix completion",
    statement="Where the truth of low rank is not the completion of least nuclear norm, gradient descent from small "
    "starts on two, three and four factors ends above the certified minimum, with a rank, and an error on the entries "
    "not seen, that are lower at depth 3 than at depth 2.",
    printed=Printed(
        "Depth strengthens the tendency to low rank, so deeper factorizations recover better from few entries; and no "
        "nuclear norm is minimized, at depth 2 either: with few entries the norm ends above the least.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="100 x 100, rank 5, 2000 entries, ‖W‖_F = 100, as in the paper's public code (quick: 40, 2, 440). "
    "Gradient descent with steps of one length that shrink along a cosine follows the path of the flow; starts of "
    "normal factors whose product has entries of 1e-2, 1e-3 and 1e-4 over the root of the size; medians over the "
    "three. An instance whose truth has the least nuclear norm, nearly or exactly, is drawn again.",
)
