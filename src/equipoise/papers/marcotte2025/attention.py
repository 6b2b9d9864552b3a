"""Attention: one layer keeps the laws of its two products, QᵀQ − KᵀK and VᵀV − OᵀO, and no others."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZE, WORDS = 3, 4
HEADS = ((1, 1), (2, 1), (2, 2))
"""Widths of the keys and of the values."""

Arrays = tuple[np.ndarray, ...]


def gradient(theta: Arrays, random: np.random.Generator) -> Arrays:
    """The gradients of half the squared error of softmax(XQKᵀXᵀ)XVOᵀ by Q, K, V and O on random X and targets."""
    query, key, value, out = theta
    inputs, targets = random.standard_normal((2, WORDS, SIZE))
    scores = inputs @ query @ key.T @ inputs.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    mixed = weights @ inputs
    rest = mixed @ value @ out.T - targets
    back = rest @ out @ value.T @ inputs.T
    back = weights * (back - np.sum(weights * back, axis=1, keepdims=True))
    return (
        inputs.T @ back @ inputs @ key,
        inputs.T @ back.T @ inputs @ query,
        mixed.T @ rest @ out,
        rest.T @ mixed @ value,
    )


def experiment(quick: bool, seed: int) -> Data:
    """The laws of layers of some widths."""
    heads = HEADS[1:2] if quick else HEADS
    return {"layers": xr.concat([_found(keys, values, seed) for keys, values in heads], "layer")}


def _found(keys: int, values: int, seed: int) -> xr.Dataset:
    shapes = [(SIZE, keys)] * 2 + [(SIZE, values)] * 2
    laws = eq.theory.conservation_laws(gradient, shapes=shapes, seed=seed)
    expected = keys * (keys + 1) // 2 + values * (values + 1) // 2
    one = {"units": "1"}
    return xr.Dataset(
        {
            "keys": ((), keys, {"long_name": "width of the keys", **one}),
            "values": ((), values, {"long_name": "width of the values", **one}),
            "laws": ((), laws.dimension, {"long_name": "quadratic laws", **one}),
            "expected": ((), expected, {"long_name": "entries of QᵀQ − KᵀK and VᵀV − OᵀO", **one}),
            "residual": ((), laws.residual, {"long_name": "largest rate at fresh points", **one}),
            "gap": ((), laws.gap, {"long_name": "gap in the singular values", **one}),
        }
    )


def _off(data: Data) -> int:
    return int(abs(data["layers"]["laws"] - data["layers"]["expected"]).sum())


def check(data: Data) -> list[Check]:
    """As many laws as the two matrices have entries, exactly kept and clear."""
    layers = data["layers"]
    return [
        near("laws too many or too few, all layers", _off(data), 0, 0),
        at_most("largest rate of a law at fresh points", largest(layers["residual"]), 1e-11),
        at_least("log₁₀ of the least gap in the singular values", np.log10(smallest(layers["gap"])), 6),
    ]


def judge(data: Data) -> Judgement:
    """Whether the laws of the two products are all."""
    told = ", ".join(
        f"{a} of {b}" for a, b in zip(data["layers"]["laws"].values, data["layers"]["expected"].values, strict=True)
    )
    return judged(near("laws too many or too few", _off(data), 0, 0), f"Found are {told} quadratic laws.")


def draw(data: Data) -> Figure:
    """The laws found of each layer beside those expected."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(4.2, 3.0))
    (panel,) = axes[0]
    layers = data["layers"]
    places = np.arange(layers.sizes["layer"])
    panel.bar(places - 0.2, layers["expected"], 0.4, color=eq.plots.PALETTE[0], label="published")
    panel.bar(places + 0.2, layers["laws"], 0.4, color=eq.plots.PALETTE[1], label="found")
    panel.set_xticks(
        places, [f"{k} and {v}" for k, v in zip(layers["keys"].values, layers["values"].values, strict=True)]
    )
    panel.set_xlabel("width of the keys and of the values")
    panel.set_ylabel("laws")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="attention",
    source="Abstract, on a single attention layer",
    statement="One attention layer softmax(XQKᵀXᵀ)XVOᵀ keeps the entries of QᵀQ − KᵀK and of VᵀV − OᵀO, and no other "
    "quadratic form.",
    printed=Printed(
        "All conservation laws of a single attention layer are described: those of its two products.", judge
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"{WORDS} words of {SIZE} numbers, squared error on random targets, one head, of widths {HEADS} (quick: "
    "one of them). Quadratic forms alone are looked for. We could read the abstract and the introduction alone; that "
    "the laws described are these is from summaries of the paper.",
)
