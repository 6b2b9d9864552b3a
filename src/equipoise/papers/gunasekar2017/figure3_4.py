"""Figure 3 (iv): MovieLens 100K, from sparse observations and at full width."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged, undecided

PRINTED = {"minimum": (0.2880, 8391.0), "descent": (0.2631, 8876.0), "zero-filled": (1.000, 20912.0)}
"""(test error, nuclear norm) as printed."""

NORM, STEP_SIZE, EVERY, MOST_STEPS = 1e-3, 1e-2, 20, 6000
TOLERANCE = 0.01
"""The relative distance up to which a printed number counts as measured."""

CERTIFIED = 8199.0
"""The minimum of the nuclear norm that other solvers certify, in stars."""

MOVIELENS = 90_570
"""The number of training entries of the ua split."""

TRAINED = {"descent": 0.1, "descent, on": 0.01}
"""‖X − Y‖/‖Y‖ on the training entries at which descent is evaluated: its square is 0.01, then it is 0.01 itself."""

SECONDS = 170.0


def ratings(quick: bool, seed: int) -> tuple[Any, Any]:
    """Training and test entries: the ua split of MovieLens 100K; in the quick form, synthetic ratings by 60 people."""
    if not quick:
        return eq.datasets.movielens_split(eq.datasets.movielens_100k(), "ua")
    random = generator(seed, Stream.RATINGS)
    tastes, traits = random.standard_normal((60, 3)), random.standard_normal((80, 3))
    liked = 3.5 + 0.6 * tastes @ traits.T + 0.3 * random.standard_normal((60, 80))
    matrix = np.where(random.random((60, 80)) < 0.4, np.clip(np.round(liked), 1, 5), np.nan)
    return eq.datasets.hold_out_per_row(eq.datasets.triplets_from_matrix(matrix), 5, seed=seed)


def prepare(quick: bool) -> None:
    """Find the data before other figures take hours."""
    if not quick:
        eq.datasets.movielens_100k()


def run(quick: bool, seed: int) -> Data:
    """Gradient descent at full width to two training errors, the certified minimum, and zeros filled in."""
    training, test = ratings(quick, seed)
    seen = (training.rows, training.columns, training.values)
    filled = training.dense(0.0)
    top = float(np.linalg.norm(filled, 2))
    # the largest stable step size for scale · ‖UVᵀ − Y‖² is 1/(2 scale σ₁) where U and V are balanced
    scale = 1 / (4 * top * STEP_SIZE)
    options: dict[str, Any] = {"scale": scale, "dtype": np.float64 if quick else np.float32}
    problem = eq.problems.completion(seen, shape=training.shape, **options)

    found, course = descended(problem, test, seed)
    operator = (training.rows, training.columns, training.shape)
    best = eq.certified.minimum_nuclear_norm(operator, training.values, psd=False, gap=1e-4, max_seconds=SECONDS)
    table = _table({"minimum": best.matrix, **found, "zero-filled": filled}, training, test)
    ending = {"status": best.status.name, "detail": best.detail}
    attributes = {"lower": best.lower, "upper": best.upper, **ending, "entries": len(training)}
    return {"solutions": table.assign_attrs(attributes, test_entries=len(test)), "path": course}


def descended(problem: Any, test: Any, seed: int) -> tuple[dict[str, np.ndarray], xr.Dataset]:
    """UVᵀ when each of the training errors is reached, in one run, and the recorded path."""

    def test_error(problem: Any, theta: Any) -> Any:
        """‖UVᵀ − Y‖/‖Y‖ over the test entries."""
        fitted = problem.product(theta).at(test.rows, test.columns)
        return (((fitted - test.values) ** 2).sum() / (test.values**2).sum()) ** 0.5

    method, watched = eq.dynamics.GradientDescent(STEP_SIZE), ("loss", "relative_error", test_error)
    found: dict[str, np.ndarray] = {}
    waiting, latest = list(TRAINED.items()), MOST_STEPS
    run = eq.watch(
        problem,
        method,
        eq.initial.GaussianOfNorm(NORM),
        seed=seed,
        steps=len(TRAINED) * MOST_STEPS,
        record=eq.Record(every=EVERY, observables=watched),
    )
    for look in run:
        while waiting and (look.values["relative_error"][0] < waiting[0][1] or look.step >= latest):
            name, _ = waiting.pop(0)
            u, v = (w[0].astype(float) for w in look.theta)
            found[name], latest = u @ v.T, look.step + MOST_STEPS
        if not waiting:
            break
    return found, run.run().dataset[["loss", "relative_error", "test_error"]]


def _table(found: dict[str, np.ndarray], training: Any, test: Any) -> xr.Dataset:
    printed = [PRINTED.get(name, (np.nan, np.nan)) for name in found]
    norms = [np.linalg.norm(x, "nuc") for x in found.values()]
    errors = {
        name: [
            np.linalg.norm(x[part.rows, part.columns] - part.values) / np.linalg.norm(part.values)
            for x in found.values()
        ]
        for name, part in (("training", training), ("test", test))
    }
    return xr.Dataset(
        {
            "nuclear_norm": ("solution", norms, {"long_name": "nuclear norm", "units": "stars"}),
            "training": ("solution", errors["training"], {"long_name": "training error, relative", "units": "1"}),
            "test": ("solution", errors["test"], {"long_name": "test error, relative", "units": "1"}),
            "printed_test": ("solution", [test for test, _ in printed], {"long_name": "printed test error"}),
            "printed_norm": ("solution", [norm for _, norm in printed], {"long_name": "printed nuclear norm"}),
        },
        {"solution": list(found)},
    )


def check(data: Data) -> list[Check]:
    """Descent at two training errors, beside the certified minimum and the zeros; and all against the print."""
    table = data["solutions"]
    lower, upper = (float(table.attrs[name]) for name in ("lower", "upper"))
    best, descent, zeros = (table.sel(solution=name) for name in PRINTED)
    on = table.sel(solution="descent, on")
    checks = [
        at_most("certificate: relative gap", 1 - lower / upper, 5e-3),
        *(
            near(f"{name}: whether the training error is at most {trained:g}", _reached(table, name, trained), 1, 0)
            for name, trained in TRAINED.items()
        ),
        near("descent: nuclear norm over the certified minimum", descent["nuclear_norm"] / lower, 0.88, 0.08),
        near("descent, on: nuclear norm over the certified minimum", on["nuclear_norm"] / lower, 1.11, 0.1),
        at_least("zero-filled: excess over the certified minimum", zeros["nuclear_norm"] / upper - 1, 0.5),
        at_most("test error of descent over that of the minimum", descent["test"] / best["test"], 1.0),
    ]
    return checks + (_on_movielens(table) if int(table.attrs["entries"]) == MOVIELENS else [])


def _on_movielens(table: xr.Dataset) -> list[Check]:
    """The measured numbers beside the printed ones."""
    best, descent, zeros = (table.sel(solution=name) for name in PRINTED)
    on, lower, upper = table.sel(solution="descent, on"), table.attrs["lower"], table.attrs["upper"]
    (least_test, least), (printed_test, printed), (zeros_test, filled) = PRINTED.values()
    return [
        near("zero-filled: nuclear norm, as printed", zeros["nuclear_norm"], filled, 0.5),
        near("zero-filled: test error, as printed", zeros["test"], zeros_test, 5e-4),
        near("minimum: certified lower bound of the nuclear norm", lower, CERTIFIED, 25),
        at_most("minimum: certified upper bound of the nuclear norm, below the printed one", upper, least),
        near("minimum: test error, near the printed one", best["test"], least_test, 0.02),
        near("descent: test error, near the printed one", descent["test"], printed_test, 0.02),
        at_most("descent: nuclear norm, below the printed one", descent["nuclear_norm"], printed),
        at_least("descent, on: nuclear norm, above the printed one", on["nuclear_norm"], printed),
        at_least("descent, on: test error, above that of the minimum", on["test"], best["test"]),
    ]


def _reached(table: xr.Dataset, name: str, trained: float) -> bool:
    return bool(table["training"].sel(solution=name) <= trained)


def judge(data: Data) -> Judgement:
    """Whether the printed table is measured: the minimum, gradient descent where it fits, and X_gd."""
    table = data["solutions"]
    upper = float(table.attrs["upper"])
    if int(table.attrs["entries"]) != MOVIELENS:
        said = "The quick form has made-up ratings, of which the paper prints nothing."
        return undecided("certified upper bound of the minimum", upper, said)
    printed = table.sel(solution="descent")[["printed_test", "printed_norm"]]
    apart = {name: _apart(table.sel(solution=name), printed) for name in TRAINED}
    zeros, closest = table.sel(solution="zero-filled"), min(apart.values())
    ratio = PRINTED["minimum"][1] / upper
    return jointly(
        judged(
            at_most("relative distance of descent from both its printed numbers", closest, TOLERANCE),
            "Where its training error is {:g} or {:g}, the larger relative distance of descent from the printed test "
            "error and nuclear norm is {:.1%} or {:.1%}.".format(*TRAINED.values(), *apart.values()),
        ),
        judged(
            at_most("printed minimum over the certified upper bound", ratio, 1 + TOLERANCE),
            f"The printed minimum of the nuclear norm is {ratio:.3f} times the certified upper bound {upper:.1f}.",
        ),
        judged(
            at_most("relative distance of zeros from the printed numbers of X_gd", _apart(zeros, zeros), TOLERANCE),
            f"Zeros filled in have the nuclear norm {float(zeros['nuclear_norm']):.1f}.",
        ),
    )


def _apart(found: xr.Dataset, printed: xr.Dataset) -> float:
    """The larger relative distance of test error and nuclear norm from the printed ones."""
    ratios = (found["test"] / printed["printed_test"], found["nuclear_norm"] / printed["printed_norm"])
    return max(abs(float(ratio) - 1) for ratio in ratios)


def draw(data: Data) -> Figure:
    """Training and test error along the run, and the measured and printed nuclear norms."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.4, 3.4))
    left, right = axes[0]
    course, table = data["path"].isel(replicate=0), data["solutions"]
    course = course.isel(step=np.flatnonzero(course["relative_error"].notnull().values))
    for trained in TRAINED.values():
        left.axhline(trained, color="black", linestyle=":", lw=1)
    left.plot(course["step"], course["relative_error"], color=eq.plots.PALETTE[0], label="training")
    left.plot(course["step"], course["test_error"], color=eq.plots.PALETTE[1], label="test")
    best = float(table["test"].sel(solution="minimum"))
    left.axhline(best, color=eq.plots.PALETTE[1], linestyle="--", lw=1, label="test, certified minimum")
    left.set_yscale("log")
    left.set_xlabel("step")
    left.set_ylabel("error, relative")
    eq.plots.add_legend(left)
    places = np.arange(table.sizes["solution"])
    right.bar(places - 0.2, table["nuclear_norm"], 0.4, color=eq.plots.PALETTE[0], label="measured")
    right.bar(places + 0.2, table["printed_norm"], 0.4, color=eq.plots.PALETTE[1], label="printed")
    right.axhspan(table.attrs["lower"], table.attrs["upper"], color="black", alpha=0.5, label="certified minimum")
    right.set_xticks(places, list(table["solution"].values))
    right.set_ylabel("nuclear norm (stars)")
    eq.plots.add_legend(right, fontsize="x-small")
    return figure


CLAIM = Claim(
    id="figure3.4",
    source="Figure 3 (iv), Section 5",
    statement="On MovieLens 100k gradient descent on UVᵀ at full width from ‖U₀‖_F = 1e-3 predicts better than the "
    "minimum of the nuclear norm while its training error is about 0.1; then its norm is below the minimum, so it does "
    "not fit. Trained on to 0.01 its norm is a few to 20 percent above the minimum, and it predicts worse. Filling in "
    "zeros fits with more than twice the norm.",
    printed=Printed(
        "The minimum of the nuclear norm is 8391, with a test error of 0.2880; gradient descent, trained to an error "
        "below 0.01, ends at 8876 with a better one, 0.2631; X_gd has 20912 and 1.000.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    prepare=prepare,
    choices="The ua split (each user's first ten rows held out), since its zero-filled matrix has the printed norm. "
    "Errors are ‖X − Y‖/‖Y‖ over the entries. The training error below 1e-2 is taken as that of the squared error "
    "relative to the squared ratings, ‖X − Y‖/‖Y‖ < 0.1, where the test error is near the printed one; or it is 0.01 "
    "itself, 'descent, on'. The printed norm of descent is passed between the two, so that no one moment has both "
    "printed numbers. The scale of the objective is open: it is such that η = 0.01 is "
    "half the largest stable step. Single precision. The printed minimum, 8391, lies above the certified interval. "
    "The quick form uses made-up ratings of 60 people and 80 things by the same code, since the data is not ours to "
    "ship.",
)
