"""Unity: noise, an explicit penalty, the certified minimum and small starts, side by side on one matrix to complete."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.beyond.shared.running import product, run
from equipoise.papers.beyond.shared.seeds import Offset, Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, RANK = 6, 2
SHIFTS = (0, 1, 3)
"""The entries (i, i + shift) are known, modulo the size: as many in each row as in each column."""

LEVELS, NOISY = (0.1, 0.03, 0.01), 0.1
"""λ of the penalty λ/2 (‖X‖² + ‖Y‖²), and the one that noise is held against."""

PENALTY_STEP, PENALTY_STEPS = 0.3, 30_000
NOISE_STEPS, NOISE_TIME, FULL_NOISE_TIME, LOOKS = (0.04, 0.02), 400.0, 4000.0, 100
REPLICATES = 40
DECAY_STEP, DECAY_STEPS, FULL_DECAY_STEPS = 0.1, 20_000, 200_000
STARTS, START_STEPS = (1e-1, 1e-2, 1e-4, 1e-8), 40_000
SAMPLES = 20_000
NONE, CLEAR = 0.01, 0.005
"""An excess that counts as none where noise decays in a limited time, and one that counts."""


def known() -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns of the known entries."""
    rows = np.repeat(np.arange(SIZE), len(SHIFTS))
    return rows, (rows + np.tile(SHIFTS, SIZE)) % SIZE


def instance(seed: int) -> tuple[Any, Any, np.ndarray]:
    """The problem, the certificate of its least nuclear norm, and the matrix behind it, of norm 1."""
    random = generator(seed, Stream.COMPLETION)
    matrix = random.standard_normal((SIZE, RANK)) @ random.standard_normal((RANK, SIZE))
    matrix /= np.linalg.norm(matrix, 2)
    entries = known()
    proof = eq.certified.minimum_nuclear_norm((*entries, (SIZE, SIZE)), matrix[entries], psd=False)
    return eq.problems.completion((*entries, matrix[entries]), shape=(SIZE, SIZE), scale=0.5), proof, matrix


def experiment(quick: bool, seed: int) -> Data:
    """One instance, and the four ways to a matrix of small nuclear norm."""
    problem, proof, matrix = instance(seed)
    start = generator(seed, Stream.COMPLETION, 1).standard_normal((2, SIZE, SIZE)) / SIZE
    penalized, factors = _penalized(problem, start, matrix, seed)
    return {
        "minimum": xr.Dataset(
            {
                "upper": ((), proof.upper, {"long_name": "least nuclear norm, from above", "units": "[M]"}),
                "lower": ((), proof.lower, {"long_name": "least nuclear norm, from below", "units": "[M]"}),
                "truth": (
                    (),
                    np.linalg.norm(matrix, "nuc"),
                    {"long_name": "nuclear norm of the matrix", "units": "[M]"},
                ),
            }
        ),
        "penalty": penalized,
        "noise": _noisy(problem, factors, quick, seed),
        "decay": _decayed(problem, proof, quick, seed),
        "starts": _small(problem, start, seed),
        "smoothing": _smoothing(seed),
    }


def _ends(problem: Any, starts: np.ndarray, size: float, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The ends (X, Y) of gradient descent from several starts, (factor, start, row, column), and their losses."""
    given = eq.initial.Given(tuple(np.swapaxes(starts, 0, 1)))
    options: dict[str, Any] = {"steps": steps, "every": steps, "replicates": len(starts), "names": ("loss",)}
    ran = run(problem, eq.dynamics.GradientDescent(size), given, seed=seed, **options)
    return np.asarray(ran.theta), ran.dataset["loss"].values[:, -1]


def _penalized(problem: Any, start: np.ndarray, matrix: np.ndarray, seed: int) -> tuple[xr.Dataset, np.ndarray]:
    """Gradient descent with each penalty, what of the optimality conditions it misses, and (X, Y) of the largest λ."""
    first, rows = start, list[tuple[Any, ...]]()
    for level in LEVELS:
        explicit = eq.problems.Penalized(problem, (level * np.eye(SIZE),) * 2, np.asarray(0.0))
        (x, y), _ = _ends(explicit, 0.3 * start[None], PENALTY_STEP, PENALTY_STEPS, seed)
        first = first if rows else np.stack([x[0], y[0]])
        found, residual = x[0] @ y[0].T, np.zeros((SIZE, SIZE))
        residual[known()] = (matrix - found)[known()]
        norm = np.linalg.norm(found, "nuc")
        rows.append((norm, np.linalg.norm(residual, 2) / level - 1, 1 - np.sum(residual * found) / (level * norm)))
    norms, above, short = np.array(rows).T
    share = {"units": "1"}
    return xr.Dataset(
        {
            "nuclear_norm": ("level", norms, {"long_name": "nuclear norm", "units": "[M]"}),
            "above": ("level", above, {"long_name": "‖A*(r)‖/λ − 1", **share}),
            "short": ("level", short, {"long_name": "1 − ⟨A*(r), W⟩/(λ‖W‖_*)", **share}),
        },
        {"level": ("level", list(LEVELS), {"long_name": "λ", "units": "[M]"})},
    ), first


def _noisy(problem: Any, factors: np.ndarray, quick: bool, seed: int) -> xr.Dataset:
    """The mean of XYᵀ under noise with p s1 s2 = λ, from the penalized minimum, against that minimum."""
    expected, rows = factors[0] @ factors[1].T, []
    law, start = eq.noise.Gaussian((NOISY / len(SHIFTS)) ** 0.5), eq.initial.Given(tuple(factors))
    for size in NOISE_STEPS:
        every = round((NOISE_TIME if quick else FULL_NOISE_TIME) / size / LOOKS)
        method, first = eq.dynamics.PerturbedGD(size, law), further_seed(seed, Offset.UNITY)
        options: dict[str, Any] = {
            "steps": every * LOOKS,
            "every": every,
            "replicates": REPLICATES,
            "names": (product,),
        }
        ran = run(problem, method, start, seed=first, **options).dataset["product"]
        rows.append(ran.isel(step=slice(LOOKS // 4, None)).mean(("step", "replicate")).values)
    norm = np.linalg.norm(expected)
    away = [np.linalg.norm(mean - expected) / norm for mean in rows]
    least = np.linalg.norm(expected, "nuc")
    excess = [np.linalg.norm(mean, "nuc") / least - 1 for mean in rows]
    return xr.Dataset(
        {
            "away": ("step_size", away, {"long_name": "distance of the mean from the penalized minimum", "units": "1"}),
            "excess": ("step_size", excess, {"long_name": "its nuclear norm over that of it, less 1", "units": "1"}),
        },
        {"step_size": ("step_size", list(NOISE_STEPS), {"long_name": "η", "units": "1/[M]"})},
    )


def _decayed(problem: Any, proof: Any, quick: bool, seed: int) -> xr.Dataset:
    """Perturbed GD from a start of ordinary size with noise that decays to nothing: where it ends."""
    steps = DECAY_STEPS if quick else FULL_DECAY_STEPS
    fading = eq.noise.Annealed((NOISY / len(SHIFTS)) ** 0.5, 500, steps)
    method, first = eq.dynamics.PerturbedGD(DECAY_STEP, eq.noise.Gaussian(fading)), further_seed(seed, Offset.UNITY, 1)
    options: dict[str, Any] = {
        "steps": steps,
        "every": steps,
        "replicates": 8,
        "names": ("nuclear_norm", "relative_error"),
    }
    last = run(problem, method, eq.initial.Gaussian(0.3), seed=first, **options).dataset.isel(step=-1)
    return xr.Dataset(
        {
            "excess": last["nuclear_norm"]
            .assign_attrs(long_name="excess", units="1")
            .copy(data=last["nuclear_norm"].values / proof.upper - 1),
            "error": last["relative_error"],
        }
    ).drop_vars("step")


def _small(problem: Any, start: np.ndarray, seed: int) -> xr.Dataset:
    """Gradient descent without noise or penalty from one direction at several sizes."""
    sizes = np.array(STARTS)
    (x, y), losses = _ends(problem, sizes[:, None, None, None] * start, PENALTY_STEP, START_STEPS, seed)
    norms = [np.linalg.norm(one @ other.T, "nuc") for one, other in zip(x, y, strict=True)]
    return xr.Dataset(
        {
            "nuclear_norm": ("size", norms, {"long_name": "nuclear norm of the end", "units": "[M]"}),
            "loss": ("size", losses, {"long_name": "loss at the end", "units": "[M]²"}),
        },
        {"size": ("size", sizes, {"long_name": "size α of the start", "units": "1"})},
    )


def _smoothing(seed: int) -> xr.Dataset:
    """The sampled mean of the loss under noise against its closed form, where rows and columns have other counts."""
    random = generator(seed, Stream.POINTS)
    seen = random.random((4, 5)) < 0.6
    stds, theta = (0.3, 0.2), tuple(random.standard_normal((d, 2)) for d in seen.shape)
    problem = eq.problems.completion(np.where(seen, random.standard_normal(seen.shape), np.nan), width=2, scale=0.5)
    first = further_seed(seed, Offset.UNITY, 2)
    mean, error = eq.theory.sampled_mean(problem, eq.noise.Gaussian(stds), theta, samples=SAMPLES, seed=first)
    squares = [np.sum(w**2, axis=1) for w in theta]
    penalty = stds[1] ** 2 * seen.sum(axis=1) @ squares[0] + stds[0] ** 2 * seen.sum(axis=0) @ squares[1]
    closed = float(problem.loss(theta)) + penalty / 2 + 2 * seen.sum() * np.prod(stds) ** 2 / 2
    named = {"long_name": "sampled less closed form, in standard errors", "units": "1"}
    plain = (mean - float(problem.loss(theta))) / error
    return xr.Dataset(
        {
            "z": ((), (mean - closed) / error, named),
            "without": ((), plain, {"long_name": "the same without any penalty", "units": "1"}),
        }
    )


def excess(data: Data) -> xr.DataArray:
    """The excess of the ends from small starts over the least nuclear norm."""
    return data["starts"]["nuclear_norm"] / float(data["minimum"]["upper"]) - 1


def check(data: Data) -> list[Check]:
    """Penalty, noise and the certified minimum agree; small starts end elsewhere, and farther the smaller they are."""
    minimum, penalty, noise, decay = (data[name] for name in ("minimum", "penalty", "noise", "decay"))
    upper, over = float(minimum["upper"]), excess(data)
    missed = max(largest(abs(penalty["above"])), largest(abs(penalty["short"])))
    return [
        at_most("relative gap of the certificate", 1 - float(minimum["lower"]) / upper, 1e-7),
        at_least("excess of the matrix itself over the least nuclear norm", float(minimum["truth"]) / upper - 1, CLEAR),
        at_most("penalty: largest departure from the optimality conditions of λ‖W‖_*", missed, 0.01),
        near("penalty: extrapolated nuclear norm over the least, λ → 0", _vanishing(penalty) / upper, 1.0, 0.015),
        at_most("noise: distance of the mean of XYᵀ from the penalized minimum, η = 0.02", noise["away"][-1], 0.06),
        near("noise: nuclear norm of that mean over the penalized one, less 1", noise["excess"][-1], 0.0, 0.01),
        at_most("smoothing: |sampled less closed form| in standard errors", abs(data["smoothing"]["z"]), 5.0),
        at_least("smoothing: the same without any penalty", abs(data["smoothing"]["without"]), 6.0),
        at_most("decaying noise: largest excess at the end", largest(decay["excess"]), NONE),
        at_most("decaying noise: largest relative error at the end", largest(decay["error"]), 0.01),
        at_most("small starts: largest loss at the end", largest(data["starts"]["loss"]), 1e-6),
        at_least("small starts: excess from the smallest", over[-1], CLEAR),
        at_least("small starts: excess from the smallest over the least of all", over[-1] / smallest(over), 1.2),
    ]


def _vanishing(penalty: xr.Dataset) -> float:
    """The nuclear norm for λ → 0, from a straight line through the two smallest λ."""
    levels, norms = penalty["level"].values[-2:], penalty["nuclear_norm"].values[-2:]
    return float(norms[1] - (norms[0] - norms[1]) / (levels[0] - levels[1]) * levels[1])


def judge(data: Data) -> Judgement:
    """Whether noise ends at the minimum, and small starts do not."""
    worst, last = largest(data["decay"]["excess"]), float(excess(data)[-1])
    return jointly(
        judged(
            at_most("decaying noise: largest excess at the end", worst, NONE),
            f"With decaying noise the nuclear norm ends at most {worst:.1g} above the least, relative.",
        ),
        judged(
            at_least("excess from the smallest start", last, CLEAR),
            f"From the start of size {STARTS[-1]:g} it ends {last:.2g} above.",
        ),
    )


def draw(data: Data) -> Figure:
    """The nuclear norms of all four ways, relative to the least."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3), share_y=True)
    left, right = axes[0]
    upper, colors = float(data["minimum"]["upper"]), eq.plots.PALETTE
    penalty, over = data["penalty"], excess(data)
    left.semilogx(penalty["level"], penalty["nuclear_norm"] / upper, "o-", color=colors[0], label="explicit penalty λ")
    noisy = penalty["nuclear_norm"].values[0] * (1 + data["noise"]["excess"].values[-1]) / upper
    left.plot(NOISY, noisy, "s", ms=10, mfc="none", color=colors[1], label="noise, p s₁s₂ = λ")
    left.set_xlabel("λ")
    left.set_ylabel("nuclear norm over the least")
    right.semilogx(over["size"], 1 + over, "^-", color=colors[2], label="small start α")
    right.axhline(1 + data["decay"]["excess"].mean(), ls="--", color=colors[1], label="decaying noise")
    right.set_xlabel("size α of the start")
    for side in (left, right):
        side.axhline(1, color="black", lw=1, ls=":", label="certified minimum")
        eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="unity",
    source="Proposition 3",
    statement="On one matrix to complete, noise on X and Y does what the explicit penalty λ‖W‖_* does with λ = p s1 "
    "s2, where p is the number of known entries in each row and column; as noise or penalty vanish slowly, both end "
    "at the certified minimum of the nuclear norm. Small starts do not: the smaller, the farther above it they end.",
    printed=Printed(
        "With p known entries in each row and column, noise makes ½‖P(W − M)‖² + p s1 s2 ‖W‖_* of the objective over "
        "factors of full width. If it decays slowly they end at the least nuclear norm, also where gradient descent "
        "from a vanishing start does not.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"A {SIZE} x {SIZE} matrix of rank {RANK} and norm 1, three entries of each row and column known, so 18 "
    f"of 36, and factors with {SIZE} columns; λ = 0.1, 0.03 and 0.01. Noise of λ = {NOISY:g} with η = 0.04 and 0.02 "
    f"over a time of {FULL_NOISE_TIME:g} (quick: {NOISE_TIME:g}), {REPLICATES} replicates; noise that falls as 1/t "
    f"to 0 in {FULL_DECAY_STEPS} steps (quick: {DECAY_STEPS}), 8 replicates. Starts of one random direction, from "
    "0.1 to 1e-8. With other masks the norm is weighted by the roots of the counts of rows and columns. Known: that "
    "weighted norm, Salakhutdinov and Srebro (2010), and that dropout leads to it, Arora, Bartlett, Mianjy and "
    "Srebro (2021); where vanishing starts end, Li, Luo and Lyu (2021).",
)
