"""Excess: how far above the least nuclear norm a small start ends, exponent and constant."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.beyond.shared.entropic import expansion, limits
from equipoise.papers.beyond.shared.running import run
from equipoise.papers.beyond.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZE, COUNT = 8, 3
SLACK, NEXT, LARGEST = 0.6, 0.3, 2.0
"""The least slack of the dual, the least gap to the next one, and the largest slack."""

SECOND = 0.5
"""λ₂/λ₁ of the one measurement."""

ALPHAS = 10.0 ** -np.arange(1.0, 21.0)
FLOWN, INTERVALS, TIME = 4, 100, 400.0
"""The flow itself is run from so many of the starts, 0.1 and smaller."""

INSTANCES, FULL_INSTANCES = 3, 20
CASES = ("commuting", "one measurement")
LEAST_RATE, FARTHEST = 0.02, 1.5


def commuting(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(a, x*, β): eigenvalues of measurements whose least nuclear norm is that of x*, with a least slack of `SLACK`.

    The columns of a off the support are moved along ν until their slacks are as drawn.
    """
    while True:
        spectra = random.standard_normal((COUNT, SIZE)) / COUNT**0.5
        solution = np.concatenate([random.uniform(0.1, 0.5, COUNT), np.zeros(SIZE - COUNT)])
        slacks = SLACK + np.concatenate([[0.0], random.uniform(NEXT, LARGEST - SLACK, SIZE - COUNT - 1)])
        dual = np.linalg.solve(spectra[:, :COUNT].T, np.ones(COUNT))
        move = (1 - slacks - dual @ spectra[:, COUNT:]) / np.linalg.norm(dual)
        spectra[:, COUNT:] += np.outer(dual / np.linalg.norm(dual), move)
        rate = np.linalg.eigvalsh((spectra * solution) @ spectra.T)[0]
        if np.abs(move).max() <= FARTHEST and rate >= LEAST_RATE:
            return spectra, solution, random.uniform(0.5, 2.0, SIZE)


def single(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(λ, x*, B): the eigenvalues of one measurement, and a psd start B in its eigenbasis, which is not diagonal."""
    spectra = np.concatenate([[1.0, SECOND], random.uniform(-1.0, SECOND - 0.3, SIZE - 2)])
    factor = random.standard_normal((SIZE, SIZE))
    return spectra[None], np.concatenate([[1.0], np.zeros(SIZE - 1)]), factor @ factor.T / SIZE


def experiment(quick: bool, seed: int) -> Data:
    """Limits for both kinds, by their closed form down to 1e-20 and by the flow down to 1e-4, and their expansion."""
    count = INSTANCES if quick else FULL_INSTANCES
    both = []
    for case, make, stream in zip(CASES, (commuting, single), (Stream.COMMUTING, Stream.SINGLE), strict=True):
        random = generator(seed, stream)
        instances = [make(random) for _ in range(count)]
        both.append(xr.concat([_limits(*one) for one in instances], "instance").expand_dims(case=[case]))
        both[-1]["flow"] = (("case", "start"), [_flown(case, *instances[0], seed)], {"long_name": "Σx by the flow"})
        both[-1]["flow"].attrs["units"] = "[M]"
    return {"limits": xr.concat(both, "case")}


def _limits(spectra: np.ndarray, solution: np.ndarray, start: np.ndarray) -> xr.Dataset:
    """The excess by the closed form of the limit, and by its expansion."""
    beta = start if start.ndim == 1 else np.diag(start)
    x = limits(spectra, spectra @ solution, beta, ALPHAS)
    slacks, predicted = expansion(spectra, solution, beta, ALPHAS)
    # the excess as a sum of positive terms, which keeps the digits that Σx − Σx* would lose
    exact = (slacks * x[:, solution == 0]).sum(axis=1) / solution.sum()
    plain = x.sum(axis=1) / solution.sum() - 1
    unit = {"units": "1"}
    return xr.Dataset(
        {
            "excess": ("alpha", exact, {"long_name": "relative excess over the least nuclear norm", **unit}),
            "plain": ("alpha", plain, {"long_name": "the same as Σx/Σx* − 1", **unit}),
            "predicted": ("alpha", predicted, {"long_name": "its expansion", **unit}),
            "norm": ("alpha", x.sum(axis=1), {"long_name": "Σx", "units": "[M]"}),
            "slack": ((), slacks.min(), {"long_name": "least slack of the dual", **unit}),
        },
        {"alpha": ("alpha", ALPHAS, {"long_name": "size α of the start X₀", "units": "[M]"})},
    )


def matrix_trace(problem: Any, theta: Any) -> Any:
    """Trace of X"""
    return theta[0].trace()


def _flown(case: str, spectra: np.ndarray, solution: np.ndarray, start: np.ndarray, seed: int) -> list[float]:
    """Σx at the end of gradient flow in X, in a random basis, from the largest starts."""
    basis = np.linalg.qr(generator(seed, Stream.SINGLE, 1).standard_normal((SIZE, SIZE)))[0]
    matrices = np.einsum("ik,mk,jk->mij", basis, spectra, basis)
    # one shape for both kinds, so that one program is compiled; measurements of nothing change nothing
    matrices = np.concatenate([matrices, np.zeros((COUNT - len(matrices), SIZE, SIZE))])
    data = np.concatenate([spectra @ solution, np.zeros(COUNT - len(spectra))])
    given = basis @ (np.diag(start) if start.ndim == 1 else start) @ basis.T
    problem = eq.problems.sensing(matrices, data, parametrization="direct", scale=0.25)
    flow = eq.dynamics.MatrixFlow(TIME / INTERVALS, 1e-10, 1e-14)
    starts = eq.initial.Given((ALPHAS[:FLOWN, None, None] * given,))
    options: dict[str, Any] = {"steps": INTERVALS, "every": INTERVALS, "replicates": FLOWN, "names": (matrix_trace,)}
    return run(problem, flow, starts, seed=seed, **options).dataset["matrix_trace"].values[:, -1].tolist()


def exponent(found: xr.Dataset) -> xr.DataArray:
    """The exponent of the excess in α between the two smallest starts, over the least slack."""
    last, before = (found["excess"].isel(alpha=place, drop=True) for place in (-1, -2))
    slope = xr.apply_ufunc(np.log, last / before) / np.log(ALPHAS[-1] / ALPHAS[-2])
    return slope / found["slack"]


def ratio(found: xr.Dataset) -> xr.DataArray:
    """The excess over its expansion."""
    return found["excess"] / found["predicted"]


def check(data: Data) -> list[Check]:
    """The closed limit is the flow's; the excess is the sum over slacks; and exponent and constant are predicted."""
    found = data["limits"]
    flow = abs(found["flow"].values / found["norm"].isel(instance=0).values[:, :FLOWN] - 1)
    moderate = found.isel(alpha=slice(None, FLOWN))
    identity = abs(moderate["plain"] - moderate["excess"])
    checks = [
        at_most("largest |Σx of the flow over that in closed form − 1|", float(np.max(flow)), 1e-3),
        at_most("largest |excess less Σ slack x/Σx*|", largest(identity), 1e-8),
        at_least("least excess at α = 0.1", smallest(found["excess"].isel(alpha=0)), 0.005),
    ]
    for case in CASES:
        here = found.sel(case=case)
        away = float(abs(exponent(here) - 1).max(skipna=False))
        checks += [
            near(f"{case}: exponent over the predicted, farthest from 1", 1 + away, 1.0, 0.01),
            at_most(f"{case}: largest |excess over its expansion − 1| at α = 1e-20", _off(here, -1), 1e-3),
        ]
    last, middle = (_off(found.sel(case=CASES[0]), place) for place in (-1, len(ALPHAS) // 2 - 1))
    return [*checks, at_most("commuting: largest of the same over that at α = 1e-10", last / middle, 0.01)]


def _off(found: xr.Dataset, place: int) -> float:
    return largest(abs(ratio(found).isel(alpha=place) - 1))


def judge(data: Data) -> Judgement:
    """Whether the expansion gives the excess at the smallest start, constant and all."""
    off = _off(data["limits"], -1)
    return judged(
        at_most("largest |excess over its expansion − 1| at α = 1e-20", off, 1e-3),
        f"At α = 1e-20 the excess differs from its expansion by at most {off:.1g} of it.",
    )


def draw(data: Data) -> Figure:
    """The excess of each instance against its expansion, and their ratio."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3))
    left, right = axes[0]
    for number, case in enumerate(CASES):
        found, hue = data["limits"].sel(case=case), eq.plots.PALETTE[number]
        for instance in range(min(found.sizes["instance"], 3)):
            one = found.isel(instance=instance)
            left.loglog(ALPHAS, one["excess"], "os"[number], ms=4, color=hue, label=None if instance else case)
            left.loglog(ALPHAS, one["predicted"], "--", color=hue, lw=1)
            right.loglog(ALPHAS, abs(ratio(one) - 1), "os"[number] + "-", ms=4, color=hue)
    left.set_ylabel("excess; dashed: predicted")
    right.set_ylabel("|excess over predicted − 1|")
    for side in (left, right):
        side.set_xlabel("size α of the start")
    eq.plots.add_legend(left)
    return figure


CLAIM = Claim(
    id="excess",
    source="Proposition 4",
    statement="From a start αB the nuclear norm ends above the least by Σ slackₖ xₖ exactly, and by a sum of terms "
    "slackₖ cₖ α^slackₖ to first order, where the slacks are those of the dual. So the exponent is the least slack; "
    "with one measurement it is 1 − λ₂/λ₁, for any B, and the constant is (1 − λ₂/λ₁)(B₂₂/B₁₁)(B₁₁λ₁/y)^(1 − λ₂/λ₁).",
    printed=Printed(
        "If the A_i commute and the least nuclear norm has one solution with m positive eigenvalues and one dual "
        "with positive slacks, then excess · ‖X*‖_*/Σ slackₖ cₖ α^slackₖ → 1 as α → 0.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"n = {SIZE}; {COUNT} measurements that commute, with a least slack of {SLACK:g} and the next larger by "
    f"at least {NEXT:g}, from α diag(β) with β between ½ and 2; or one with λ₂/λ₁ = {SECOND:g}, from α times a "
    f"random psd matrix that does not commute with it. {FULL_INSTANCES} instances of each (quick: {INSTANCES}), α "
    "from 0.1 to 1e-20 in closed form, and gradient flow from the four largest on one instance of each. Known: that "
    "the entropic penalty converges to a linear program exponentially fast, Cominetti and San Martín (1994), with "
    "explicit bounds, Weed (2018); how small a start must be for ℓ1, Woodworth et al. (2020). Ours, as far as we "
    "know: the constant, and that with one measurement nothing need commute.",
)
