"""The 50 x 50 reconstructions of Figures 1 and 2: every width, start and choice of steps on one measured matrix."""

import dataclasses
import functools
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.seeds import Offset, Stream
from equipoise.papers.gunasekar2017.shared.settings import path

RANK, SMALL, LARGE, STEP_SIZE, CLIP = 2, 1e-4, 1.0, 1e-3, 4e-3
VARIANCE = 0.25
METHODS = {
    "small": f"‖U₀‖ = {SMALL:g}, η = {STEP_SIZE:g}",
    "large": f"‖U₀‖ = {LARGE:g}, η = {STEP_SIZE:g}",
    "search": f"‖U₀‖ = {SMALL:g}, exact line search",
    "svd": "start from the SVD of X_gd",
}
PANELS = {"a": "low rank", "b": "low nuclear norm", "c": "low rank, m = nr/4"}


@dataclasses.dataclass(frozen=True)
class Size:
    """The size of the instance, the widths, and the length of the runs."""

    size: int
    widths: tuple[int, ...]
    starts: int
    steps: dict[str, int]
    searches: int
    projections: int


WIDTHS = (*range(1, 11), 12, 14, 17, 20, 25, 30, 35, 40, 45, 50)
FULL = Size(50, WIDTHS, 3, {"a": 4000, "b": 12_000, "c": 20_000}, 3000, 4000)
QUICK = Size(20, (1, 2, 5, 20), 2, {"a": 1500, "b": 4000, "c": 8000}, 600, 2000)


def truth(panel: str, size: int, random: np.random.Generator) -> np.ndarray:
    """X*: of rank 2 with ‖X*‖_F = 1, or, in (b), with eigenvalues ∝ k^−1.5 and ‖X*‖_* = √2."""
    if panel == "b":
        basis = np.linalg.qr(random.standard_normal((size, size)))[0]
        values = np.arange(1, size + 1) ** -1.5
        return (basis * (RANK**0.5 * values / values.sum())) @ basis.T
    factor = random.standard_normal((size, RANK))
    product = factor @ factor.T
    return product / np.linalg.norm(product)


def measured(panel: str, size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(A_i, y, X*): A_i symmetric with entries of variance ¼ on the diagonal and ⅛ off it."""
    count = size * RANK // 4 if panel == "c" else 3 * size * RANK
    number = "abc".index(panel)
    target = truth(panel, size, generator(seed, Stream.RECONSTRUCTION_TRUTH, number))
    own = further_seed(seed, Offset.PANELS, number)
    matrices = eq.problems.gaussian_measurements(size, count, seed=own) * (count * VARIANCE) ** 0.5
    return matrices, np.einsum("mij,ij->m", matrices, target), target


def starts(setting: Size, seed: int) -> np.ndarray:
    """Gaussian U₀ of norm 1 for each width and start, padded with columns of zeros, which gradient descent keeps."""
    random = generator(seed, Stream.RECONSTRUCTION_STARTS)
    drawn = np.zeros((len(setting.widths), setting.starts, setting.size, setting.size))
    for i, width in enumerate(setting.widths):
        u = random.standard_normal((setting.starts, setting.size, width))
        drawn[i, :, :, :width] = u / np.linalg.norm(u, axis=(1, 2), keepdims=True)
    return drawn.reshape(-1, setting.size, setting.size)


def from_solution(problem: Any, matrix: np.ndarray, widths: tuple[int, ...]) -> np.ndarray:
    """U₀ from the leading eigenvectors of a solution, for each width."""
    (whole,) = problem.point(matrix)
    return np.stack([whole * (np.arange(whole.shape[1]) < width) for width in widths])


@functools.lru_cache(maxsize=2)
def solutions(quick: bool, seed: int) -> dict[str, xr.Dataset]:
    """One Dataset for each panel: nuclear norm, reconstruction and training error by method, width and start."""
    return {panel: solved(panel, QUICK if quick else FULL, seed) for panel in PANELS}


def solved(panel: str, setting: Size, seed: int) -> xr.Dataset:
    """All methods on the instance of one panel, the solution found without factors, and the certified minimum."""
    matrices, data, target = measured(panel, setting.size, seed)
    direct = eq.problems.sensing(matrices, data, parametrization="direct")
    projected = eq.dynamics.ProjectedGradient(1 / (2 * np.linalg.norm(matrices.reshape(len(data), -1), 2) ** 2))
    count = setting.projections
    found = path(direct, projected, eq.initial.Saddle(), steps=count, every=count, seed=seed).theta[0][0]
    problem = eq.problems.sensing(matrices, data)
    units, widths = starts(setting, seed), setting.widths
    given = np.concatenate([SMALL * units, LARGE * units, from_solution(problem, found, widths)])
    descent = eq.dynamics.GradientDescent(STEP_SIZE)
    ends = _ends(problem, descent, given, setting.steps[panel], seed)
    searched = _ends(problem, eq.dynamics.LineSearch(CLIP), SMALL * units, setting.searches, seed)
    parts = np.split(ends, [len(units), 2 * len(units)])
    shape = (len(widths), setting.starts, setting.size, setting.size)
    by_method = {"small": parts[0].reshape(shape), "large": parts[1].reshape(shape), "search": searched.reshape(shape)}
    by_method["svd"] = np.broadcast_to(parts[2][:, None], shape)
    certificate = eq.certified.minimum_nuclear_norm(matrices, data, psd=True)
    table = _table(np.stack([by_method[name] for name in METHODS]), matrices, data, target)
    return table.assign_coords(rule=list(METHODS), width=list(widths)).assign_attrs(
        panel=panel,
        measurements=len(data),
        truth_nuclear=float(np.linalg.norm(target, "nuc")),
        minimum_lower=certificate.lower,
        minimum_upper=certificate.upper,
        minimum_error=_distance(certificate.matrix, target),
        projected_nuclear=float(np.linalg.norm(found, "nuc")),
        projected_error=_distance(found, target),
        projected_training=float(np.linalg.norm(np.einsum("mij,ij->m", matrices, found) - data) / np.linalg.norm(data)),
    )


def _ends(problem: Any, method: Any, given: np.ndarray, steps: int, seed: int) -> np.ndarray:
    """UUᵀ at the end of the run from every start."""
    count = len(given)
    ran = path(problem, method, eq.initial.Given((given,)), steps=steps, every=steps, seed=seed, replicates=count)
    return ran.theta[0] @ np.swapaxes(ran.theta[0], 1, 2)


def _distance(matrix: np.ndarray, target: np.ndarray) -> float:
    return float(np.linalg.norm(matrix - target) / np.linalg.norm(target))


def _table(ends: np.ndarray, matrices: np.ndarray, data: np.ndarray, target: np.ndarray) -> xr.Dataset:
    """The measured properties of every solution; UUᵀ is psd, so its nuclear norm is its trace."""
    axes = ("rule", "width", "start")
    misfit = np.einsum("mij,abcij->abcm", matrices, ends, optimize=True) - data
    error = np.linalg.norm(ends - target, axis=(-2, -1)) / np.linalg.norm(target)
    training = np.linalg.norm(misfit, axis=-1) / np.linalg.norm(data)
    nuclear = np.trace(ends, axis1=-2, axis2=-1)
    return xr.Dataset(
        {
            "error": (axes, error, {"long_name": "relative reconstruction error", "units": "1"}),
            "training": (axes, training, {"long_name": "training error, ‖A(X) − y‖/‖y‖", "units": "1"}),
            "nuclear_norm": (axes, nuclear, {"long_name": "nuclear norm", "units": "[M]"}),
        }
    )
