"""Reduction in law: Perturbed GD on a matrix of low rank needs a few coordinates alone, whatever the size of it."""

from typing import Any

import numpy as np
import scipy.stats
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.beyond.shared.running import run
from equipoise.papers.beyond.shared.seeds import Offset, Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

CASES = {
    "9 x 7, rank 4": ((9, 7), 4, 4, 0.2),
    "8 x 12, rank 1": ((8, 12), 1, 1, 0.3),
    "60 x 40, rank 1": ((60, 40), 1, 1, 0.1),
}
"""The shape of M, its rank, the number of columns of the factors, and the standard deviation of the noise."""

QUICK_CASES = ("8 x 12, rank 1",)
STEP_SIZES, START, OBSERVABLES = (0.05, 0.04), (0.3, 0.5), ("loss", "balance", "nuclear_norm", "singular_values")
LOOKS = (4, 40)
REPLICATES, FULL_REPLICATES = 2000, 20_000
LEVEL = 1e-3
"""How often all tests together fail a correct program, at most."""

OFF = 2
"""The control has so many rows too many."""


def experiment(quick: bool, seed: int) -> Data:
    """Both engines from other seeds in every case, the same path without noise, and a matrix with other rows."""
    cases = QUICK_CASES if quick else tuple(CASES)
    found = [_compared(number, name, seed, quick) for number, name in enumerate(cases)]
    paths = [_departure(name, seed) for name in cases]
    named = {"long_name": "largest relative departure without noise", "units": "1"}
    return {
        "tests": xr.concat(found, "test"),
        "paths": xr.Dataset({"departure": ("case", paths, named)}, {"case": list(cases)}),
        "control": _control(seed, quick),
    }


def _target(shape: tuple[int, int], rank: int, seed: int) -> np.ndarray:
    random = generator(seed, Stream.TARGETS)
    left, right = (np.linalg.qr(random.standard_normal((d, rank)))[0] for d in shape)
    return (left * np.linspace(2.0, 1.0, rank)) @ right.T


def _ran(name: str, matrix: np.ndarray, engine: str, steps: int, seed: int, replicates: int) -> eq.Run:
    """One engine on a case, recorded at its last step alone."""
    _, _, width, std = CASES[name]
    problem = eq.problems.factorization(matrix, rank=width)
    method = eq.dynamics.PerturbedGD(STEP_SIZES, eq.noise.Gaussian((std, 0.7 * std)))
    options: dict[str, Any] = {"steps": steps, "every": steps, "replicates": replicates, "engine": engine}
    return run(problem, method, eq.initial.Gaussian(START), seed=seed, names=OBSERVABLES, **options)


def _coordinates(ran: eq.Run) -> dict[str, np.ndarray]:
    """What is compared, by name: the observables, and all entries of XᵀX and YᵀY; (replicate,) each."""
    found: dict[str, np.ndarray] = {}
    for name in OBSERVABLES:
        values = ran.dataset[name].isel(step=-1).values
        columns = values.reshape(len(values), -1).T
        found |= {f"{name}[{k}]" if len(columns) > 1 else name: column for k, column in enumerate(columns)}
    for name, factor in zip(("XᵀX", "YᵀY"), ran.theta, strict=True):
        gram = np.einsum("rij,rik->rjk", factor, factor)
        places = np.argwhere(np.triu(np.ones(gram.shape[1:])))
        found |= {f"{name}[{i},{j}]": gram[:, i, j] for i, j in places}
    return found


def _compared(number: int, name: str, seed: int, quick: bool) -> xr.Dataset:
    """The p-values of two-sample Kolmogorov-Smirnov tests of every coordinate at every look."""
    shape, rank, *_ = CASES[name]
    matrix, replicates = _target(shape, rank, seed), REPLICATES if quick else FULL_REPLICATES
    rows = []
    for place, steps in enumerate(LOOKS):
        place += 10 * number
        law = _ran(name, matrix, "law", steps, further_seed(seed, Offset.IN_LAW, place), replicates)
        direct = _ran(name, matrix, "auto", steps, further_seed(seed, Offset.DIRECT, place), replicates)
        pairs = zip(_coordinates(law).items(), _coordinates(direct).values(), strict=True)
        rows += [(name, steps, what, scipy.stats.ks_2samp(one, other).pvalue) for (what, one), other in pairs]
    case, step, what, p = (list(column) for column in zip(*rows, strict=True))
    return xr.Dataset(
        {"p": ("test", p, {"long_name": "p-value of a two-sample Kolmogorov-Smirnov test", "units": "1"})},
        {"case": ("test", case), "step": ("test", step), "coordinate": ("test", what)},
    )


def _departure(name: str, seed: int) -> float:
    """How far the two engines are apart without noise, from the same start, relative."""
    shape, rank, width, _ = CASES[name]
    problem = eq.problems.factorization(_target(shape, rank, seed), rank=width)
    random = generator(seed, Stream.TARGETS, 1)
    start = eq.initial.Given([0.5 * random.standard_normal((d, width)) for d in shape])
    law, direct = (
        run(
            problem,
            eq.dynamics.GradientDescent(0.02),
            start,
            seed=seed,
            steps=60,
            every=20,
            names=OBSERVABLES,
            engine=e,
        )
        for e in ("law", "auto")
    )
    return max(largest(abs(law.dataset[n] - direct.dataset[n]) / abs(direct.dataset[n]).max()) for n in OBSERVABLES)


def _control(seed: int, quick: bool) -> xr.Dataset:
    """The p-value of ‖X‖² where the direct engine has two rows more: what a wrong count of directions would do."""
    name = QUICK_CASES[0]
    (d1, d2), rank, *_ = CASES[name]
    steps, replicates = LOOKS[0], REPLICATES if quick else FULL_REPLICATES
    ends = []
    for place, (rows, engine) in enumerate(((d1, "law"), (d1 + OFF, "auto"))):
        matrix, first = _target((rows, d2), rank, seed), further_seed(seed, Offset.CONTROL, place)
        ends.append(_coordinates(_ran(name, matrix, engine, steps, first, replicates))["XᵀX[0,0]"])
    p = scipy.stats.ks_2samp(*ends).pvalue
    return xr.Dataset({"p": ((), p, {"long_name": "p-value with two rows more", "units": "1"})})


def check(data: Data) -> list[Check]:
    """No test tells the engines apart; without noise they agree to rounding; and the tests can tell 8 rows from 10."""
    tests, paths = data["tests"], data["paths"]
    return [
        at_least("smallest p-value times the number of tests", smallest(tests["p"]) * tests.sizes["test"], LEVEL),
        at_least("number of tests", tests.sizes["test"], 10),
        at_most("without noise: largest relative departure of an observable", largest(paths["departure"]), 1e-7),
        at_most("8 rows against 10: log₁₀ of the p-value of ‖X‖²", np.log10(data["control"]["p"] + 1e-300), -6),
    ]


def judge(data: Data) -> Judgement:
    """Whether any coordinate has another law."""
    tests = data["tests"]
    corrected = smallest(tests["p"]) * tests.sizes["test"]
    place = tests.isel(test=int(np.argmin(tests["p"].values)))
    where = f"{place['coordinate'].values!s} at step {int(place['step'])} in the case {place['case'].values!s}"
    return judged(
        at_least("smallest p-value times the number of tests", corrected, LEVEL),
        f"Of {tests.sizes['test']} tests the smallest p-value is {float(place['p']):.2g}, for {where}.",
    )


def draw(data: Data) -> Figure:
    """The p-values in order, against those of a uniform law."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(4.6, 3.4))
    side, tests = axes[0, 0], data["tests"]
    for number, case in enumerate(dict.fromkeys(tests["case"].values.tolist())):
        p = np.sort(tests["p"].values[tests["case"].values == case])
        expected = (np.arange(p.size) + 0.5) / p.size
        side.loglog(expected, p, "os^D"[number], color=eq.plots.PALETTE[number], ms=4, label=case)
    side.loglog([1e-3, 1], [1e-3, 1], "--", color="black", lw=1, label="equal laws")
    side.axhline(LEVEL / tests.sizes["test"], color="black", ls=":", lw=1, label="fails below")
    side.set_xlabel("share of the tests")
    side.set_ylabel("p-value, law engine against direct")
    eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="lawreduction",
    source="Proposition 2",
    statement="The engine of reduced coordinates gives loss, balance, singular values and the Gram matrices of the "
    "factors in the same law as running the matrices themselves, at every time, for ranks 1 and 4, and without noise "
    "the same path to rounding.",
    printed=Printed(
        "With Gaussian noise of one size per factor, (UᵀX, VᵀY, triangular factors of the rest) is a Markov chain "
        "whose law does not depend on anything else, so that running it is exact in law.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices="Two-sample Kolmogorov-Smirnov tests of every entry of XᵀX and YᵀY, loss, balance, nuclear norm and every "
    "singular value, each engine with seeds of its own. They are corrected for their number after Bonferroni: a "
    f"correct program fails at no more than {LEVEL:g} of the seeds. 9 x 7 of rank 4, and 8 x 12 and 60 x 40 of rank 1; "
    f"{FULL_REPLICATES} replicates of each engine, steps 4 and 40 (quick: 8 x 12 alone, {REPLICATES} replicates). "
    "Known: at rank 1 without noise four numbers suffice, Du et al. (2018), Eq. (23); triangular factors of Gaussian "
    "matrices, Bartlett (1933); order parameters in the limit of many dimensions, Saad and Solla (1995), Ben Arous, "
    "Gheissari and Jagannath (2022). Here it is exact in any dimension.",
)
