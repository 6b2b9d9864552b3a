"""Limits of gradient flow from vanishing starts: on random instances by spectrum and number of measurements, and on two
small completions.
"""

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.certified import minimum_trace_completions
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.greedy import greedy_limit
from equipoise.papers.gunasekar2017.shared.seeds import Offset, Stream
from equipoise.papers.gunasekar2017.shared.vanishing import vanishing_flow

SPECTRA = {"rank 1": 1, "rank 2": 2, "rank 3": 3, "k^−1.5": None}
"""The spectra of the truth by name: a rank, or None for eigenvalues ∝ k^−1.5."""

DECADES = (16, 64)
"""The starts of the random instances, ‖U₀‖_F = 10^−16 and 10^−64, in powers of ten."""

ENTRIES = ((0, 0), (0, 1), (1, 1), (1, 2))
EXAMPLES = {"(3, 1, 1, −1)/9": (3, 1, 1, -1), "(9, 1, 1, −3)/9": (9, 1, 1, -3)}
"""Two completions of a 3 x 3 matrix from `ENTRIES`, with their values in ninths."""

SETTLED = 1e-4
"""Below this excess of its trace the truth counts as the certified minimum."""

RELATIVE = {"units": "1"}
EXCESS = {"long_name": "excess over the minimum nuclear norm", "formula": "‖X∞‖_*/‖Xmin‖_* − 1", **RELATIVE}
MISFIT = {"long_name": "misfit", "formula": "‖A(X∞) − y‖/‖y‖", **RELATIVE}
SIZE = {"long_name": "−log₁₀ ‖U₀‖_F", **RELATIVE}


def diagram(size: int, counts: tuple[int, ...], spectra: tuple[str, ...], instances: int, seed: int) -> xr.Dataset:
    """Excess and misfit of the limits for each spectrum, number of measurements and instance."""
    seeds = _seeds(seed, instances)
    rows = [
        xr.concat([_cell(size, count, spectrum, seeds) for count in counts], "count").expand_dims(spectrum=[spectrum])
        for spectrum in spectra
    ]
    shares = np.array(counts) / (size * (size + 1) / 2)
    named = {"long_name": "measurements over n(n + 1)/2", **RELATIVE}
    names = {"count": list(counts), "share": ("count", shares, named), "decades": ("decades", list(DECADES), SIZE)}
    return xr.concat(rows, "spectrum").assign_coords(names).assign_attrs(size=size)


def _seeds(seed: int, count: int) -> list[int]:
    """The seeds of the first `count` instances."""
    return [further_seed(seed, number * Offset.INSTANCE) for number in range(count)]


def _cell(size: int, count: int, spectrum: str, seeds: list[int]) -> xr.Dataset:
    return xr.concat([_limits(size, count, spectrum, own) for own in seeds], "instance")


def _limits(size: int, count: int, spectrum: str, seed: int) -> xr.Dataset:
    """One random instance: the limits from all starts, the certified minimum, and the truth beside it."""
    target = truth(SPECTRA[spectrum], size, generator(seed, Stream.CONJECTURE_TRUTH))
    matrices = eq.problems.gaussian_measurements(size, count, seed=seed)
    data = np.einsum("mij,ij->m", matrices, target)
    best = eq.certified.minimum_nuclear_norm(matrices, data, psd=True)
    ends = [vanishing_flow(matrices, data, direction(size, seed), decades, time=1e6) for decades in DECADES]
    return xr.Dataset(
        {
            "excess": ("decades", [end.trace / best.upper - 1 for end in ends], EXCESS),
            "misfit": ("decades", [end.misfit for end in ends], MISFIT),
            "truth": ((), np.trace(target) / best.upper - 1, {"long_name": "excess of the truth", **RELATIVE}),
            "gap": ((), best.gap, {"long_name": "relative gap of the certificate", **RELATIVE}),
        }
    )


def truth(rank: int | None, size: int, random: np.random.Generator) -> np.ndarray:
    """A random psd matrix of trace 1: of a rank, or with eigenvalues ∝ k^−1.5."""
    if rank is None:
        basis = np.linalg.qr(random.standard_normal((size, size)))[0]
        values = np.arange(1, size + 1) ** -1.5
        return (basis * (values / values.sum())) @ basis.T
    factor = random.standard_normal((size, rank))
    return factor @ factor.T / np.linalg.norm(factor) ** 2


def direction(size: int, seed: int) -> np.ndarray:
    """A random U with ‖U‖_F = 1."""
    unit = generator(seed, Stream.CONJECTURE_START).standard_normal((size, size))
    return unit / np.linalg.norm(unit)


def entries_of(values: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(A, y) of a small completion."""
    matrices = np.zeros((len(ENTRIES), 3, 3))
    for matrix, (i, j) in zip(matrices, ENTRIES, strict=True):
        matrix[i, j] += 0.5
        matrix[j, i] += 0.5
    return matrices, np.array(values) / 9


def examples(decades: tuple[int, ...], starts: int, seed: int, tolerance: float) -> xr.Dataset:
    """Excess and misfit of the limits of the small completions, from smaller and smaller starts in some directions.

    Beside them stands the excess of the greedy limit, which no start enters.
    """
    units = [direction(3, own) for own in _seeds(seed, starts)]
    rows, columns = np.array(ENTRIES).T
    ends, least, greedy = [], [], []
    options = {"time": 1e6, "until": 1e-7, "tolerance": tolerance}
    for values in EXAMPLES.values():
        matrices, data = entries_of(values)
        least.append(minimum_trace_completions(rows, columns, data[None]))
        greedy.append(np.trace(greedy_limit(matrices, data)) / float(least[-1].upper[0]) - 1)
        ends.append([[vanishing_flow(matrices, data, unit, k, **options) for k in decades] for unit in units])
    axes = ("example", "start", "decades")
    upper = np.array([float(found.upper[0]) for found in least])[:, None, None]
    traces, misfits = ([[[end[k] for end in row] for row in of] for of in ends] for k in (1, 2))
    return xr.Dataset(
        {
            "excess": (axes, np.array(traces) / upper - 1, EXCESS),
            "misfit": (axes, np.array(misfits), MISFIT),
            "greedy": ("example", greedy, {"long_name": "excess of the greedy limit", **RELATIVE}),
            "gap": ("example", [float(found.gap[0]) for found in least], {"long_name": "relative gap", **RELATIVE}),
        },
        {"example": list(EXAMPLES), "decades": ("decades", list(decades), SIZE)},
    )
