"""Balanced factors of an adapter's product: from thin QR decompositions, beside the SVD of the dense product.

Both are timed in turns, in one process, in double precision; the table has the medians, and the difference of the
products.

    python benchmarks/lora.py
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from equipoise.adapters.lora import balanced_factors

CASES = ((512, 512, 16), (1024, 1024, 16), (1024, 1024, 64), (2048, 512, 32))
TURNS = 3


def dense(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same factors, as tools find them that form the product."""
    left, values, right = np.linalg.svd(b @ a, full_matrices=False)
    roots = np.sqrt(values[: a.shape[0]])
    return roots[:, None] * right[: a.shape[0]], left[:, : a.shape[0]] * roots


def seconds(function: Callable[..., tuple[np.ndarray, np.ndarray]], *factors: np.ndarray) -> float:
    start = time.perf_counter()
    function(*factors)
    return time.perf_counter() - start


def main() -> None:
    print("| m | n | r | dense, ms | thin, ms | dense over thin | difference |\n|" + " --- |" * 7)
    for rows, columns, rank in CASES:
        generator = np.random.default_rng(0)
        a, b = generator.standard_normal((rank, columns)), 0.01 * generator.standard_normal((rows, rank))
        taken = [(seconds(dense, a, b), seconds(balanced_factors, a, b)) for _ in range(TURNS)]
        slow, fast = (statistics.median(times) for times in zip(*taken, strict=True))
        (one_a, one_b), (two_a, two_b) = dense(a, b), balanced_factors(a, b)
        difference = np.linalg.norm(one_b @ one_a - two_b @ two_a) / np.linalg.norm(b @ a)
        numbers = f"{slow * 1e3:.0f} | {fast * 1e3:.1f} | {slow / fast:.0f} | {difference:.0e}"
        print(f"| {rows} | {columns} | {rank} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
