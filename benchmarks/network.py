"""The network of Du et al. (2018), Figure 2, in full-batch gradient descent, compared with what a user would write.

The network is 1000 → 100 → 100 → 10 with ReLU and without biases, on 1000 points; the squared norm of each layer is
recorded every 10 steps. Contenders: the package, PyTorch (autograd in a loop), JAX with a jitted step in a Python loop,
and JAX with all steps in one compiled scan. All start from the same weights, in the same precision, and are checked to
end at the same norms. They take turns, block after block in one process, in an order that rotates, so that none gets
the quieter machine. The first block, which compiles, is reported separately. Ratios are of the package's time to
another's: the median over the rounds, and that of the fastest blocks.

    python benchmarks/network.py [--dtype float32 float64] [--steps N] [--rounds N] [--cpu] [--out FILE]

With --cpu, the processor time of all threads is measured. On a machine with other work, where threads waste time
waiting for each other, give the process one core: OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/network.py --cpu
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

WIDTHS, POINTS, EVERY, STEP_SIZE = (1000, 100, 100, 10), 1000, 10, 0.1
STD = (1e-2, 1e-2, 1e-2)

Contender = Callable[[int], np.ndarray]
"""From a number of steps to the recorded squared norms."""


def data(dtype: str) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    random = np.random.default_rng(2018)
    inputs = random.uniform(-0.5, 0.5, (POINTS, WIDTHS[0])).astype(dtype)
    targets = random.standard_normal((POINTS, WIDTHS[-1])).astype(dtype)
    shapes = zip(WIDTHS[1:], WIDTHS[:-1], strict=True)
    theta = tuple((s * random.standard_normal(shape)).astype(dtype) for s, shape in zip(STD, shapes, strict=True))
    return inputs, targets, theta


def package(dtype: str) -> Contender:
    inputs, targets, theta = data(dtype)
    problem = eq.problems.network(WIDTHS, inputs, targets, dtype=dtype)
    dynamics = eq.dynamics.GradientDescent(STEP_SIZE)
    record = eq.Record(every=EVERY, observables=("squared_norms",))
    start = eq.initial.Given(theta)

    def run(steps: int) -> np.ndarray:
        ran = eq.simulate(problem, dynamics, start, seed=0, steps=steps, record=record, progress=False)
        return ran.dataset["squared_norms"].values[0, 1:]

    return run


def torch_loop(dtype: str) -> Contender:
    import torch

    inputs, targets, theta = data(dtype)
    x, y = torch.from_numpy(inputs), torch.from_numpy(targets)

    def run(steps: int) -> np.ndarray:
        weights = [torch.tensor(w, requires_grad=True) for w in theta]
        optimizer = torch.optim.SGD(weights, lr=STEP_SIZE)
        recorded = []
        for t in range(steps):
            optimizer.zero_grad()
            outputs = torch.relu(torch.relu(x @ weights[0].T) @ weights[1].T) @ weights[2].T
            loss = 0.5 * ((outputs - y) ** 2).sum(dim=1).mean()
            loss.backward()
            optimizer.step()
            if (t + 1) % EVERY == 0:
                recorded.append([w.detach().square().sum().item() for w in weights])
        return np.array(recorded)

    return run


def jax_step(dtype: str) -> Callable[[], tuple]:
    """θ₀, the step and the recorded norms, as a user of JAX writes them."""
    inputs, targets, theta = data(dtype)
    x, y = jnp.asarray(inputs), jnp.asarray(targets)

    def loss(weights):
        outputs = jax.nn.relu(jax.nn.relu(x @ weights[0].T) @ weights[1].T) @ weights[2].T
        return 0.5 * jnp.mean(jnp.sum((outputs - y) ** 2, axis=1))

    def step(weights):
        return tuple(w - STEP_SIZE * g for w, g in zip(weights, jax.grad(loss)(weights), strict=True))

    def norms(weights):
        return jnp.stack([jnp.sum(w**2) for w in weights])

    return tuple(jnp.asarray(w) for w in theta), step, norms


def jax_loop(dtype: str) -> Contender:
    start, step, norms = jax_step(dtype)
    step, norms = jax.jit(step), jax.jit(norms)

    def run(steps: int) -> np.ndarray:
        weights, recorded = start, []
        for t in range(steps):
            weights = step(weights)
            if (t + 1) % EVERY == 0:
                recorded.append(norms(weights))
        return np.asarray(jnp.stack(recorded))

    return run


def jax_scan(dtype: str) -> Contender:
    start, step, norms = jax_step(dtype)

    def stretch(weights, _):
        weights, _ = jax.lax.scan(lambda w, _: (step(w), None), weights, length=EVERY)
        return weights, norms(weights)

    whole = jax.jit(lambda weights, looks: jax.lax.scan(stretch, weights, length=looks)[1], static_argnums=1)
    return lambda steps: np.asarray(whole(start, steps // EVERY))


def in_precision(make: Callable[[str], Contender], dtype: str) -> Contender:
    """A contender in JAX whose arrays keep the given precision."""
    with jax.enable_x64(dtype == "float64"):
        made = make(dtype)

    def run(steps: int) -> np.ndarray:
        with jax.enable_x64(dtype == "float64"):
            return made(steps)

    return run


def contenders(dtype: str) -> dict[str, Contender]:
    found = {
        "equipoise": package(dtype),
        "JAX, loop": in_precision(jax_loop, dtype),
        "JAX, scan": in_precision(jax_scan, dtype),
    }
    try:
        found["PyTorch"] = torch_loop(dtype)
    except ImportError:
        print("PyTorch is not installed; it is left out.")
    return found


def timed(runs: dict[str, Contender], steps: int, rounds: int, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Seconds of each block, the first of which compiles; the contenders take turns, in an order that rotates."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    ends = {}
    for turn in range(rounds + 1):
        names = list(runs)[turn % len(runs) :] + list(runs)[: turn % len(runs)]
        for name in names:
            begin = clock()
            ends[name] = runs[name](steps)[-1]
            seconds[name].append(clock() - begin)
    for name, end in ends.items():
        np.testing.assert_allclose(end, ends["equipoise"], rtol=1e-3, err_msg=f"{name} ends elsewhere")
    return seconds


def summary(seconds: dict[str, list[float]], steps: int) -> dict[str, dict[str, float]]:
    own = seconds["equipoise"][1:]
    return {
        name: {
            "first_seconds": blocks[0],
            "milliseconds_a_step": 1000 * statistics.median(blocks[1:]) / steps,
            "fastest": 1000 * min(blocks[1:]) / steps,
            "ratio": statistics.median(a / b for a, b in zip(own, blocks[1:], strict=True)),
            "ratio_of_fastest": min(own) / min(blocks[1:]),
        }
        for name, blocks in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", nargs="+", default=["float32", "float64"])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--cpu", action="store_true", help="count the processor's time")
    parser.add_argument("--out")
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = {**eq.results.machine(), "cores": cores, **eq.results.versions()}
    document = {"machine": machine, "steps": given.steps, "rounds": given.rounds, "cpu_time": given.cpu, "cases": {}}
    clock = time.process_time if given.cpu else time.perf_counter
    for dtype in given.dtype:
        found = summary(timed(contenders(dtype), given.steps, given.rounds, clock), given.steps)
        document["cases"][dtype] = found
        print(f"\n{dtype}, {given.rounds} blocks of {given.steps} steps, on {cores} cores")
        print("             first block, s   ms a step: median, fastest   equipoise over it: median, fastest")
        for name, row in found.items():
            print("  {:10s} {:15.2f} {:19.3f} {:9.3f} {:26.3f} {:9.3f}".format(name, *row.values()), flush=True)
    if given.out:
        with open(given.out, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)


if __name__ == "__main__":
    main()
