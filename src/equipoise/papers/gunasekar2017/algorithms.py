"""Section 1: without factors the algorithm decides which solution of an underdetermined problem is found."""

import numpy as np
import xarray as xr

from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, COUNT, STEPS = 30, 10, 3000
OTHERS = ("coordinate descent", "coordinate descent, another order", "preconditioned")


def run(quick: bool, seed: int) -> Data:
    """Three methods on ‖Ax − y‖² from 0, and the solution that each should find in closed form."""
    del quick
    random = generator(seed, Stream.ALGORITHMS)
    matrix, data = random.standard_normal((COUNT, SIZE)) / SIZE**0.5, random.standard_normal(COUNT)
    spread = random.standard_normal((SIZE, SIZE))
    preconditioner = spread @ spread.T / SIZE + 0.1 * np.eye(SIZE)
    order = random.permutation(SIZE)
    gram = matrix.T @ matrix
    found = {
        "gradient descent": (descended(matrix, data, np.eye(SIZE)), np.eye(SIZE)),
        # one sweep is a step preconditioned by the inverse of a triangle of AᵀA
        OTHERS[0]: (swept(matrix, data, np.arange(SIZE)), np.linalg.inv(np.tril(gram))),
        OTHERS[1]: (swept(matrix, data, order), ordered(np.linalg.inv(np.tril(gram[np.ix_(order, order)])), order)),
        OTHERS[2]: (descended(matrix, data, preconditioner), preconditioner),
    }
    least = np.linalg.lstsq(matrix, data, rcond=None)[0]
    closed = {name: p @ matrix.T @ np.linalg.solve(matrix @ p @ matrix.T, data) for name, (_, p) in found.items()}
    rows = [_row(matrix, data, x, closed[name], least) for name, (x, _) in found.items()]
    return {"solutions": xr.concat(rows, "algorithm").assign_coords(algorithm=list(found))}


def descended(matrix: np.ndarray, data: np.ndarray, preconditioner: np.ndarray) -> np.ndarray:
    """The end of x ← x − ηP Aᵀ(Ax − y) from 0."""
    x = np.zeros(matrix.shape[1])
    step = 1 / np.linalg.norm(matrix @ preconditioner @ matrix.T, 2)
    for _ in range(STEPS):
        x -= step * preconditioner @ (matrix.T @ (matrix @ x - data))
    return x


def swept(matrix: np.ndarray, data: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The end of coordinate descent from 0: one coordinate after the other, each to its minimum."""
    x, residual = np.zeros(matrix.shape[1]), -data
    squares = (matrix**2).sum(axis=0)
    for _ in range(STEPS // 10):
        for k in order:
            change = -(matrix[:, k] @ residual) / squares[k]
            x[k] += change
            residual = residual + change * matrix[:, k]
    return x


def ordered(matrix: np.ndarray, order: np.ndarray) -> np.ndarray:
    """A matrix over coordinates in `order`, in their own order again."""
    back = np.argsort(order)
    return matrix[np.ix_(back, back)]


def _row(matrix: np.ndarray, data: np.ndarray, x: np.ndarray, closed: np.ndarray, least: np.ndarray) -> xr.Dataset:
    size = np.linalg.norm(least)
    return xr.Dataset(
        {
            "misfit": (
                (),
                np.linalg.norm(matrix @ x - data) / np.linalg.norm(data),
                {"long_name": "‖Ax − y‖/‖y‖", "units": "1"},
            ),
            "from_closed_form": (
                (),
                np.linalg.norm(x - closed) / size,
                {"long_name": "distance from PAᵀ(APAᵀ)⁻¹y, relative", "units": "1"},
            ),
            "away": (
                (),
                np.linalg.norm(x - least) / size,
                {"long_name": "distance from the least Euclidean norm, relative", "units": "1"},
            ),
        }
    )


def check(data: Data) -> list[Check]:
    """All fit; gradient descent finds the least norm, the others their own solutions, each as in closed form."""
    table = data["solutions"]
    descent, others = table.sel(algorithm="gradient descent"), table.sel(algorithm=list(OTHERS))
    return [
        at_most("largest misfit", largest(table["misfit"]), 1e-6),
        at_most("largest distance from PAᵀ(APAᵀ)⁻¹y, relative", largest(table["from_closed_form"]), 1e-5),
        at_most("gradient descent: distance from the least Euclidean norm, relative", descent["away"], 1e-6),
        at_least("others: smallest distance from the least Euclidean norm, relative", smallest(others["away"]), 0.1),
    ]


def judge(data: Data) -> Judgement:
    """Gradient descent finds the least norm, coordinate descent and preconditioning do not."""
    away = data["solutions"]["away"]
    descent = float(away.sel(algorithm="gradient descent"))
    others = smallest(away.sel(algorithm=list(OTHERS)))
    return jointly(
        judged(
            at_least("smallest distance of the others from the least Euclidean norm, relative", others, 0.01),
            f"Coordinate descent in two orders and a random preconditioner end at least {others:.2f} of its length "
            "away from the solution of least norm.",
        ),
        judged(
            at_most("distance of gradient descent from the least Euclidean norm, relative", descent, 1e-6),
            f"Gradient descent ends {descent:.0e} of its length away from the solution of least norm.",
        ),
    )


CLAIM = Claim(
    id="algorithms",
    source="Section 1",
    statement="On underdetermined least squares gradient descent from 0 ends at the solution of least Euclidean norm; "
    "coordinate descent and preconditioned gradient descent end at others, PAᵀ(APAᵀ)⁻¹y, where P is the preconditioner "
    "or, for coordinate descent, the inverse of a triangle of AᵀA.",
    printed=Printed(
        "Gradient descent on an unregularized, underdetermined least squares problem yields the solution of least "
        "Euclidean norm, while coordinate descent or preconditioned gradient descent might yield another.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"{COUNT} normal measurements of {SIZE} numbers, normal data, a random positive definite preconditioner; "
    "coordinate descent minimizes one coordinate after the other, in the given and in a random order. The closed forms "
    "are not in the paper.",
)
