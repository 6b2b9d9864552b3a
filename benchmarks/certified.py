"""The certified minimum nuclear norm: sizes, seconds and gaps, compared with cvxpy with SCS and CLARABEL if installed.

The problems are those of Gunasekar et al. (2017), Figures 1 and 3: n = 50, m = 300 or 25, Gaussian measurements or
entries, a planted matrix of rank 2 or with the spectrum k^-1.5. With --large there are also 90 570 synthetic ratings of
943 x 1682.

    python benchmarks/certified.py [--others] [--large] [--seconds S]
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import equipoise.certified as certified

SIZE = 50


class Case(NamedTuple):
    name: str
    operator: Any
    data: np.ndarray
    psd: bool


def planted(kind: str, random: np.random.Generator) -> np.ndarray:
    """A psd matrix of rank 2, or with the spectrum k^-1.5."""
    if kind == "rank 2":
        factor = random.standard_normal((SIZE, 2))
        return factor @ factor.T / SIZE
    basis = np.linalg.qr(random.standard_normal((SIZE, SIZE)))[0]
    return (basis * np.arange(1, SIZE + 1) ** -1.5) @ basis.T


def gaussian(kind: str, count: int, psd: bool) -> Case:
    random = np.random.default_rng(0)
    matrices = random.standard_normal((count, SIZE, SIZE))
    matrices = (matrices + matrices.transpose(0, 2, 1)) / 2
    data = np.einsum("kij,ij->k", matrices, planted(kind, random))
    return Case(f"Gaussian m={count}, {kind}", matrices, data, psd)


def entries(kind: str, count: int, psd: bool) -> Case:
    random = np.random.default_rng(0)
    truth = planted(kind, random)
    rows, columns = np.triu_indices(SIZE) if psd else (part.ravel() for part in np.indices(truth.shape))
    seen = random.choice(rows.size, count, replace=False)
    rows, columns = rows[seen], columns[seen]
    return Case(f"entries m={count}, {kind}", (rows, columns, truth.shape), truth[rows, columns], psd)


def ratings(count: int = 90_570, shape: tuple[int, int] = (943, 1682)) -> Case:
    """Whole stars, with a mean per user and per item, five common tastes, and popularity by power laws."""
    random = np.random.default_rng(0)
    weights = np.outer(np.arange(1, shape[0] + 1) ** -0.6, np.arange(1, shape[1] + 1) ** -0.9).ravel()
    # the largest values of log w + Gumbel noise are a draw without replacement, with weights w
    keys = np.log(weights) + random.gumbel(size=weights.size)
    rows, columns = np.divmod(np.argpartition(-keys, count)[:count], shape[1])
    taste = random.standard_normal((shape[0], 5)) @ random.standard_normal((5, shape[1])) / 5**0.5
    stars = 3.5 + 0.5 * (random.standard_normal(shape[0])[rows] + random.standard_normal(shape[1])[columns])
    stars += 0.5 * taste[rows, columns] + 0.6 * random.standard_normal(count)
    return Case("ratings 943 x 1682", (rows, columns, shape), np.clip(np.round(stars), 1, 5), False)


def cvxpy_value(case: Case, solver: str, settings: dict[str, Any]) -> float:
    import cvxpy as cp

    variable = cp.Variable((SIZE, SIZE), PSD=True) if case.psd else cp.Variable((SIZE, SIZE))
    flat = cp.vec(variable, order="C")
    if isinstance(case.operator, tuple):
        seen = flat[case.operator[0] * SIZE + case.operator[1]]
    else:
        seen = case.operator.reshape(case.data.size, -1) @ flat
    objective = cp.trace(variable) if case.psd else cp.normNuc(variable)
    return float(cp.Problem(cp.Minimize(objective), [seen == case.data]).solve(solver=solver, **settings))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def compare(case: Case, certificate: certified.Certificate) -> None:
    """Other solvers' values relative to the certified one; only values, since these solvers give no bound."""
    for package, solver, settings in (
        ("scs", "SCS", {"eps_abs": 1e-9, "eps_rel": 1e-9, "max_iters": 20_000, "time_limit_secs": 120}),
        ("clarabel", "CLARABEL", {"time_limit": 120.0}),
    ):
        if importlib.util.find_spec("cvxpy") is None or importlib.util.find_spec(package) is None:
            print(f"    {solver}: not installed")
            continue
        try:
            value, seconds = timed(lambda solver=solver, settings=settings: cvxpy_value(case, solver, settings))
            print(
                f"    {solver}: {seconds:.2f} s, value / upper - 1 = {value / certificate.upper - 1:+.1e}", flush=True
            )
        except Exception as problem:  # a failure of another package becomes a line of the table
            print(f"    {solver}: {problem}")


def show(case: Case, certificate: certified.Certificate) -> None:
    cone = "psd" if case.psd else "rectangular"
    print(
        f"{case.name} ({cone}): {certificate.seconds:.2f} s, {certificate.iterations} steps, "
        f"[{certificate.lower:.9g}, {certificate.upper:.9g}], {certificate.detail}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--others", action="store_true", help="also run cvxpy's solvers")
    parser.add_argument("--large", action="store_true", help="also the ratings")
    parser.add_argument("--seconds", type=float, default=180.0, help="budget for the ratings")
    chosen = parser.parse_args()
    for kind in ("rank 2", "spectrum k^-1.5"):
        for make, count in ((gaussian, 300), (gaussian, 25), (entries, 300)):
            for psd in (True, False):
                case = make(kind, count, psd)
                certificate = certified.minimum_nuclear_norm(case.operator, case.data, psd=psd)
                show(case, certificate)
                if chosen.others:
                    compare(case, certificate)
    if chosen.large:
        case = ratings()
        limits = {"gap": 5e-3, "max_seconds": chosen.seconds}
        show(case, certified.minimum_nuclear_norm(case.operator, case.data, psd=False, **limits))


if __name__ == "__main__":
    main()
