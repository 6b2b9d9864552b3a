"""What watching costs: training with and without a `BalanceMonitor`, taking turns in one run.

    python benchmarks/balance_monitor.py [--rounds 200] [--out FILE]

The same model is trained in blocks of 50 steps: by itself, with a monitor attached that records nothing, and with one
that records once a block; the three take turns in an order that rotates. Seconds are of the processor, for this process
alone. The medians over rounds of seconds, over those of the block without a monitor beside it, give the cost of
counting and of a record (with the caches that it empties), and so the ratio at the default interval: counting, and one
record in 500 steps. `alone` is what a record takes when nothing else runs between two.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable

import torch
from sklearn.datasets import load_digits
from torch import nn

import equipoise as eq

STEPS, BATCH, EVERY = 50, 64, 500


def perceptron() -> tuple[nn.Module, torch.Tensor]:
    layers = (nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))
    return nn.Sequential(*layers), torch.from_numpy(load_digits().data).float() / 16


def convolutions() -> tuple[nn.Module, torch.Tensor]:
    model, inputs = (
        nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)),
        ),
        torch.from_numpy(load_digits().images).float()[:, None] / 16,
    )
    return model, inputs


def linear() -> tuple[nn.Module, torch.Tensor]:
    """Every pair is watched as a matrix too."""
    return nn.Sequential(nn.Linear(64, 100), nn.Linear(100, 100), nn.Linear(100, 10)), perceptron()[1]


def wide() -> tuple[nn.Module, torch.Tensor]:
    layers = (nn.Linear(64, 2000), nn.ReLU(), nn.Linear(2000, 2000), nn.ReLU(), nn.Linear(2000, 10))
    return nn.Sequential(*layers), perceptron()[1]


def trainer(model: nn.Module, inputs: torch.Tensor) -> tuple[Callable[[int], None], torch.optim.Optimizer]:
    """Steps of stochastic gradient descent, the plainest and so the cheapest optimizer."""
    targets, chosen = torch.from_numpy(load_digits().target), torch.Generator().manual_seed(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def train(steps: int) -> None:
        for _ in range(steps):
            rows = torch.randint(len(inputs), (BATCH,), generator=chosen)
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimizer.step()

    return train, optimizer


def timed(call: Callable[[], None]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def measure(make: Callable[[], tuple[nn.Module, torch.Tensor]], rounds: int) -> dict[str, float]:
    torch.manual_seed(0)
    model, inputs = make()
    train, optimizer = trainer(model, inputs)
    counting, recording = (eq.adapters.torch.BalanceMonitor(model, every=every) for every in (10**9, STEPS))

    def block(monitor: eq.adapters.torch.BalanceMonitor | None) -> float:
        """The seconds of the steps alone: a monitor is attached once in a training, not in every block."""
        if monitor:
            monitor.attach(optimizer)
        taken = timed(lambda: train(STEPS))
        if monitor:
            monitor.detach()
        return taken

    monitors, seconds = [None, counting, recording], []
    for turn in range(rounds + 1):
        order = [(turn + k) % 3 for k in range(3)]
        taken = {which: block(monitors[which]) for which in order}
        seconds.append([taken[which] for which in range(3)])
    seconds = seconds[1:]  # the first starts the monitors
    step = statistics.median(row[0] for row in seconds) / STEPS
    count, count_error = typical([row[1] / row[0] - 1 for row in seconds])
    record, record_error = typical([(row[2] - row[1]) / row[0] for row in seconds])
    alone = eq.adapters.torch.BalanceMonitor(model)
    hot = statistics.median(timed(lambda i=i: alone.record(i)) for i in range(200))
    share = STEPS / EVERY
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "pairs": len(recording.pairs),
        "rounds": rounds,
        "step_microseconds": 1e6 * step,
        "alone_microseconds": 1e6 * hot,
        "record_microseconds": 1e6 * record * STEPS * step,
        "counting": count,
        "ratio": count + share * record,
        "standard_error": (count_error**2 + (share * record_error) ** 2) ** 0.5,
    }


def typical(values: list[float]) -> tuple[float, float]:
    """The median, and its standard error from the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, 1.25 * (high - low) / 1.35 / len(values) ** 0.5


CASES = {"digits MLP": perceptron, "digits conv net": convolutions, "deep linear": linear, "wide MLP": wide}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out")
    given = parser.parse_args()
    torch.set_num_threads(1)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one thread, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, torch {torch.__version__}; batches of {BATCH}, a record every {EVERY} steps")
    titles = ("step µs", "alone µs", "record µs", "counting")
    print(f"{'model':16}{'weights':>9}{'pairs':>6}{''.join(f'{title:>11}' for title in titles)}{'ratio':>9}")
    found = {}
    for name, make in CASES.items():
        values = found[name] = measure(make, given.rounds if name != "wide MLP" else max(3, given.rounds // 10))
        times = "".join(f"{values[key + '_microseconds']:>11.0f}" for key in ("step", "alone", "record"))
        print(
            f"{name:16}{values['parameters']:>9}{values['pairs']:>6}{times}{values['counting']:>11.2%}"
            f"{values['ratio']:>9.2%} ± {values['standard_error']:.2%}",
            flush=True,
        )
    if given.out:
        with open(given.out, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "torch": torch.__version__, "cases": found}, file, indent=2)


if __name__ == "__main__":
    main()
