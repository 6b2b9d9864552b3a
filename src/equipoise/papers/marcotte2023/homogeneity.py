"""Homogeneity: one neuron has a law if and only if its activation is positively homogeneous, with the degree in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

Activation = Callable[[np.ndarray], np.ndarray]

ACTIVATIONS: dict[str, tuple[Activation, Activation, int]] = {
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 1),
    "ReLU²": (lambda z: np.maximum(z, 0) ** 2, lambda z: 2 * np.maximum(z, 0), 2),
    "cube": (lambda z: z**3, lambda z: 3 * z**2, 3),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2, 0),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z)), 0),
}
"""The activation, its derivative, and its degree of homogeneity, or 0 if it has none."""


def experiment(quick: bool, seed: int) -> Data:
    """The laws of one neuron u σ(v x) for each activation, and the ratio of their two coefficients."""
    rows = [_found(name, seed) for name in ACTIVATIONS]
    return {"neurons": xr.concat(rows, xr.Variable("activation", list(ACTIVATIONS)))}


def _found(name: str, seed: int) -> xr.Dataset:
    value, slope, degree = ACTIVATIONS[name]

    def gradient(theta: tuple[np.ndarray, ...], random: np.random.Generator) -> tuple[Any, Any]:
        (u, v), x = theta, random.standard_normal()
        rest = u * value(v * x) - random.standard_normal()
        return rest * value(v * x), rest * u * slope(v * x) * x

    laws = eq.theory.conservation_laws(gradient, shapes=[(), ()], degree=2, seed=seed)
    pure = eq.theory.conservation_laws(gradient, shapes=[(), ()], seed=seed)
    ratio = np.nan
    if pure.dimension == 1:
        ratio = -float(pure.basis[0, 0, 0] / pure.basis[0, 1, 1])
    one = {"units": "1"}
    return xr.Dataset(
        {
            "laws": ((), laws.dimension, {"long_name": "polynomial laws up to degree 2", **one}),
            "degree": ((), degree, {"long_name": "degree of homogeneity", **one}),
            "ratio": ((), ratio, {"long_name": "coefficient of u² over that of −v²", **one}),
        }
    )


def check(data: Data) -> list[Check]:
    """One law where there is a degree and none elsewhere, and the degree is the ratio of its coefficients."""
    neurons = data["neurons"]
    away = neurons.sel(activation=[name for name, (_, _, degree) in ACTIVATIONS.items() if degree])
    return [
        *(
            near(f"{name}: laws", neurons["laws"].sel(activation=name), int(degree > 0), 0)
            for name, (_, _, degree) in ACTIVATIONS.items()
        ),
        at_most(
            "largest |ratio of the coefficients over the degree − 1|",
            largest(abs(away["ratio"] / away["degree"] - 1)),
            1e-10,
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether laws are there exactly where the activation is homogeneous."""
    neurons = data["neurons"]
    off = int((neurons["laws"] != (neurons["degree"] > 0)).sum())
    return judged(
        near("activations with laws where there should be none, or the reverse", off, 0, 0),
        f"Of {neurons.sizes['activation']} activations {off} have a law without being homogeneous, or the reverse.",
    )


def draw(data: Data) -> Figure:
    """The laws found for each activation, and the degree of homogeneity."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(4.2, 3.0))
    (panel,) = axes[0]
    neurons = data["neurons"]
    places = np.arange(neurons.sizes["activation"])
    panel.bar(places - 0.2, neurons["degree"], 0.4, color=eq.plots.PALETTE[0], label="degree of homogeneity")
    panel.bar(places + 0.2, neurons["ratio"].fillna(0), 0.4, color=eq.plots.PALETTE[1], label="degree in the law found")
    panel.set_xticks(places, neurons["activation"].values)
    panel.set_ylabel("degree; 0: none")
    panel.set_ylim(0, 1.3 * panel.get_ylim()[1])  # room for the legend
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="homogeneity",
    source="The talk on the paper, proposition on one neuron in one dimension",
    statement="One neuron u σ(vx) has a polynomial law up to degree 2 if its activation is homogeneous of degree k, "
    "and it is k u² − v² up to a factor; tanh and softplus have none.",
    printed=Printed(
        "A neuron has laws if and only if σ is positively homogeneous of some degree k, and they are the functions of "
        "u²/2 − v²/(2k).",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices="Five activations; squared error of one random point. That laws which are no polynomials of degree 2 are "
    "missing, too, is not tested. The transcript of the talk reads u²/2 − v²/k; what is kept is u²/2 − v²/(2k), since "
    "d(u²)/dt = −2 r u σ(vx) and d(v²)/dt = −2k r u σ(vx), with the residual r.",
)
