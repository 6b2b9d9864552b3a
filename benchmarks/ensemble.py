"""Perturbed GD on Figure 2 (a) and its rank-10 case, compared with what a user would write: NumPy, PyTorch, JAX.

All contenders run the same instance, settings, replicates and steps in float64, and record loss and balance every 100
steps; their random numbers differ. Seconds are the median of three runs after one that compiles. The package and the
hand-written JAX take turns, so that neither gets the quieter machine.

    python benchmarks/ensemble.py [--steps N] [--out FILE]
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq

D1, D2, REPLICATES, EVERY = 20, 30, 100, 100
STEP_SIZE, START, STD_X, STD_Y = 1e-2, 1e-2, 1.5**0.5 * 0.05, 0.05


def target(rank: int) -> np.ndarray:
    return np.eye(D1, rank) @ np.eye(D2, rank).T


def package(rank: int, steps: int) -> np.ndarray:
    problem = eq.problems.planted((D1, D2), rank)
    dynamics = eq.dynamics.PerturbedGD(STEP_SIZE, eq.noise.Gaussian((STD_X, STD_Y)))
    record = eq.Record(every=EVERY, observables=("loss", "balance"))
    start = eq.initial.Gaussian(START)
    run = eq.simulate(problem, dynamics, start, seed=0, replicates=REPLICATES, steps=steps, record=record)
    return run.dataset["balance"].values[:, -1]


def hand_written_jax(rank: int) -> Callable[[int], np.ndarray]:
    """What a careful user of JAX writes: scan over steps, vmap over replicates, one key per step."""
    m = jnp.asarray(target(rank))

    def step(theta, key):
        x, y = theta
        key_x, key_y = jax.random.split(key)
        xt = x + STD_X * jax.random.normal(key_x, x.shape)
        yt = y + STD_Y * jax.random.normal(key_y, y.shape)
        residual = xt @ yt.T - m
        return (x - STEP_SIZE * residual @ yt, y - STEP_SIZE * residual.T @ xt), None

    def stretch(theta, key):
        theta, _ = jax.lax.scan(step, theta, jax.random.split(key, EVERY))
        x, y = theta
        loss = 0.5 * jnp.sum((x @ y.T - m) ** 2)
        return theta, (loss, jnp.linalg.norm(x) / jnp.linalg.norm(y))

    def replicate(key, stretches):
        key_x, key_y, key = jax.random.split(key, 3)
        x, y = START * jax.random.normal(key_x, (D1, rank)), START * jax.random.normal(key_y, (D2, rank))
        return jax.lax.scan(stretch, (x, y), jax.random.split(key, stretches))[1]

    run = jax.jit(jax.vmap(replicate, in_axes=(0, None)), static_argnums=1)

    def whole(steps: int) -> np.ndarray:
        _, balance = run(jax.random.split(jax.random.key(0), REPLICATES), steps // EVERY)
        return np.asarray(balance)[:, -1]

    return whole


def numpy_batched(rank: int, steps: int) -> np.ndarray:
    generator, m = np.random.default_rng(0), target(rank)
    x = START * generator.standard_normal((REPLICATES, D1, rank))
    y = START * generator.standard_normal((REPLICATES, D2, rank))
    records = []
    for t in range(steps):
        xt = x + STD_X * generator.standard_normal(x.shape)
        yt = y + STD_Y * generator.standard_normal(y.shape)
        residual = xt @ yt.transpose(0, 2, 1) - m
        x, y = x - STEP_SIZE * residual @ yt, y - STEP_SIZE * residual.transpose(0, 2, 1) @ xt
        if (t + 1) % EVERY == 0:
            loss = 0.5 * np.sum((x @ y.transpose(0, 2, 1) - m) ** 2, axis=(1, 2))
            records.append((loss, np.sqrt(np.sum(x**2, axis=(1, 2)) / np.sum(y**2, axis=(1, 2)))))
    return records[-1][1]


def torch_batched(rank: int, steps: int) -> np.ndarray:
    import torch

    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    m = torch.from_numpy(target(rank))
    x, y = START * normal(REPLICATES, D1, rank), START * normal(REPLICATES, D2, rank)
    records = []
    with torch.no_grad():
        for t in range(steps):
            xt, yt = x + STD_X * normal(*x.shape), y + STD_Y * normal(*y.shape)
            residual = torch.baddbmm(-m.expand(REPLICATES, D1, D2), xt, yt.transpose(1, 2))
            x, y = x - STEP_SIZE * residual @ yt, y - STEP_SIZE * residual.transpose(1, 2) @ xt
            if (t + 1) % EVERY == 0:
                loss = 0.5 * ((x @ y.transpose(1, 2) - m) ** 2).sum((1, 2))
                records.append((loss, (x**2).sum((1, 2)).sqrt() / (y**2).sum((1, 2)).sqrt()))
    return records[-1][1].numpy()


def measured(contenders: dict[str, Callable[[], np.ndarray]]) -> dict[str, dict[str, float]]:
    """Seconds of the first run, and the median of three more; the contenders take turns."""
    first, more, ends = {}, {name: [] for name in contenders}, {}
    for turn in range(4):
        for name, run in contenders.items():
            begin = time.perf_counter()
            ends[name] = float(np.median(run()))
            seconds = time.perf_counter() - begin
            if turn:
                more[name].append(seconds)
            else:
                first[name] = seconds
    return {
        name: {"first_seconds": first[name], "seconds": statistics.median(more[name]), "median_balance": ends[name]}
        for name in contenders
    }


def compare(rank: int, steps: int) -> dict[str, dict[str, float]]:
    contenders: dict[str, Callable[[], np.ndarray]] = {
        "equipoise": lambda: package(rank, steps),
        "numpy": lambda: numpy_batched(rank, steps),
    }
    try:
        import torch  # noqa: F401

        contenders["torch"] = lambda: torch_batched(rank, steps)
    except ImportError:
        print("PyTorch is not installed; it is left out.")
    by_hand = hand_written_jax(rank)

    def jax_by_hand() -> np.ndarray:
        with jax.enable_x64(True):
            return by_hand(steps)

    contenders["jax by hand"] = jax_by_hand
    return measured(contenders)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    machine = {**eq.results.machine(), **eq.results.versions()}
    document = {"machine": machine, "replicates": REPLICATES, "steps": arguments.steps, "cases": {}}
    print(f"{REPLICATES} replicates, {arguments.steps} steps, loss and balance every {EVERY}; {os.cpu_count()} cores")
    for rank in (1, 10):
        results = compare(rank, arguments.steps)
        document["cases"][f"rank {rank}"] = results
        reference = results["equipoise"]["seconds"]
        print(f"\nrank {rank}: contender, seconds of the first run, seconds, times equipoise, median balance")
        for name, result in results.items():
            ratio = result["seconds"] / reference
            print(
                f"  {name:12s} {result['first_seconds']:8.2f} {result['seconds']:8.2f} {ratio:8.2f} "
                f"{result['median_balance']:8.4f}"
            )
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)


if __name__ == "__main__":
    main()
