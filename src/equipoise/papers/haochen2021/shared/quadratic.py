"""Sparse regression by w = v∘v: the instance, the three methods, and ensembles of each.

The gradient of the loss ¼ mean(⟨xᵢ, v∘v⟩ − yᵢ)² is v ∘ Xᵀr/m, with the misfits r. Noise N(0, mδ²) on all m labels at
once adds noise of covariance δ² vvᵀ ∘ XᵀX/m to it, as does noise N(0, δ²) on the label of one random point, whose
gradient has full weight. The latter is what the authors' code does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.seeds import generator
from equipoise.core.types import RealNumber
from equipoise.papers.haochen2021.shared.seeds import Stream

STEP_SIZE, LATE = 0.05, 20
"""The step size, and what divides it in the last fifth of a run, so that the noise dies down."""

LEVEL = 1.0
"""δ: of label noise; and the standard deviation of the isotropic noise, which is as strong at v = 1."""

METHODS = {"label": "label noise", "isotropic": "isotropic noise", "plain": "no noise"}


class Size(NamedTuple):
    """How many coordinates, points and ones in the truth there are, and how many steps are made."""

    coordinates: int
    points: int
    ones: int
    steps: int


REPLICATES = 16

QUICK, FULL = Size(40, 16, 2, 10_000), Size(100, 40, 5, 30_000)
"""The full sizes are those of the authors' code."""


class Lowered(eqx.Module):
    """A schedule: `first` for `steps` steps, and then `first` / `LATE`. As arrays, so that one program does all."""

    first: Any = eqx.field(converter=jnp.asarray)
    steps: Any = eqx.field(converter=jnp.asarray)

    def __call__(self, step: Any) -> Any:
        """The step size of a step."""
        return jnp.where(step < self.steps, self.first, self.first / LATE)


def sparse_regression(size: Size, seed: int) -> eq.problems.Factored:
    """¼ mean(⟨xᵢ, u∘u − v∘v⟩ − yᵢ)², which is the paper's model while v = 0; normal inputs, no noise on y itself."""
    inputs = generator(seed, Stream.POINTS).standard_normal((size.points, size.coordinates))
    truth = truth_of(size)
    return eq.problems.regression(inputs, inputs @ truth, scale=0.25 / size.points, signal=truth)


def truth_of(size: Size) -> np.ndarray:
    """w*: ones, and then zeros."""
    return np.repeat([1.0, 0.0], [size.ones, size.coordinates - size.ones])


def methods(size: Size, step_size: float = STEP_SIZE, lowered: RealNumber = 0.8) -> dict[str, AbstractDynamics]:
    """The method of each name in `METHODS`; after the share `lowered` of the run the steps are `LATE` times shorter."""
    plain = eq.dynamics.GradientDescent(Lowered(step_size, int(float(lowered) * size.steps)))
    return {
        "label": eq.dynamics.LabelNoise(plain, std=LEVEL * size.points**0.5),
        "isotropic": eq.dynamics.GradientNoise(plain, eq.noise.Gaussian(std=(LEVEL, 0.0))),
        "plain": plain,
    }


def from_starts(starts: np.ndarray) -> eq.initial.Given:
    """From u = the rows of `starts`, one for each replicate, and v = 0, where it stays."""
    return eq.initial.Given((starts[:, :, None], np.zeros_like(starts)[:, :, None]))


def ensembles(
    problem: eq.problems.Factored,
    chosen: Mapping[str, AbstractDynamics],
    starts: np.ndarray,
    size: Size,
    own: list[int],
) -> xr.Dataset:
    """Along each method, with the seeds `own`, from each row of `starts`: loss, error, 1-norm, noise variance and w.

    All by noise, replicate and step; `weights` is w at the end.
    """
    rows = []
    for method, seed in zip(chosen.values(), own, strict=True):
        options: dict[str, Any] = {"replicates": len(starts), "steps": size.steps, "seed": seed, "progress": False}
        record = eq.Record(max(size.steps // 50, 1), ("loss", weights))
        made = eq.simulate(problem, method, from_starts(starts), record=record, **options).dataset
        rows.append(made[["loss", "weights"]].drop_vars(["status", "time"], errors="ignore"))
    names = ("noise", list(chosen), {"long_name": "noise", "units": "1"})
    found = xr.concat(rows, "noise").drop_attrs(deep=False).assign_coords(noise=names)
    return _described(found, problem, size)


def weights(problem: Any, theta: Any) -> Any:
    """w = u∘u − v∘v, a vector."""
    return problem.parametrization.product(theta).dense()[:, 0]


def _described(found: xr.Dataset, problem: eq.problems.Factored, size: Size) -> xr.Dataset:
    w = found["weights"]
    w = w.rename({w.dims[-1]: "coordinate"})
    w = w.assign_coords(coordinate=("coordinate", np.arange(size.coordinates), {"long_name": "coordinate"}))
    truth = xr.DataArray(truth_of(size), dims="coordinate")
    squares = xr.DataArray((inputs_of(problem) ** 2).mean(axis=0), dims="coordinate")
    parts = {
        "loss": (found["loss"], "loss", "[w]²"),
        "error": (((w - truth) ** 2).sum("coordinate", skipna=False) ** 0.5 / size.ones**0.5, "‖w − w*‖/‖w*‖", "1"),
        "total": (abs(w).sum("coordinate", skipna=False) / size.ones, "‖w‖₁/‖w*‖₁", "1"),
        "variance": ((w * squares).sum("coordinate", skipna=False), "trace of the noise covariance over δ²", "[w]"),
        "paths": (w, "w", "[w]"),
        "weights": (w.isel(step=-1, drop=True), "w at the end", "[w]"),
    }
    return xr.Dataset(
        {name: part.assign_attrs(long_name=about, units=unit) for name, (part, about, unit) in parts.items()}
    )


def inputs_of(problem: eq.problems.Factored) -> np.ndarray:
    """X, points x coordinates."""
    measured: Any = problem.measurement
    return np.asarray(measured.operator.matrices)[:, :, 0]
