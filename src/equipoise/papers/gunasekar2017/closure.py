"""Section 4: the Lie algebra that two A_i generate, matrices that a wild control reaches, and the cost of a loop."""

import itertools

import numpy as np
import scipy.linalg
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

INDEPENDENT = 1e-8
"""An element counts as new if this much of it, of norm 1, is off the span of the others."""

REACHED, PIECES, STAGES, TRIES, NEAR = 3, 20, 8, 6, 1e-6
"""The size of the matrices to be reached; the number of pieces of a control, of aims on the way, and of tries; and how
near is enough."""

LOOPS = 0.1 * 0.5 ** np.arange(6)


def run(quick: bool, seed: int) -> Data:
    """Dimensions for random pairs and for pairs of entries, targets reached, and loops of several lengths."""
    random = generator(seed, Stream.CLOSURE)
    sizes, pairs, targets = (range(2, 6), 4, 2) if quick else (range(2, 9), 20, 12)
    dimensions = [[dimension(symmetric(random, size)) for _ in range(pairs)] for size in sizes]
    entries = [max(dimension(indicators(size, *two)) for two in entry_pairs(size)) for size in sizes]
    axes = ("size", "pair")
    table = xr.Dataset(
        {
            "dimension": (axes, dimensions, {"long_name": "dimension of the closure, random A_1, A_2", "units": "1"}),
            "entries": ("size", entries, {"long_name": "largest dimension for two entries", "units": "1"}),
        },
        {"size": ("size", list(sizes), {"long_name": "n", "units": "1"})},
    )
    return {"algebra": table, "reached": reached(random, targets), "loops": loops(random)}


def symmetric(random: np.random.Generator, size: int) -> np.ndarray:
    """Two random symmetric matrices of norm 1."""
    drawn = random.standard_normal((2, size, size))
    drawn = drawn + np.swapaxes(drawn, 1, 2)
    return drawn / np.linalg.norm(drawn, axis=(1, 2), keepdims=True)


def entry_pairs(size: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """All pairs of different entries on and below the diagonal."""
    return list(itertools.combinations(itertools.combinations_with_replacement(range(size), 2), 2))


def indicators(size: int, *entries: tuple[int, int]) -> np.ndarray:
    """The A_i that measure these entries."""
    matrices = np.zeros((len(entries), size, size))
    for matrix, (i, j) in zip(matrices, entries, strict=True):
        matrix[i, j] = matrix[j, i] = 1.0
    return matrices


def dimension(matrices: np.ndarray) -> int:
    """The dimension of the smallest space that holds the matrices and all commutators of its elements."""
    size = matrices.shape[-1]
    basis, waiting = np.zeros((0, size, size)), list(matrices)
    while waiting:
        element = waiting.pop(0)
        length = np.linalg.norm(element)
        if length <= INDEPENDENT:
            continue
        new = element / length
        for _ in range(2):  # twice, against rounding errors
            new = new - np.einsum("k,kij->ij", np.einsum("kij,ij->k", basis, new), basis)
        if np.linalg.norm(new) > INDEPENDENT:
            new /= np.linalg.norm(new)
            waiting += list(new @ basis - basis @ new)
            basis = np.concatenate([basis, new[None]])
    return len(basis)


def reached(random: np.random.Generator, targets: int) -> xr.Dataset:
    """How close controls that take A_1 and A_2 in turns come to random positive definite matrices."""
    rows = []
    for _ in range(targets):
        values, vectors = np.linalg.eigh(symmetric(random, REACHED))
        start, target = (_definite(random) for _ in range(2))
        tries = (_steered(random, values, vectors, start, target) for _ in range(TRIES))
        rows.append(next((found for found in tries if found[0] <= NEAR), (np.nan, np.nan)))
    return xr.Dataset(
        {
            "missed": ("target", [row[0] for row in rows], {"long_name": "distance from the target", "units": "1"}),
            "length": ("target", [row[1] for row in rows], {"long_name": "length of the control", "units": "1"}),
        }
    )


def _steered(
    random: np.random.Generator, values: np.ndarray, vectors: np.ndarray, start: np.ndarray, target: np.ndarray
) -> tuple[float, float]:
    """The distance from the target, relative, and the length of a control, found by moving the aim in small stages."""
    # there and back: X does not move, but it can be moved in every direction from there
    pieces = random.standard_normal(PIECES // 2)
    times = np.concatenate([pieces, -pieces[::-1]])
    for share in np.linspace(0, 1, STAGES + 1)[1:]:
        aim = (1 - share) * start + share * target
        times = scipy.optimize.least_squares(_missed, times, args=(values, vectors, start, aim), max_nfev=100).x
    missed = np.linalg.norm(_missed(times, values, vectors, start, target)) / np.linalg.norm(target)
    return float(missed), float(np.abs(times).sum())


def _definite(random: np.random.Generator) -> np.ndarray:
    factor = random.standard_normal((REACHED, REACHED))
    return factor @ factor.T / REACHED + 0.1 * np.eye(REACHED)


def _missed(
    times: np.ndarray, values: np.ndarray, vectors: np.ndarray, start: np.ndarray, aim: np.ndarray
) -> np.ndarray:
    """X − target after the pieces exp(t A_i) X exp(t A_i), of A_1 and A_2 in turns; there and back, A_2 comes twice."""
    which = np.concatenate([np.arange(PIECES // 2) % 2, np.arange(PIECES // 2)[::-1] % 2])
    x = start
    for time, i in zip(times, which, strict=True):
        factor = (vectors[i] * np.exp(time * values[i])) @ vectors[i].T
        x = factor @ x @ factor
    return (x - aim).ravel()


def loops(random: np.random.Generator) -> xr.Dataset:
    """What loops of steps ε along A_1, A_2, −A_1, −A_2 do: one of them, and 1/ε² of them."""
    a, b = symmetric(random, 4)
    start = np.diag(random.uniform(0.5, 2.0, 4))
    turned = scipy.linalg.expm(a @ b - b @ a)
    target = turned @ start @ turned.T
    once, many = [], []
    for small in LOOPS:
        loop = np.linalg.multi_dot([scipy.linalg.expm(sign * small * m) for sign in (1, -1) for m in (a, b)])
        whole = np.linalg.matrix_power(loop, round(small**-2))
        once.append(np.linalg.norm(loop @ start @ loop.T - start))
        many.append(np.linalg.norm(whole @ start @ whole.T - target) / np.linalg.norm(target - start))
    return xr.Dataset(
        {
            "once": ("step", np.array(once), {"long_name": "how far one loop moves X", "units": "[M]"}),
            "many": ("step", np.array(many), {"long_name": "distance of 1/ε² loops from e^[A,B], relative"}),
            "length": ("step", 4 / LOOPS, {"long_name": "length of the control of 1/ε² loops", "units": "1"}),
        },
        {"step": ("step", LOOPS, {"long_name": "ε", "units": "1"})},
    )


def check(data: Data) -> list[Check]:
    """Two random A_i generate everything, two entries do not; all targets are reached; a loop is of second order."""
    algebra, reach, loop = data["algebra"], data["reached"], data["loops"]
    lacking = algebra["size"] ** 2 - algebra["dimension"]
    once, many = (np.polyfit(np.log(loop["step"][-3:]), np.log(loop[name][-3:]), 1)[0] for name in ("once", "many"))
    return [
        near("random pairs: largest n² less the dimension of the closure", largest(lacking), 0, 0),
        near("pairs of entries, n ≥ 3: largest dimension of the closure", largest(algebra["entries"][1:]), 4, 0),
        at_most("largest distance from a target, relative", largest(reach["missed"]), NEAR),
        near("one loop: exponent of the move in ε", once, 2, 0.1),
        near("1/ε² loops: exponent in ε of the distance from exp([A_1, A_2])", many, 1, 0.1),
    ]


def judge(data: Data) -> Judgement:
    """The closure, what is reached, and the order of a loop."""
    algebra, loop = data["algebra"], data["loops"]
    lacking = algebra["size"] ** 2 - algebra["dimension"]
    full, missed = float((lacking == 0).mean()), largest(data["reached"]["missed"])
    once = float(np.polyfit(np.log(loop["step"][-3:]), np.log(loop["once"][-3:]), 1)[0])
    return jointly(
        judged(
            at_least("share of random pairs whose closure is all of R^(n x n)", full, 0.99),
            f"The closure is all of R^(n x n) for {full:.0%} of the random pairs with n up to "
            f"{int(algebra['size'].max())}; for two entries of a matrix its dimension is at most "
            f"{int(algebra['entries'].max())} at any n.",
        ),
        judged(
            at_most("largest distance from a target, relative", missed, NEAR),
            f"Controls of {PIECES} pieces end within {missed:.0e} of random positive definite matrices, relative.",
        ),
        judged(near("exponent in ε of the move by one loop", once, 2, 0.1), f"A loop moves X by ε to the {once:.2f}."),
    )


def draw(data: Data) -> Figure:
    """The dimension of the closure, and loops."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3))
    left, right = axes[0]
    algebra, loop = data["algebra"], data["loops"]
    left.plot(algebra["size"], algebra["size"] ** 2, "--", color="black", lw=1, label="n²")
    left.plot(algebra["size"], algebra["dimension"].min("pair"), "o", color=eq.plots.PALETTE[0], label="two random A_i")
    left.plot(algebra["size"], algebra["entries"], "s", color=eq.plots.PALETTE[1], label="two entries, at most")
    left.set_xlabel("n")
    left.set_ylabel("dimension of the closure")
    eq.plots.add_legend(left)
    right.loglog(loop["step"], loop["once"], "o-", color=eq.plots.PALETTE[0], label="move by one loop")
    right.loglog(loop["step"], loop["many"], "s-", color=eq.plots.PALETTE[1], label="1/ε² loops from exp([A, B])")
    right.loglog(loop["step"], loop["length"], "D:", color="0.5", label="their length, 4/ε")
    right.set_xlabel("step ε of a loop")
    eq.plots.add_legend(right, fontsize="x-small")
    return figure


CLAIM = Claim(
    id="closure",
    source="Section 4, non-commutative A_i",
    statement="The closure of two random symmetric matrices under commutators is all of R^(n x n), and a control that "
    "takes them in turns reaches any positive definite matrix; the closure of two entries has at most four dimensions. "
    "A loop of four steps ε moves X by ε², so that 1/ε² loops of total length 4/ε make finite progress.",
    printed=Printed(
        "Even for m = 2 the closure of the A_i under commutators is generally all of R^(n x n), so that some wild "
        "control approaches any positive semidefinite matrix; finite progress along a commutator needs about 1/ε² "
        "loops of steps ε.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="n up to 8, 20 random pairs each, and all pairs of entries (quick: up to 5, and 4). Targets: 12 random "
    f"positive definite 3 x 3 matrices (quick: 2), by least squares for the lengths of {PIECES} pieces; singular "
    "matrices are approached as limits of these. Loops: two random matrices of norm 1, n = 4.",
)
