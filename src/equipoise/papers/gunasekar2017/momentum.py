"""Section 6: momentum and Nesterov's method stay on the flat manifold of X, and momentum leaves the curved one of U."""

from typing import Any

import numpy as np
import optax
import scipy.sparse.linalg
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.commuting import Commuting, commuting
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import matrix_itself, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, COUNT, STEPS, LOOKS = 8, 12, 3000, 10
DECAY = 0.9
MISSED = (np.array([[4.0, 0.0, 2.0], [3.0, -4.0, 0.0]]), np.array([10.0, 3.0]), 3.625)
"""Spectra a and data y of two diagonal measurements, and the least nuclear norm: at x = (2.5, 1.125, 0)."""

ALPHAS = 10.0 ** -np.array([4, 10, 20, 40, 60, 80])


def run(quick: bool, seed: int) -> Data:
    """Methods on X from 0; and on U, distances from the manifold on a random instance, and limits on a fixed one."""
    del quick
    random = generator(seed, Stream.MOMENTUM)
    matrices = eq.problems.gaussian_measurements(SIZE, COUNT, seed=seed)
    data = random.standard_normal(COUNT)
    return {
        "on_x": without_factors(matrices, data, seed),
        "on_u": departures(commuting(random, 6, 3)),
        "limits": limits(),
    }


def without_factors(matrices: np.ndarray, data: np.ndarray, seed: int) -> xr.Dataset:
    """How far three methods on X are from the span of the A_i on their way, and where they end."""
    flat = matrices.reshape(COUNT, -1)
    problem = eq.problems.sensing(matrices, data, parametrization="direct")
    basis = np.linalg.qr(flat.T)[0]
    least = np.linalg.lstsq(flat, data, rcond=None)[0]
    step = 0.2 / np.linalg.norm(flat, 2) ** 2
    nesterov: Any = eq.dynamics.Optax(optax.sgd(step, momentum=DECAY, nesterov=True))
    methods = {"momentum": eq.dynamics.Optax(optax.sgd(step, momentum=DECAY)), "nesterov": nesterov}

    seen = {}
    for name, method in methods.items():
        every = STEPS // LOOKS
        options: dict[str, Any] = {"observables": (matrix_itself,), "every": every, "seed": seed}
        ran = path(problem, method, eq.initial.Saddle(), steps=STEPS, **options)
        seen[name] = ran.dataset["matrix_itself"].values[0, 1:].reshape(LOOKS, -1)
    # LSQR is conjugate gradients on the normal equations, started from 0
    iterates = [scipy.sparse.linalg.lsqr(flat, data, atol=0, btol=0, iter_lim=k + 1)[0] for k in range(LOOKS)]
    iterates[-1] = scipy.sparse.linalg.lsqr(flat, data, atol=1e-15, btol=1e-15)[0]
    seen["conjugate gradients"] = np.stack(iterates)
    x = np.stack(list(seen.values()))
    off = np.linalg.norm(x - x @ basis @ basis.T, axis=-1) / np.linalg.norm(x, axis=-1)
    away = np.linalg.norm(x[:, -1] - least, axis=-1) / np.linalg.norm(least)
    return xr.Dataset(
        {
            "off_span": (("algorithm", "look"), off, {"long_name": "distance from span{A_i}, relative", "units": "1"}),
            "away": ("algorithm", away, {"long_name": "distance from the least Frobenius norm", "units": "1"}),
        },
        {"algorithm": list(seen)},
    )


def descended(
    spectra: np.ndarray, data: np.ndarray, alphas: np.ndarray, step: float, decay: float, steps: int
) -> np.ndarray:
    """u after heavy-ball steps v ← βv − η z u, u ← u + v from √α, for U = V diag(u) Vᵀ; z are those of A*(r)."""
    u = np.sqrt(alphas)[:, None] * np.ones(spectra.shape[1])
    v = np.zeros_like(u)
    for _ in range(steps):
        z = (u**2 @ spectra.T - data) @ spectra
        v = decay * v - step * z * u
        u = u + v
    return u


def departures(instance: Commuting) -> xr.Dataset:
    """The distance from the manifold at time 8 from 0.01 I: gradient descent, momentum, and momentum kept as η → 0."""
    alpha, time = 1e-2, 8.0
    steps = 0.1 * 0.25 ** np.arange(3)
    rows = []
    for step in steps:
        # with momentum a step covers 1/(1 − β) times its length; kept, it decays in one unit of time at any step
        ends = [
            descended(instance.spectra, instance.data, np.array([alpha]), step * (1 - decay), decay, round(time / step))
            for decay in (0.0, DECAY, 1 - step)
        ]
        rows.append([instance.off_manifold(u**2 / alpha).item() for u in ends])
    return xr.Dataset(
        {"off_manifold": (("step", "algorithm"), rows, {"long_name": "distance from the manifold", "units": "1"})},
        {"step": ("step", steps, {"long_name": "η/(1 − β)"}), "algorithm": ["descent", "momentum", "momentum kept"]},
    )


def limits() -> xr.Dataset:
    """The excess of the limits from αI on the fixed instance, with steps of the same length, and the misfit."""
    spectra, data, minimum = MISSED
    scale = float(np.linalg.norm(spectra, 2)) ** 2 * minimum
    runs = {"descent": (0.25 / scale, 0.0), "momentum": (0.025 / scale, DECAY)}
    ends = {name: descended(spectra, data, ALPHAS, step, decay, 12_000) for name, (step, decay) in runs.items()}
    u = np.stack(list(ends.values()))
    misfit = np.linalg.norm(u**2 @ spectra.T - data, axis=-1) / np.linalg.norm(data)
    excess = (u**2).sum(axis=-1) / minimum - 1
    return xr.Dataset(
        {
            "excess": (("algorithm", "alpha"), excess, {"long_name": "excess over the minimum", "units": "1"}),
            "misfit": (("algorithm", "alpha"), misfit, {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"}),
        },
        {"algorithm": list(ends), "alpha": ("alpha", ALPHAS, {"long_name": "start α, X₀ = αI", "units": "[M]"})},
    )


def check(data: Data) -> list[Check]:
    """On X all stay in the span and end at the least Frobenius norm; on U momentum leaves, and misses the minimum."""
    on_x, limit = data["on_x"], data["limits"]
    off = data["on_u"]["off_manifold"]
    longest, fall = off.isel(step=0), off.isel(step=-1) / off.isel(step=0)
    missed, found = (abs(limit["excess"].sel(algorithm=name)) for name in ("momentum", "descent"))
    return [
        at_most("on X: largest distance from the span of the A_i, relative", largest(on_x["off_span"]), 1e-10),
        at_most("on X: largest distance from the least Frobenius norm, relative", largest(on_x["away"]), 1e-6),
        at_least(
            "on U: log₁₀ of the distance of momentum over that of gradient descent",
            np.log10(longest.sel(algorithm="momentum") / longest.sel(algorithm="descent")),
            0.2,
        ),
        at_most("on U: distance of gradient descent, 16 times shorter steps over the first", fall[0], 0.1),
        at_least("on U: distance of momentum that decays in time 1, the same ratio", fall[2], 0.2),
        at_most("fixed instance: largest misfit", largest(limit["misfit"]), 1e-6),
        at_most("fixed instance: excess of gradient descent from the smallest start", found[-1], 1e-6),
        at_least("fixed instance: least excess of momentum from α = 1e-10 on", smallest(missed[1:]), 0.1),
    ]


def judge(data: Data) -> Judgement:
    """Both halves: what stays on X, and what leaves on U."""
    on_x, off = data["on_x"], data["on_u"]["off_manifold"].isel(step=0)
    stays, away = largest(on_x["off_span"]), largest(on_x["away"])
    leaves = float(off.sel(algorithm="momentum"))
    missed = smallest(data["limits"]["excess"].sel(algorithm="momentum"))
    return jointly(
        judged(
            at_least("on U: distance of momentum from the manifold, relative", leaves, 1e-3),
            f"On U momentum ends {leaves:.2f} off the manifold, relative.",
        ),
        judged(
            at_least("on U, fixed instance: least excess of momentum over the minimum", missed, 0.01),
            f"On a fixed instance momentum on U ends at least {missed:.1%} above the minimum nuclear norm.",
        ),
        judged(
            at_most("on X: largest distance from the span of the A_i, relative", stays, 1e-10),
            f"On X momentum, Nesterov's method and conjugate gradients are within {stays:.0e} of the span of the A_i.",
        ),
        judged(
            at_most("on X: largest distance from the least Frobenius norm, relative", away, 1e-6),
            f"On X all three end within {away:.0e} of the least Frobenius norm, relative.",
        ),
    )


def draw(data: Data) -> Figure:
    """The distance from the manifold against the step, and the excess against the start on the fixed instance."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.4, 3.4))
    left, right = axes[0]
    off, limit = data["on_u"]["off_manifold"], data["limits"]
    names = {
        "descent": "gradient descent",
        "momentum": f"momentum, β = {DECAY:g}",
        "momentum kept": "momentum, decaying in time 1",
    }
    for number, (name, label) in enumerate(names.items()):
        left.loglog(
            off["step"], off.sel(algorithm=name), "osD"[number] + "-", color=eq.plots.PALETTE[number], label=label
        )
    left.set_xlabel("step η/(1 − β)")
    left.set_ylabel("distance from the manifold, relative")
    eq.plots.add_legend(left, fontsize="x-small")
    for number, name in enumerate(limit["algorithm"].values.tolist()):
        values = np.maximum(abs(limit["excess"].sel(algorithm=name)), 1e-16)
        right.loglog(limit["alpha"], values, "os"[number] + "-", color=eq.plots.PALETTE[number], label=names[name])
    right.set_xlabel("start α, X₀ = αI")
    right.xaxis.set_major_locator(LogLocator(numticks=6))
    right.set_ylabel("‖X∞‖_*/min ‖X‖_* − 1")
    right.set_title("fixed instance", fontsize="small")
    eq.plots.add_legend(right, fontsize="x-small")
    return figure


CLAIM = Claim(
    id="momentum",
    source="Section 6",
    statement="On X momentum, Nesterov's method and conjugate gradients from 0 stay in the span of the A_i and end at "
    "the least Frobenius norm. On U with commuting A_i momentum leaves the manifold farther than gradient descent, "
    "does so in the limit of short steps if it is kept, and misses the minimum nuclear norm on an instance where "
    "gradient descent finds it.",
    printed=Printed(
        "Methods that combine gradients on X linearly, such as conjugate gradients, Nesterov acceleration and "
        "momentum, remain on the manifold that the gradients span and lead to the same minimum norm solution; on a "
        "curved manifold momentum shoots off.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"On X: n = {SIZE}, {COUNT} Gaussian measurements, normal data, momentum {DECAY}; conjugate gradients by "
    "LSQR. On U: eigenvalues of the U of Corollary 2, heavy-ball steps; distances on a random instance (n = 6, m = 3) "
    "from 0.01 I for the time 8, limits on a fixed one (n = 3, m = 2: a = ((4, 0, 2), (3, −4, 0)), y = (10, 3)), found "
    "by a search for one on which momentum matters. On most instances it does not: off the manifold, the limit still "
    "has the same support, and is the minimum as α → 0.",
)
