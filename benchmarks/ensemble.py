"""Perturbed GD on Figure 2 (a) and its rank-10 case, compared with what a user would write: NumPy, PyTorch, JAX.

All contenders run the same instance, settings, replicates and steps in float64, and record loss and balance every 100
steps; their random numbers differ, but for the two engines of the package. Seconds are the median of three runs after
one that compiles. The contenders take turns, so that none gets the quieter machine.

    python -m benchmarks ensemble
"""

import functools
import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.machine import native

D1, D2, REPLICATES, EVERY = 20, 30, 100, 100
STEPS = {1: 20_000, 10: 5_000}
ENGINES = "native", "xla"
STEP_SIZE, START, STD_X, STD_Y = 1e-2, 1e-2, 1.5**0.5 * 0.05, 0.05


def target(rank: int) -> np.ndarray:
    return np.eye(D1, rank) @ np.eye(D2, rank).T


def package(rank: int, steps: int, engine: str) -> np.ndarray:
    problem = eq.problems.planted((D1, D2), rank)
    dynamics = eq.dynamics.PerturbedGD(STEP_SIZE, eq.noise.Gaussian((STD_X, STD_Y)))
    record = eq.Record(every=EVERY, observables=("loss", "balance"))
    start, options = eq.initial.Gaussian(START), {"record": record, "engine": engine, "progress": False}
    run = eq.simulate(problem, dynamics, start, seed=0, replicates=REPLICATES, steps=steps, **options)
    return run.dataset["balance"].values[:, -1]


def on_one_thread(rank: int, steps: int) -> np.ndarray:
    os.environ[native.THREADS_VARIABLE] = "1"
    try:
        return package(rank, steps, "native")
    finally:
        del os.environ[native.THREADS_VARIABLE]


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
    """The fastest NumPy: the fastest generator, all numbers of a step at once, and no residual of d1 x d2."""
    generator, m = np.random.Generator(np.random.SFC64(0)), target(rank)
    x = START * generator.standard_normal((REPLICATES, D1, rank))
    y = START * generator.standard_normal((REPLICATES, D2, rank))
    z, split = np.empty(x.size + y.size), x.size
    records = []
    for t in range(steps):
        generator.standard_normal(out=z)
        xt, yt = x + STD_X * z[:split].reshape(x.shape), y + STD_Y * z[split:].reshape(y.shape)
        of_x, of_y = xt.transpose(0, 2, 1) @ xt, yt.transpose(0, 2, 1) @ yt
        x -= STEP_SIZE * (xt @ of_y - m @ yt)
        y -= STEP_SIZE * (yt @ of_x - m.T @ xt)
        if (t + 1) % EVERY == 0:
            loss = 0.5 * np.sum((x @ y.transpose(0, 2, 1) - m) ** 2, axis=(1, 2))
            records.append((loss, np.sqrt(np.sum(x**2, axis=(1, 2)) / np.sum(y**2, axis=(1, 2)))))
    return records[-1][1]


def torch_batched(rank: int, steps: int, step: Callable[..., Any]) -> np.ndarray:
    import torch

    torch.manual_seed(0)
    m = torch.from_numpy(target(rank))
    x, y = (START * torch.randn(REPLICATES, d, rank, dtype=torch.float64) for d in (D1, D2))
    records = []
    with torch.no_grad():
        for t in range(steps):
            x, y = step(x, y, m)
            if (t + 1) % EVERY == 0:
                loss = 0.5 * ((x @ y.transpose(1, 2) - m) ** 2).sum((1, 2))
                records.append((loss, (x**2).sum((1, 2)).sqrt() / (y**2).sum((1, 2)).sqrt()))
    return records[-1][1].numpy()


def torch_step(x: Any, y: Any, m: Any) -> tuple[Any, Any]:
    """One step of PyTorch, for use as it is and compiled."""
    import torch

    xt, yt = x + STD_X * torch.randn_like(x), y + STD_Y * torch.randn_like(y)
    residual = torch.baddbmm(-m.expand(REPLICATES, D1, D2), xt, yt.transpose(1, 2))
    return x - STEP_SIZE * residual @ yt, y - STEP_SIZE * residual.transpose(1, 2) @ xt


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
    """The times of all contenders that are installed."""
    contenders: dict[str, Callable[[], np.ndarray]] = {
        f"equipoise, {engine}": functools.partial(package, rank, steps, engine) for engine in ENGINES
    }
    contenders["equipoise, native, 1 thread"] = lambda: on_one_thread(rank, steps)
    contenders["NumPy, batched"] = lambda: numpy_batched(rank, steps)
    if importlib.util.find_spec("torch"):
        import torch

        compiled_step = torch.compile(torch_step)
        contenders["PyTorch, batched"] = lambda: torch_batched(rank, steps, torch_step)
        contenders["PyTorch, compiled"] = lambda: torch_batched(rank, steps, compiled_step)
    by_hand = hand_written_jax(rank)

    def jax_by_hand() -> np.ndarray:
        with jax.enable_x64(True):
            return by_hand(steps)

    contenders["JAX by hand"] = jax_by_hand
    return measured(contenders)


def normals(seconds: float = 1.0) -> float:
    """The seconds that the native engine needs for one normal number, with all threads."""
    module, numbers, key = native.compiled(), np.empty(2**22), np.zeros(2, np.uint32)
    taken, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        module.normals(key, 0, numbers, native.threads(), native.asked_build())
        taken.append(time.perf_counter() - before)
    return statistics.median(taken) / numbers.size


def measure() -> dict[str, Any]:
    """Everything that the table needs: microseconds a step of the whole ensemble."""
    cases: dict[str, Any] = {}
    for rank in (1, 10):
        steps = STEPS[rank]
        found = compare(rank, steps)
        cases[f"rank {rank}"] = {name: 1e6 * of["seconds"] / steps for name, of in found.items()}
        cases[f"rank {rank}, first run"] = {name: of["first_seconds"] for name, of in found.items()}
    each = 1e6 * normals()
    cases["normals"] = {f"rank {rank}": each * REPLICATES * (D1 + D2) * rank for rank in (1, 10)}
    return cases


def table(cases: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    lines = [
        "| | rank 1: µs a step | times native | rank 10: µs a step | times native |",
        "| --- | --- | --- | --- | --- |",
    ]
    own = [cases[f"rank {rank}"]["equipoise, native"] for rank in (1, 10)]
    for name in cases["rank 1"]:
        took = [cases[f"rank {rank}"][name] for rank in (1, 10)]
        cells = [cell for t, o in zip(took, own, strict=True) for cell in (f"{t:.3g}", f"{t / o:.1f}")]
        lines.append(f"| {' | '.join([name, *cells])} |")
    numbers = [cases["normals"][f"rank {rank}"] for rank in (1, 10)]
    cells = [cell for t, o in zip(numbers, own, strict=True) for cell in (f"{t:.3g}", f"{t / o:.2f}")]
    lines.append(f"| {' | '.join(['its normal numbers alone', *cells])} |")
    return lines
