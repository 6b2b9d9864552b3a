"""Code shared by the claims on networks: one small network for all of them, its starts, and recorded gradient flow."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.problems.networks import AbstractActivation

WIDTHS, POINTS, REPLICATES = (4, 8, 6, 2), 30, 8
LOOKS = 40
TOLERANCE, QUICK_TOLERANCE = 1e-5, 1e-4
"""The tolerance of the flow, in the full and the quick form: along a kink of a ReLU the steps may become this short."""

DRIFT_ALLOWED = 100
"""The drift allowed, relative to the change of the squared norms, as a multiple of the solver's tolerance."""

SLOPES = {"linear": 1.0, "leaky ReLU": 0.1, "ReLU": 0.0}
SIGMOID = "sigmoid"

OBSERVABLES = (
    "loss",
    "squared_norms",
    "norm_ratios",
    eq.observables.norm_differences(checked=False),
    eq.observables.neuron_differences(checked=False),
)
"""Recorded everywhere, needed or not: claims with the same recording share one compiled flow."""


class Mixture(AbstractActivation):
    """φ(x) = (1 − share) · leaky ReLU(x) + share / (1 + e^−x): one compiled flow for all activations of the paper."""

    slope: Float[np.ndarray | Array, ""]
    share: Float[np.ndarray | Array, ""]

    @property
    def degree(self) -> None:
        """None, because of the sigmoid."""

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """φ of each number."""
        slope, share = (jnp.asarray(number, x.dtype) for number in (self.slope, self.share))
        return (1 - share) * jnp.where(x > 0, x, slope * x) + share * jax.nn.sigmoid(x)


def mixture(name: str) -> Mixture:
    """The activation of that name."""
    return Mixture(np.asarray(SLOPES.get(name, 1.0)), np.asarray(float(name == SIGMOID)))


def instance(activations: Sequence[Any], seed: int, widths: Sequence[int] = WIDTHS, **options: Any) -> Any:
    """A network on `POINTS` Gaussian points; the quadratic loss has targets of root mean square 2 from a ReLU teacher.

    `options` are the loss and the bias.
    """
    planted = eq.problems.planted_network(widths, POINTS, seed=seed, activation="relu", **options)
    targets = planted.targets
    if options.get("loss", "quadratic") == "quadratic":
        targets = targets * (2 / np.sqrt(np.mean(targets**2)))
    return eq.problems.network(widths, planted.inputs, targets, activation=tuple(activations), **options)


def start(
    problem: Any, std: float | Sequence[float] | np.ndarray, seed: int, replicates: int = REPLICATES
) -> tuple[Any, ...]:
    """Entries from N(0, std²), with one std for all arrays or one for each; the leading axis is the replicates."""
    random = generator(seed, Stream.STARTS)
    stds = np.broadcast_to(np.asarray(std, float), len(problem.shapes))
    return tuple(
        s * random.standard_normal((replicates, *shape)) for s, shape in zip(stds, problem.shapes, strict=True)
    )


def flow(
    problem: Any,
    theta: tuple[Any, ...],
    time: float,
    quick: bool,
    observables: Sequence[Any] = OBSERVABLES,
) -> eq.Run:
    """`time` units of gradient flow from θ with `LOOKS` looks; the dataset has the dimension `time` instead of step."""
    tolerance = QUICK_TOLERANCE if quick else TOLERANCE
    ran = eq.simulate(
        problem,
        eq.dynamics.GradientFlow(time / LOOKS, tolerance, tolerance / 100),
        eq.initial.Given(theta),
        seed=0,
        steps=LOOKS,
        replicates=theta[0].shape[0],
        record=eq.Record(every=1, observables=observables),
        chunk=1,  # together, all would take as many steps as the replicate that slides longest
        progress=False,
    )
    times = xr.DataArray(np.linspace(0, time, LOOKS + 1), dims="step", attrs={"long_name": "flow time", "units": "1"})
    dataset = ran.dataset.drop_vars("time").assign_coords(step=times).rename(step="time").assign(tolerance=tolerance)
    return eq.Run(dataset, ran.theta, ran.status)


def allowed(dataset: xr.Dataset) -> float:
    """The largest drift that the solver's tolerance explains."""
    return DRIFT_ALLOWED * float(dataset["tolerance"].max())


def moved(dataset: xr.Dataset) -> xr.DataArray:
    """The largest change of a layer's squared norm over time, for each path."""
    norms = dataset["squared_norms"]
    return abs(norms - norms.isel(time=0)).max(("time", "layer"), skipna=False)


def changed(dataset: xr.Dataset, variable: str) -> xr.DataArray:
    """The largest change of an entry of a variable over time, for each path; NaN for a path that was lost."""
    changes = abs(dataset[variable] - dataset[variable].isel(time=0))
    (other,) = set(changes.dims) - set(dataset["squared_norms"].dims)
    return changes.max(("time", other), skipna=False)


def drift(dataset: xr.Dataset, variable: str) -> xr.DataArray:
    """The largest value of `changed` over the paths, relative to that of `moved`."""
    return changed(dataset, variable).max("replicate", skipna=False) / moved(dataset).max("replicate", skipna=False)
