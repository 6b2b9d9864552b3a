"""Deep factorization: if entries are too few for the nuclear norm, more factors still find the low rank."""

from typing import Any

import numpy as np
import optax
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, undecided

REPORTED = {1: 0.82, 2: 0.099, 3: 0.0017}
"""Test errors that public code reports at n = 100, rank 5, 2000 entries, ‖W*‖_F = 100."""

RESOLVED = 1e-6
"""A test error below this one counts as this one: where the minimum is exact, its error is that of rounding."""

DEPTHS, PRODUCT, LENGTH = (1, 2, 3, 4), 1e-3, 60.0
"""LENGTH is the length of the whole path of θ if it never turned back, in √[M] at depth 2."""


def run(quick: bool, seed: int) -> Data:
    """Gradient descent from a small start for products of one to four matrices, on the same entries."""
    size, rank, count, steps = (40, 2, 400, 3000) if quick else (100, 5, 2000, 20_000)
    random = generator(seed, Stream.DEEP)
    target = random.standard_normal((size, rank)) @ random.standard_normal((rank, size))
    target *= size / np.linalg.norm(target)
    rows, columns = eq.problems.random_entries((size, size), count, seed=seed)
    values = target[rows, columns]
    unseen = np.ones((size, size), bool)
    unseen[rows, columns] = False
    best = eq.certified.minimum_nuclear_norm((rows, columns, (size, size)), values, psd=False, gap=1e-5, max_seconds=60)
    data, table = {}, {}
    for depth in DEPTHS:
        ran = _trained((rows, columns, values), target, depth, steps, seed)
        data[f"depth{depth}"] = ran.dataset
        table[f"depth {depth}"] = _product(ran.theta)
    table["certified minimum"] = best.matrix
    return {**data, "limits": _limits(table, target, unseen, rows, columns, best)}


def _trained(seen: Any, target: np.ndarray, depth: int, steps: int, seed: int) -> eq.Run:
    size = target.shape[0]
    form: Any = "direct" if depth == 1 else eq.problems.DeepLinear((size,) * (depth + 1))
    problem = eq.problems.completion(seen, shape=target.shape, parametrization=form, scale=1 / len(seen[2]))
    # each factor is Gaussian with entries of size n^−½ a, so that the product is about equally small at every depth
    start = eq.initial.Gaussian(PRODUCT ** (1 / depth) * size**-0.5)
    watched = ("relative_error", "singular_values")
    return path(
        problem,
        _method(depth, steps, len(seen[2])),
        start,
        steps=steps,
        every=steps // 50,
        seed=seed,
        observables=watched,
    )


def _method(depth: int, steps: int, count: int) -> Any:
    """Normalized gradient descent, along the path of gradient flow at another speed; at depth 1, gradient descent."""
    if depth == 1:
        return eq.dynamics.GradientDescent(0.4 * count)
    length = optax.cosine_decay_schedule(2 * LENGTH / steps, steps)
    return eq.dynamics.Optax(optax.chain(optax.normalize_by_update_norm(), optax.scale_by_learning_rate(length)))


def _product(theta: Any) -> np.ndarray:
    product = theta[0][0]
    for factor in theta[1:]:
        product = factor[0] @ product
    return product


def _limits(
    table: dict[str, np.ndarray], target: np.ndarray, unseen: np.ndarray, rows: Any, columns: Any, best: Any
) -> xr.Dataset:
    """Errors and singular values of every limit; the test error is over the hidden entries."""
    seen = [np.linalg.norm((x - target)[rows, columns]) / np.linalg.norm(target[rows, columns]) for x in table.values()]
    test = [np.linalg.norm((x - target)[unseen]) / np.linalg.norm(target[unseen]) for x in table.values()]
    values = np.stack([np.linalg.svd(x, compute_uv=False) for x in table.values()])
    return xr.Dataset(
        {
            "training": ("limit", seen, {"long_name": "training error, relative", "units": "1"}),
            "test": ("limit", test, {"long_name": "test error, relative", "units": "1"}),
            "singular_values": (("limit", "singular_value"), values, {"long_name": "singular values", "units": "[M]"}),
        },
        {"limit": list(table)},
        {"gap": best.gap, "rank": int(np.linalg.matrix_rank(target, tol=1e-8 * np.linalg.norm(target)))},
    )


def check(data: Data) -> list[Check]:
    """Each further factor does better, from three on with the right rank; the certified minimum norm does not."""
    limits = data["limits"]
    test = {str(name): float(limits["test"].sel(limit=name)) for name in limits["limit"].values}
    rank, least = int(limits.attrs["rank"]), test["certified minimum"]
    below = limits["singular_values"].sel(limit="depth 3").values
    return [
        at_most("certificate: relative gap", limits.attrs["gap"], 1e-2),
        at_most("largest training error of depths 2 to 4", largest(limits["training"][1:4]), 0.02),
        at_least("depth 1: test error", test["depth 1"], 0.9),
        at_most("depth 2: test error", test["depth 2"], 0.5),
        at_most("depth 3: test error", test["depth 3"], 0.05),
        at_most("depth 4: test error", test["depth 4"], 0.05),
        at_least("minimum nuclear norm: test error", least, 0.01),
        at_most("test error of depth 2 over that of depth 1", test["depth 2"] / test["depth 1"], 0.7),
        at_most("test error of depth 3 over that of depth 2", test["depth 3"] / test["depth 2"], 0.5),
        at_most(
            "log₁₀ of the test error of depth 3 over that of the minimum nuclear norm",
            np.log10(test["depth 3"] / max(least, RESOLVED)),
            -0.3,
        ),
        at_most(f"depth 3: singular value {rank + 1} over {rank}", below[rank] / below[rank - 1], 0.05),
    ]


def judge(data: Data) -> Judgement:
    """The paper prints nothing on it."""
    limits = data["limits"]
    ratio = limits["test"].sel(limit="depth 3") / limits["test"].sel(limit="depth 2")
    return undecided(
        "test error of depth 3 over that of depth 2",
        ratio,
        f"The paper has no products of more than two factors; with three the test error is {float(ratio):.2g} of that "
        "with two.",
    )


def draw(data: Data) -> Figure:
    """The test error by depth, and the growth of the singular values along the runs of depths 2 and 3."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.6, 3.2))
    limits = data["limits"]
    bars = axes[0, 0]
    bars.bar(range(limits.sizes["limit"]), limits["test"], color=eq.plots.PALETTE[0])
    bars.set_xticks(range(limits.sizes["limit"]), list(limits["limit"].values), rotation=25, ha="right")
    bars.set_yscale("log")
    bars.set_ylabel("test error, relative")
    for side, depth in zip(axes[0, 1:], (2, 3), strict=True):
        course = data[f"depth{depth}"].isel(replicate=0)
        for number in range(int(limits.attrs["rank"]) + 5):
            strong = number < limits.attrs["rank"]
            color = eq.plots.PALETTE[0] if strong else "0.6"
            side.plot(course["step"], course["singular_values"][:, number], color=color, lw=1.5 if strong else 0.8)
        side.set_xlabel("step")
        side.locator_params(axis="x", nbins=4)
        side.set_ylabel(f"singular values, depth {depth}")
    return figure


CLAIM = Claim(
    id="deep",
    source="beyond the paper; after S. Arora, N. Cohen, W. Hu and Y. Luo (2019)",
    statement="From a small start the bias to low rank grows with the number of factors: where entries are too few "
    "for the minimum nuclear norm, three factors find the matrix, whose singular values they learn one after the "
    "other.",
    printed=Printed(
        "Nothing: the paper has two factors; this goes beyond it.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="n = 100, rank 5, 2000 entries drawn uniformly, ‖W*‖_F = 100 (quick: 40, 2, 400). Public code reports "
    f"test errors of {REPORTED[1]}, {REPORTED[2]} and {REPORTED[3]} for one, two and three factors at these sizes. "
    "Normalized gradient descent on square factors, with steps that shrink along a cosine; the start's product has "
    "entries of size about 1e-3/√n at every depth.",
)
