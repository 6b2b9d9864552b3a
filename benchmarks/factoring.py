"""`factor` at rank 10 beside the truncated SVDs of scikit-learn and SciPy, in turns, in one process.

    python -m benchmarks factoring

Each matrix is factored once before the clock starts, since JAX compiles at the first call; that time is told by itself.
The distances are ‖W − W*‖/‖W*‖, where W* is the best approximation of rank R by a full or fully converged SVD.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

import equipoise as eq

RANK, TURNS = 10, 5
Factors = tuple[np.ndarray, np.ndarray]


def matrices() -> dict[str, Any]:
    """Digits, a dense matrix with a falling spectrum in noise, a sparse one with such a spectrum, and a tall table."""
    from sklearn.datasets import load_digits

    generator = np.random.default_rng(0)
    left, right = (np.linalg.qr(generator.standard_normal((d, 100)))[0] for d in (2000, 3000))
    dense = (left * (1000 * 0.8 ** np.arange(100))) @ right.T + 0.1 * generator.standard_normal((2000, 3000))
    return {
        "digits, 1797 x 64": load_digits().data,
        "dense, 2000 x 3000": dense,
        "sparse, 20 000 x 5000, 1 000 000 entries": _sparse(generator, (20_000, 5000), 10**6),
        "table, 100 004 x 4": generator.standard_normal((100_004, 4)) * [5.0, 3.0, 2.0, 1.0] + [1.0, 2.0, 3.0, 4.0],
    }


def _sparse(generator: np.random.Generator, shape: tuple[int, int], entries: int) -> scipy.sparse.csr_array:
    """Entries whose size falls with the row and the column, so that the spectrum falls."""
    found = scipy.sparse.random_array(shape, density=entries / (shape[0] * shape[1]), rng=generator)
    falling = [1 / np.sqrt(1 + np.arange(d)) for d in shape]
    return scipy.sparse.csr_array(found.multiply(falling[0][:, None]).multiply(falling[1][None, :]))


def measure() -> dict[str, Any]:
    return {name: _measured(matrix) for name, matrix in matrices().items()}


def _measured(matrix: Any) -> dict[str, Any]:
    """The first call, the median times in turns, and how far each result is from the best approximation."""
    rank = min(RANK, min(matrix.shape) - 1)
    contenders = {"equipoise": _equipoise, "randomized_svd": _randomized, "svds": _svds}
    begin = time.perf_counter()
    first = eq.estimators.factor(matrix, rank, progress=False)
    cold = time.perf_counter() - begin
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    found: dict[str, Factors] = {}
    for _ in range(TURNS):
        for name, contender in contenders.items():
            begin = time.perf_counter()
            found[name] = contender(matrix, rank)
            seconds[name].append(time.perf_counter() - begin)
    best = _best(matrix, rank)
    return {
        "rank": rank,
        "seconds": {name: float(np.median(times)) for name, times in seconds.items()},
        "first": cold,
        "distance": {name: _distance(factors, best) for name, factors in found.items()},
        "steps": first.settings.steps,
        "of the steps alone": None if first.polish is None else first.polish.distance,
        "balance": first.score.balance,
    }


def _equipoise(matrix: Any, rank: int) -> Factors:
    found = eq.estimators.factor(matrix, rank, progress=False)
    return found.x, found.y


def _randomized(matrix: Any, rank: int) -> Factors:
    from sklearn.utils.extmath import randomized_svd

    a, s, bt = randomized_svd(matrix, rank, random_state=0)
    return a * s, bt.T


def _svds(matrix: Any, rank: int) -> Factors:
    a, s, bt = scipy.sparse.linalg.svds(matrix, rank, v0=np.ones(min(matrix.shape)))
    return a * s, bt.T


def _best(matrix: Any, rank: int) -> Factors:
    """By a full SVD, or by ARPACK to full precision where that is too large."""
    if scipy.sparse.issparse(matrix):
        return _svds(matrix, rank)
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    return a[:, :rank] * s[:rank], bt[:rank].T


def _distance(one: Factors, other: Factors) -> float:
    """‖X₁Y₁ᵀ − X₂Y₂ᵀ‖/‖X₂Y₂ᵀ‖ from the factors alone."""
    left, right = np.hstack([one[0], -other[0]]), np.hstack([one[1], other[1]])
    return _norm((left, right)) / _norm(other)


def _norm(factors: Sequence[np.ndarray]) -> float:
    left, right = (np.linalg.qr(factor, mode="r") for factor in factors)
    return float(np.linalg.norm(left @ right.T))


def table(found: dict[str, Any]) -> list[str]:
    names = {"equipoise": "factor", "randomized_svd": "randomized_svd", "svds": "svds"}
    head = ["", *(f"{shown}: s" for shown in names.values()), "times randomized_svd"]
    head += [f"{shown}: distance" for shown in names.values()]
    head += ["of the gradient steps alone", "first call: s"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for name, each in found.items():
        seconds, distances = each["seconds"], each["distance"]
        cells = [f"{name}, rank {each['rank']}", *(f"{seconds[key]:.3g}" for key in names)]
        cells.append(f"{seconds['equipoise'] / seconds['randomized_svd']:.1f}")
        cells += [f"{distances[key]:.0e}" for key in names]
        steps = each["of the steps alone"]
        cells += ["–" if steps is None else f"{steps:.0e}", f"{each['first']:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
