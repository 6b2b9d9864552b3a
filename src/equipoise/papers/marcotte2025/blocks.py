"""Blocks: a skip connection takes no law away and adds none, and two residual blocks have those of each."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.papers.marcotte2025.shared.residual import gradient_of, pulled, shapes_of

SIZE, HIDDEN, NEURONS = 3, (50, 20), 3
POINTS, QUICK_POINTS, BRANCH = 800, 400, 0.5


def experiment(quick: bool, seed: int) -> Data:
    """The laws of one block with and without its skip, and the singular values of the gradients of two blocks."""
    rows = [_block(skip, seed) for skip in (False, True)]
    return {
        "block": xr.concat(rows, xr.Variable("skip", [False, True])),
        "two": _two(QUICK_POINTS if quick else POINTS, seed),
    }


def _block(skip: bool, seed: int) -> xr.Dataset:
    """The forms kept by one block, and how many laws of neurons are among them."""
    shapes = shapes_of(SIZE, (NEURONS,))
    laws = eq.theory.conservation_laws(gradient_of(SIZE, skip), shapes=shapes, seed=seed)
    into, out = np.split(np.arange(laws.parameters), [NEURONS * SIZE])
    into, out = into.reshape(NEURONS, SIZE), out.reshape(SIZE, NEURONS)
    known = np.zeros((NEURONS, laws.parameters, laws.parameters))
    for i in range(NEURONS):
        known[i, into[i], into[i]], known[i, out[:, i], out[:, i]] = 1, -1
    one = {"units": "1"}
    return xr.Dataset(
        {
            "laws": ((), laws.dimension, {"long_name": "quadratic laws", **one}),
            "neurons": (
                (),
                sum(laws.contain(form) for form in known),
                {"long_name": "laws of neurons among them", **one},
            ),
            "residual": ((), laws.residual, {"long_name": "largest rate at fresh points", **one}),
        }
    )


def _two(points: int, seed: int) -> xr.Dataset:
    """The singular values of the gradients of every output of two blocks at one θ."""
    random = np.random.default_rng(seed)
    # a first block that moves its inputs little leaves no neuron of the second one off nearly everywhere
    theta = tuple(BRANCH * random.standard_normal(shape) / np.sqrt(shape[1]) for shape in shapes_of(SIZE, HIDDEN))
    inputs = random.standard_normal((points, SIZE))
    rows = []
    for unit in np.eye(SIZE):
        parts = pulled(theta, inputs, np.tile(unit, (points, 1)))
        rows.append(np.concatenate([part.reshape(points, -1) for part in parts], axis=1))
    values = np.linalg.svd(np.concatenate(rows), compute_uv=False)
    named = {"long_name": "singular value over the largest", "units": "1"}
    return xr.Dataset({"values": ("number", values / values[0], named)}, {"number": 1 + np.arange(values.size)})


def _rank(data: Data) -> int:
    return int((data["two"]["values"] > 1e-10).sum())


def check(data: Data) -> list[Check]:
    """As many laws with the skip as without, those of the neurons, and the rank that leaves one law for each neuron."""
    block, values = data["block"], data["two"]["values"].values
    parameters, laws = values.size, sum(HIDDEN)
    return [
        near("one block without skip: laws", block["laws"].sel(skip=False), NEURONS, 0),
        near("one block with skip: laws", block["laws"].sel(skip=True), NEURONS, 0),
        near("laws of neurons found, both", block["neurons"].sum(), 2 * NEURONS, 0),
        at_most("largest rate of a law at fresh points", largest(block["residual"]), 1e-11),
        near(f"two blocks, {parameters} parameters: rank of the gradients", _rank(data), parameters - laws, 0),
        at_least(
            "two blocks: log₁₀ of the gap after this rank",
            np.log10(values[parameters - laws - 1] / values[parameters - laws]),
            6,
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether the skip changes nothing, and the two blocks have the laws of each."""
    block, rank = data["block"], _rank(data)
    with_skip, without = (int(block["laws"].sel(skip=skip)) for skip in (True, False))
    return jointly(
        judged(
            near("laws with the skip less those without", with_skip - without, 0, 0),
            f"The block has {with_skip} laws with its skip and {without} without.",
        ),
        judged(
            near("two blocks: rank of the gradients", rank, 350, 0),
            f"The gradients of two blocks of 50 and 20 neurons have rank {rank} of 420, so {420 - rank} laws remain.",
        ),
    )


def draw(data: Data) -> Figure:
    """The singular values of the gradients of two blocks, and the rank that the laws leave."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(4.2, 3.3))
    (panel,) = axes[0]
    values = data["two"]["values"]
    panel.semilogy(values["number"], np.maximum(values, 1e-18), ".", ms=3, color=eq.plots.PALETTE[0])
    panel.axvline(values.size - sum(HIDDEN) + 0.5, ls=":", color="gray", label="parameters less laws")
    panel.set_xlabel("number")
    panel.set_ylabel("singular value of the gradients")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="blocks",
    source="Abstract, on residual blocks and on laws of a part of the parameters",
    statement="A ReLU block x + V relu(Ux) has the quadratic laws of the same block without its skip connection, one "
    "for each neuron, and two such blocks with 50 and 20 neurons on 3 numbers have 70: their gradients at one point "
    "have rank 350 = 420 − 70.",
    printed=Printed(
        "Residual blocks have the same conservation laws as the same block without a skip connection, and laws that "
        "depend on one block alone are those of this block in isolation.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"One block of {NEURONS} neurons on {SIZE} numbers; the gradients of two blocks on {POINTS} random inputs "
    f"(quick: {QUICK_POINTS}) at one random θ, of standard deviation {BRANCH:g} over the square root of the width. "
    "Their rank bounds the number of laws of any kind there. We could read the abstract and the introduction alone.",
)
