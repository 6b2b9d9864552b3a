"""Drift: how sharpness-aware steps move ‖x‖² − ‖y‖², exactly and to first order in the radius."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.li2024.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE, RADII = (4, 4), (0.1, 0.01, 0.001)
STEP_SIZE, POINTS, FULL_POINTS = 1e-8, 20, 400
PATH_RADIUS, PATH_SIZE, PATH_STEPS, PATH_BALANCE = 0.3, 0.02, 4000, 4.0


def run(quick: bool, seed: int) -> Data:
    """The drift by a short step and by both formulas at random points; and two paths."""
    return {"drift": _drifts(POINTS if quick else FULL_POINTS, seed), "paths": _paths(seed)}


def _problem() -> eq.problems.Factored:
    return eq.problems.planted(SHAPE, 1, values=(1.0,), seed=0)


def _drifts(count: int, seed: int) -> xr.Dataset:
    problem, random = _problem(), generator(seed, Stream.POINTS)
    points = tuple(random.standard_normal((count, *shape)) for shape in problem.shapes)
    rows = []
    for radius in RADII:
        method = eq.dynamics.SharpnessAware(eq.dynamics.GradientDescent(STEP_SIZE), radius)
        found = eq.simulate(
            problem, method, eq.initial.Given(points), seed=seed, replicates=count, steps=1, progress=False
        )
        before, after = (np.sum(points[k] ** 2, axis=(1, 2)) for k in (0, 1)), found.theta
        simulated = np.sum(after[0] ** 2, axis=(1, 2)) - np.sum(after[1] ** 2, axis=(1, 2))
        simulated = (simulated - np.subtract(*before)) / STEP_SIZE
        formulas = [
            eq.theory.sharpness_aware_drift(problem, (x, y), radius) for x, y in zip(points[0], points[1], strict=True)
        ]
        rows.append((simulated, [f.exact for f in formulas], [f.first_order for f in formulas]))
    columns = zip(("simulated", "exact", "first_order"), zip(*rows, strict=True), strict=True)
    about = {"simulated": "by a step", "exact": "by the exact formula", "first_order": "to first order in the radius"}
    return xr.Dataset(
        {
            name: (
                ("radius", "point"),
                np.array(values),
                {"long_name": f"drift of ‖x‖² − ‖y‖² {about[name]}", "units": "[M]²"},
            )
            for name, values in columns
        },
        {"radius": list(RADII)},
    )


def _paths(seed: int) -> xr.Dataset:
    """‖x‖² − ‖y‖² along gradient descent and its sharpness-aware form, without noise, from off a minimum."""
    problem = _problem()
    x, y = (np.asarray(w) for w in eq.problems.signal_of(problem).factors(PATH_BALANCE))
    plain = eq.dynamics.GradientDescent(PATH_SIZE)
    found = {}
    for name, method in (("descent", plain), ("aware", eq.dynamics.SharpnessAware(plain, PATH_RADIUS))):
        record = eq.Record(PATH_STEPS // 50, ("balance", "loss"))
        start = eq.initial.Given((x, 0.5 * y))
        run = eq.simulate(problem, method, start, seed=seed, steps=PATH_STEPS, record=record, progress=False).dataset
        path = (run["norm_x"] ** 2 - run["norm_y"] ** 2).isel(replicate=0, drop=True)
        found[name] = path.assign_attrs(long_name=f"‖x‖² − ‖y‖², {name}", units="[M]")
    return xr.Dataset(found)


def _errors(data: Data, name: str, truth: str) -> xr.DataArray:
    """The largest error of a formula over the points, over the largest drift, for each radius."""
    drifts = data["drift"]
    worst: xr.DataArray = abs(drifts[name] - drifts[truth]).max("point", skipna=False)
    return worst / abs(drifts[truth]).max("point", skipna=False)


def _kept(data: Data, name: str) -> float:
    path = data["paths"][name]
    return float(path[-1] / path[0])


def check(data: Data) -> list[Check]:
    """The exact formula is what a step does; the other errs in proportion to ρ; only the aware path loses imbalance."""
    exact, first = _errors(data, "exact", "simulated"), _errors(data, "first_order", "exact")
    return [
        at_most("exact formula: largest error over the largest drift", largest(exact), 1e-3),
        at_least("first order, ρ = 0.1: largest error over the largest drift", first[0], 0.03),
        near("first order: error at ρ = 0.01 over that at 0.001", first[1] / first[2], 10.0, 0.5),
        at_least("gradient descent: ‖x‖² − ‖y‖² at the end over that at the start", _kept(data, "descent"), 0.95),
        at_most("sharpness-aware: ‖x‖² − ‖y‖² at the end over that at the start", _kept(data, "aware"), 0.75),
    ]


def judge(data: Data) -> Judgement:
    """Whether the aware path loses imbalance that gradient descent keeps."""
    aware, plain = _kept(data, "aware"), _kept(data, "descent")
    return judged(
        at_most("sharpness-aware over plain: what is left of ‖x‖² − ‖y‖²", aware / plain, 0.9),
        f"Sharpness-aware steps leave {aware:.2g} of ‖x‖² − ‖y‖², plain ones {plain:.3g}.",
    )


def draw(data: Data) -> Figure:
    """The drift by the formulas against that by a step, and the two paths."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.8, 3.2))
    left, right = axes[0]
    drifts = data["drift"].isel(radius=0)
    for number, (name, label) in enumerate((("first_order", "first order in ρ"), ("exact", "exact"))):
        left.plot(drifts["simulated"], drifts[name], "os"[number], ms=3, color=eq.plots.PALETTE[number], label=label)
    left.axline((0, 0), slope=1, color="gray", lw=1)
    left.set(xlabel="drift by a step, ρ = 0.1", ylabel="drift by the formula")
    for number, (name, label) in enumerate((("descent", "gradient descent"), ("aware", "sharpness-aware"))):
        path = data["paths"][name]
        right.plot(path["step"], path, color=eq.plots.PALETTE[number], label=label)
    right.set(xlabel="steps", ylabel="‖x‖² − ‖y‖²", ylim=(0, None))
    for panel in (left, right):
        eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="drift",
    source="Abstract, finding i); the first-order formula is the paper's as we know it, the exact one ours",
    statement="Sharpness-aware flow moves ‖x‖² − ‖y‖² at the rate 2ρ(⟨u, ∇ₓf⟩ − ⟨v, ∇_yf⟩), with the gradients at the "
    "point uphill and (u, v) = ∇f/‖∇f‖; 2ρ(‖∇ₓf‖² − ‖∇_yf‖²)/‖∇f‖ is its first order in ρ. It loses imbalance that "
    "gradient descent keeps.",
    printed=Printed("Sharpness-aware minimization promotes balancedness, ‖x‖² − ‖y‖² near 0.", judge),
    run=run,
    check=check,
    draw=draw,
    choices=f"A 4 x 4 matrix of rank 1 and norm 1; {FULL_POINTS} points of N(0, 1) entries (quick: {POINTS}) and steps "
    f"of 1e-8; paths with ρ = {PATH_RADIUS:g}, η = {PATH_SIZE:g} from a start of balance {2 * PATH_BALANCE:g} off the "
    "minimum. Of the paper we could read the abstract and the beginning alone.",
)
