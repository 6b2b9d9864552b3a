"""What watching costs: training with and without a `BalanceMonitor`, taking turns, at its default interval.

    python benchmarks/balance_monitor.py [--rounds 100] [--out FILE]

Each round trains the same model for 500 steps without the monitor and 500 with it attached, one record in them, in an
order that changes from round to round. Seconds are of the processor, for this process alone. The ratio is that of
seconds with over seconds without, less 1: the median over rounds with its standard error, and that of the fastest tenth
of the blocks, which other programs on the machine disturb least. The share is what one record takes, measured alone,
over what the steps between two records take: what the ratio should be, but for caches that a record empties.
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

STEPS, BATCH = 500, 64


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


def measure(make: Callable[[], tuple[nn.Module, torch.Tensor]], rounds: int, steps: int) -> dict[str, float]:
    torch.manual_seed(0)
    model, inputs = make()
    train, optimizer = trainer(model, inputs)
    monitor = eq.adapters.torch.BalanceMonitor(model, every=STEPS)

    def watched() -> None:
        with monitor.attach(optimizer):
            train(steps)

    watched(), train(steps)
    without, beside = [], []
    for turn in range(rounds):
        order = [(without, lambda: train(steps)), (beside, watched)]
        for seconds, call in order[:: 1 if turn % 2 else -1]:
            seconds.append(timed(call))
    ratios = [b / a - 1 for a, b in zip(without, beside, strict=True)]
    alone = eq.adapters.torch.BalanceMonitor(model)
    records = [timed(lambda i=i: alone.record(i)) for i in range(200)]
    step, record = statistics.median(without) / steps, statistics.median(records)
    spread = statistics.stdev(ratios) if len(ratios) > 1 else float("nan")
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "pairs": len(monitor.pairs),
        "rounds": rounds,
        "step_microseconds": 1e6 * step,
        "record_microseconds": 1e6 * record,
        "share": record / (STEPS * step),
        "ratio": statistics.median(ratios),
        "standard_error": 1.25 * spread / rounds**0.5,  # of a median of normal numbers
        "ratio_fastest": fastest(beside) / fastest(without) - 1,
    }


def fastest(seconds: list[float]) -> float:
    """The mean of the fastest tenth."""
    return statistics.fmean(sorted(seconds)[: max(1, len(seconds) // 10)])


CASES = {"digits MLP": perceptron, "digits conv net": convolutions, "deep linear": linear, "wide MLP": wide}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--out")
    given = parser.parse_args()
    torch.set_num_threads(1)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one thread, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, torch {torch.__version__}; batches of {BATCH}, a record every {STEPS} steps")
    print(
        f"{'model':16}{'weights':>9}{'pairs':>6}{'step µs':>9}{'record µs':>11}{'share':>8}{'ratio':>16}{'fastest':>9}"
    )
    found = {}
    for name, make in CASES.items():
        rounds = given.rounds if name != "wide MLP" else max(4, given.rounds // 10)
        found[name] = measure(make, rounds, STEPS)
        values = found[name]
        print(
            f"{name:16}{values['parameters']:>9}{values['pairs']:>6}{values['step_microseconds']:>9.0f}"
            f"{values['record_microseconds']:>11.0f}{values['share']:>8.2%}{values['ratio']:>8.2%} ± "
            f"{values['standard_error']:.2%}{values['ratio_fastest']:>9.2%}",
            flush=True,
        )
    if given.out:
        with open(given.out, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "torch": torch.__version__, "cases": found}, file, indent=2)


if __name__ == "__main__":
    main()
