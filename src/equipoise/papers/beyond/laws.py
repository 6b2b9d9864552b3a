"""Laws: what gradient flow conserves, found from gradients alone, among it laws that the papers do not have."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.beyond.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.problems import networks

WIDTH, INPUTS, OUTPUTS, POINTS = 2, 3, 2, 6
LENGTH, STEPS = 1e-3, 4000
SYMMETRIC, SKIP, ENTROPY = "XYᵀ, symmetric measurements", "skip connection, ReLU", "cross-entropy, ReLU"

Terms = list[tuple[int, int, float]]
"""A quadratic form as (i, j, coefficient) of θᵢθⱼ, θ flattened."""


def symmetric(seed: int) -> tuple[Any, list[Terms]]:
    """XYᵀ seen through symmetric matrices, and the entries of XᵀX − YᵀY and of XᵀY − YᵀX."""
    size = INPUTS + 1
    matrices = eq.problems.gaussian_measurements(size, 3, seed=seed)
    data = generator(seed, Stream.FORMS).standard_normal(len(matrices))
    problem = eq.problems.sensing(matrices, data, parametrization="asymmetric", width=WIDTH)
    x, y = _places(problem)
    forms = [_inner(x[:, i], x[:, j]) + _inner(y[:, i], y[:, j], -1.0) for i in range(WIDTH) for j in range(i + 1)]
    return problem, forms + [
        _inner(x[:, i], y[:, j]) + _inner(y[:, i], x[:, j], -1.0) for i in range(WIDTH) for j in range(i)
    ]


def skip(seed: int) -> tuple[Any, list[Terms]]:
    """A ReLU network whose middle layer is passed by, and the sum of both neighboring laws of each neuron."""
    inputs, targets = _data(seed)
    layers = [networks.Dense(WIDTH), networks.Skip(networks.Dense(WIDTH)), networks.Dense(OUTPUTS)]
    problem = eq.problems.network(inputs=inputs, targets=targets, layers=layers)
    first, middle, last = _places(problem)
    signed = ((first, 1.0), (middle.T, -1.0), (middle, 1.0), (last.T, -1.0))
    return problem, [[term for w, sign in signed for term in _inner(w[i], w[i], sign)] for i in range(WIDTH)]


def entropy(seed: int) -> tuple[Any, list[Terms]]:
    """A ReLU network with the cross-entropy, the law of each neuron, and products of the last layer's column sums."""
    inputs, _ = _data(seed)
    targets = generator(seed, Stream.FORMS, 1).integers(0, OUTPUTS, POINTS)
    problem = eq.problems.network((INPUTS, WIDTH, OUTPUTS), inputs, targets, loss="cross_entropy", activation="relu")
    first, last = _places(problem)
    forms = [_inner(first[i], first[i]) + _inner(last[:, i], last[:, i], -1.0) for i in range(WIDTH)]
    pairs = [(i, j) for i in range(WIDTH) for j in range(i + 1)]
    return problem, forms + [[(a, b, 1.0) for a in last[:, i].tolist() for b in last[:, j].tolist()] for i, j in pairs]


def _data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = generator(seed, Stream.FORMS)
    return random.standard_normal((POINTS, INPUTS)), random.standard_normal((POINTS, OUTPUTS))


def _places(problem: Any) -> list[np.ndarray]:
    """The place of every parameter in θ flattened, in the shapes of θ."""
    sizes = [int(np.prod(shape)) for shape in problem.shapes]
    parts = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, problem.shapes, strict=True)]


def _inner(first: np.ndarray, second: np.ndarray, sign: float = 1.0) -> Terms:
    return [(i, j, sign) for i, j in zip(first.tolist(), second.tolist(), strict=True)]


def matrix_of(terms: Terms, size: int) -> np.ndarray:
    """The symmetric Q of a form."""
    found = np.zeros((size, size))
    for i, j, value in terms:
        found[i, j] += value / 2
        found[j, i] += value / 2
    return found


PROBLEMS: dict[str, Callable[[int], tuple[Any, list[Terms]]]] = {SYMMETRIC: symmetric, SKIP: skip, ENTROPY: entropy}


def experiment(quick: bool, seed: int) -> Data:
    """The laws of each problem, found and derived, and along a flow; the full form takes three seeds of each."""
    seeds = [seed] if quick else [seed, seed + 1, seed + 2]
    rows = [xr.concat([_found(make, one) for one in seeds], "instance") for make in PROBLEMS.values()]
    return {"laws": xr.concat(rows, xr.Variable("problem", list(PROBLEMS)))}


def _found(make: Callable[[int], tuple[Any, list[Terms]]], seed: int) -> xr.Dataset:
    """How many laws are found, whether they are those derived, and how far either kind moves along the flow."""
    problem, terms = make(seed)
    laws = eq.theory.conservation_laws(problem, seed=seed)
    derived = [matrix_of(one, laws.parameters) for one in terms]
    random = generator(seed, Stream.FORMS, 2)
    start = tuple(0.5 * random.standard_normal(shape) for shape in problem.shapes)
    path = _flow(problem, start)
    other = random.standard_normal((len(derived), laws.parameters, laws.parameters))
    other = (other + np.swapaxes(other, 1, 2)) / 2
    one = {"units": "1"}
    return xr.Dataset(
        {
            "found": ((), laws.dimension, {"long_name": "laws found", **one}),
            "derived": ((), len(derived), {"long_name": "laws derived", **one}),
            "contained": ((), sum(laws.contain(q) for q in derived), {"long_name": "derived laws among them", **one}),
            "residual": ((), laws.residual, {"long_name": "largest rate of a law at fresh points", **one}),
            "gap": ((), laws.gap, {"long_name": "gap in the singular values", **one}),
            "drift": ((), _moved(path, np.array(derived)), {"long_name": "largest relative drift of a law", **one}),
            "other": ((), _moved(path, other), {"long_name": "largest of a random form", **one}),
        }
    )


def _flow(problem: Any, start: tuple[np.ndarray, ...]) -> np.ndarray:
    """θ, flattened, along gradient flow: its start and a few later times; (time, parameter).

    The steps of Runge and Kutta have one length: where a ReLU slides along its kink, one that adapts hardly moves.
    """
    places = _places(problem)

    def slope(flat: Any) -> Any:
        return -jnp.concatenate([part.ravel() for part in problem.gradient(tuple(flat[p] for p in places))])

    def step(flat: Any, _: Any) -> Any:
        first = slope(flat)
        second = slope(flat + LENGTH / 2 * first)
        third = slope(flat + LENGTH / 2 * second)
        last = slope(flat + LENGTH * third)
        moved = flat + LENGTH / 6 * (first + 2 * second + 2 * third + last)
        return moved, moved

    with eq.numerics():
        first = jnp.concatenate([jnp.asarray(w).ravel() for w in start])
        path = np.asarray(jax.jit(lambda at: jax.lax.scan(step, at, length=STEPS)[1])(first))
        return np.concatenate([np.asarray(first)[None], path[STEPS // 4 - 1 :: STEPS // 4]])


def _moved(path: np.ndarray, forms: np.ndarray) -> float:
    """The largest |θᵀQθ − its value at the start| over ‖Q‖ and ‖θ‖² at the start."""
    values = np.einsum("ti,kij,tj->tk", path, forms, path) / np.linalg.norm(forms, axis=(1, 2))
    return float(np.abs(values - values[0]).max() / np.sum(path[0] ** 2))


def check(data: Data) -> list[Check]:
    """All laws derived are found and no others, their number is clear, and the flow keeps them and nothing else."""
    laws = data["laws"]
    counts = [
        near(
            f"{name}: laws found, farthest from the {_expected(laws, name)} derived",
            _farthest(laws, name),
            _expected(laws, name),
            0,
        )
        for name in PROBLEMS
    ]
    return [
        *counts,
        near("derived laws that are not among those found", float((laws["derived"] - laws["contained"]).sum()), 0, 0),
        at_most("largest rate of a law at fresh points and data", largest(laws["residual"]), 1e-12),
        at_least("log₁₀ of the least gap in the singular values", np.log10(smallest(laws["gap"])), 8),
        at_most("along the flow: largest relative drift of a law", largest(laws["drift"]), 2e-4),
        at_least("along the flow: least relative drift of a random form", smallest(laws["other"]), 2e-3),
    ]


def _expected(laws: xr.Dataset, name: str) -> int:
    return int(laws["derived"].sel(problem=name).values.max())


def _farthest(laws: xr.Dataset, name: str) -> float:
    found = laws["found"].sel(problem=name).values
    return float(found[np.abs(found - _expected(laws, name)).argmax()])


def judge(data: Data) -> Judgement:
    """Whether the laws found are exactly those derived."""
    laws = data["laws"]
    off = float(abs(laws["found"] - laws["derived"]).sum() + (laws["derived"] - laws["contained"]).sum())
    told = [f"{_farthest(laws, name):g} of {_expected(laws, name)} ({name})" for name in PROBLEMS]
    return judged(
        near("laws too many, too few, or not found", off, 0, 0),
        f"Found are {', '.join(told)}.",
    )


CLAIM = Claim(
    id="laws",
    source="Proposition 5",
    statement="The quadratic laws of gradient flow, found as the null space of sampled gradients, are those derived: "
    "r² for XYᵀ under symmetric measurements, the entries of XᵀX − YᵀY and of XᵀY − YᵀX; one for each neuron of a "
    "skip connection, the sum of its two neighbors' laws; and with the cross-entropy also the products of column sums.",
    printed=Printed(
        "For these three kinds of problem the quadratic functions that gradient flow keeps for all data are the "
        "listed ones and no others.",
        judge,
    ),
    run=experiment,
    check=check,
    choices=f"Width {WIDTH}, {INPUTS} inputs, {OUTPUTS} outputs, {POINTS} points; XYᵀ of size 4 x 4 under three "
    f"random symmetric matrices; gradient flow from a random start over a time of {LENGTH * STEPS:g}, one instance of "
    "each (in full three). That the listed forms are kept is derived; that there are no others is found for these "
    "sizes, not proved. Known: neurons and layers, Du et al. (2018); counts of laws of linear and ReLU networks and "
    "their method, Marcotte, Gribonval and Peyré (2023); laws from symmetries, Kunin et al. (2021), "
    "Zhao et al. (2023).",
)
