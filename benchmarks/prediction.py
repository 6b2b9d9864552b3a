"""How good the stated error of a predicted balance is: simulated against predicted, over ln²(balance/γ).

    python benchmarks/prediction.py

`equipoise.estimators.predict` states 5 ln²(balance/γ). Here the factor is measured on random matrices of low rank, with
a small rest, at two step sizes, by the law engine: 64 replicates, and the mean of the balance over the last three
quarters of 40 000 steps.
"""

import numpy as np

import equipoise as eq

CASES = (((30, 20), 1, 2.0), ((80, 40), 3, 0.5), ((60, 200), 4, 3.0), ((200, 50), 2, 2.0))
TOP, STEPS, REPLICATES = 3.0, 40_000, 64


def matrix(shape: tuple[int, int], rank: int, seed: int) -> np.ndarray:
    draws = np.random.default_rng(seed)
    left, right = (np.linalg.qr(draws.standard_normal((d, rank + 3)))[0] for d in shape)
    return (left * np.r_[np.linspace(TOP, 1, rank), [0.3, 0.2, 0.1]]) @ right.T


def balances(problem: eq.problems.Factored, found: eq.estimators.PredictedLimit, wanted: float) -> np.ndarray:
    """The mean balance of each replicate, from the γ-balanced minimum on."""
    noise = eq.noise.Gaussian(tuple(found.noise_std))
    start = eq.theory.canonical_factors(*problem.with_signal().signal.factors(), gamma=wanted)
    run = eq.simulate(
        problem,
        eq.dynamics.PerturbedGD(tuple(found.step_sizes), noise),
        eq.initial.Given(start),
        seed=1,
        steps=STEPS,
        replicates=REPLICATES,
        record=eq.Record(every=200, observables=("balance",)),
        engine="law",
        progress=False,
    )
    late = run.dataset["balance"].where(run.dataset["step"] >= STEPS // 4, drop=True)
    return np.asarray(late.mean("step"))


def main() -> None:
    for seed, (shape, rank, wanted) in enumerate(CASES):
        given = matrix(shape, rank, seed)
        for size in (0.1, 0.2):
            found = eq.estimators.predict(given, rank, balance=wanted, shrinkage=0.05, step_size=size / TOP)
            seen = balances(eq.problems.factorization(given, rank=rank), found, wanted)
            square = np.log(found.balance / found.gamma) ** 2
            factor, error = abs(seen.mean() / found.balance - 1) / square, seen.std(ddof=1) / REPLICATES**0.5
            print(
                f"{shape}, rank {rank}, ησ1 = {size}: predicted {found.balance:.4f}, simulated {seen.mean():.4f} ± "
                f"{error:.4f}; factor {factor:.2f} ± {error / wanted / square:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
