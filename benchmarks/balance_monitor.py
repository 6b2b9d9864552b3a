"""The cost of monitoring: training with and without a `BalanceMonitor`, taking turns in one process.

    python benchmarks/balance_monitor.py [--rounds 100] [--laws graph|gradients] [--every 500] [--only NAME]

`measured`: the same model is trained for 500 steps without a monitor, and for 500 steps with one attached, which by
default records once in them. The residual net and the transformer, which have laws from gradients alone, make as many
steps as there are from record to record. With `--laws gradients` the laws are found in a round before those that count.
The two take turns, and which goes first changes from round to round. The number is the median over rounds of seconds
with over seconds without, minus 1, with its standard error. Seconds are processor time of this process. `--out FILE`
keeps the numbers as JSON.

`expected`: the same ratio from its parts, which other programs on the machine disturb less. The first part is a record,
with the time it adds to the next ten steps by emptying caches; both are medians over records in the middle of training.
The second part is the time that an attached monitor which only counts adds to a step. `alone` is the time of a record
when nothing else runs between records.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

import torch
from sklearn.datasets import load_digits
from torch import nn

import equipoise as eq

BATCH, EVERY, BETWEEN, AFTER = 64, 500, 40, 10


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
    """A deep linear network; every pair is also recorded as a matrix."""
    return nn.Sequential(nn.Linear(64, 100), nn.Linear(100, 100), nn.Linear(100, 10)), perceptron()[1]


def wide() -> tuple[nn.Module, torch.Tensor]:
    layers = (nn.Linear(64, 2000), nn.ReLU(), nn.Linear(2000, 2000), nn.ReLU(), nn.Linear(2000, 10))
    return nn.Sequential(*layers), perceptron()[1]


class Residual(nn.Module):
    """A convolutional net with two residual blocks and batch norms."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, width, 3, padding=1)
        parts = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Conv2d, nn.BatchNorm2d)
        options = {nn.Conv2d: ((width, width, 3), {"padding": 1}), nn.BatchNorm2d: ((width,), {}), nn.ReLU: ((), {})}
        self.blocks = nn.ModuleList(
            nn.Sequential(*(part(*options[part][0], **options[part][1]) for part in parts)) for _ in range(2)
        )
        self.last = nn.Linear(width, 10)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        h = torch.relu(self.first(inputs))
        for block in self.blocks:
            h = torch.relu(h + block(h))
        return self.last(h.mean((2, 3)))


class Transformer(nn.Module):
    """Two layers of width 64 that read the rows of an image one after the other."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.embed = nn.Linear(8, width)
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.last = nn.Linear(width, 10)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.last(self.layers(self.embed(inputs[:, 0])).mean(1))


def residual() -> tuple[nn.Module, torch.Tensor]:
    return Residual(), convolutions()[1]


def transformer() -> tuple[nn.Module, torch.Tensor]:
    return Transformer(), convolutions()[1]


def trainer(model: nn.Module, inputs: torch.Tensor) -> tuple[Callable[[int], None], torch.optim.Optimizer]:
    """A function that takes steps of stochastic gradient descent, the plainest and so the cheapest optimizer."""
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


def in_turns(
    model: nn.Module,
    train: Callable[[int], None],
    optimizer: torch.optim.Optimizer,
    rounds: int,
    laws: str,
    every: int,
    steps: int,
) -> list[float]:
    """Seconds with a monitor over seconds without, minus 1, in each round."""
    monitor = eq.adapters.torch.BalanceMonitor(model, laws=laws, every=every)
    ratios = []
    for turn in range(rounds + 1):
        taken = {}
        for watched in (turn % 2 == 0, turn % 2 == 1):
            if watched:
                monitor.attach(optimizer)
            taken[watched] = timed(lambda: train(steps))
            monitor.detach()
        ratios.append(taken[True] / taken[False] - 1)
    return ratios[1:]


def in_parts(model: nn.Module, train: Callable[[int], None], records: int, laws: str) -> tuple[float, float, float]:
    """Seconds of a step, of a record during training with the time it adds to the next steps, and of a record alone."""
    monitor = eq.adapters.torch.BalanceMonitor(model, laws=laws)
    monitor.record(0)
    train(10)  # in which laws are found or pairs are tested
    rows, taken = [], []
    for i in range(1, records + 1):
        taken.append(timed(lambda i=i: monitor.record(i)))
        rows.append([timed(lambda: train(1)) for _ in range(BETWEEN)])
    step = statistics.median(t for row in rows for t in row[AFTER:])
    added = sum(statistics.median(row[k] for row in rows) - step for k in range(AFTER))
    alone = [timed(lambda i=i: monitor.record(i)) for i in range(records + 1, records + 201)]
    return step, statistics.median(taken) + added, statistics.median(alone)


def counting() -> float:
    """Seconds that a monitor adds to every step of an optimizer, because it is called and counts."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    model(torch.ones(4)).sum().backward()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    monitor = eq.adapters.torch.BalanceMonitor(model, every=10**9)
    differences = []
    for _ in range(30):
        without = timed(lambda: [optimizer.step() for _ in range(1000)])
        with monitor.attach(optimizer):
            differences.append(timed(lambda: [optimizer.step() for _ in range(1000)]) - without)
    return max(0.0, statistics.median(differences)) / 1000


def measure(name: str, rounds: int, laws: str, every: int) -> dict[str, float]:
    make, steps = (CASES | GRAPHLESS)[name], every if name in GRAPHLESS else EVERY
    torch.manual_seed(0)
    model, inputs = make()
    train, optimizer = trainer(model, inputs)
    step, record, alone = in_parts(model, train, 3 * rounds, laws)
    ratios = in_turns(model, train, optimizer, rounds, laws, every, steps)
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "step_microseconds": 1e6 * step,
        "record_microseconds": 1e6 * record,
        "alone_microseconds": 1e6 * alone,
        "expected": (counting() + record / every) / step,
        "measured": middle,
        "standard_error": 1.25 * (high - low) / 1.35 / rounds**0.5,  # of a median, from the quartiles
        "rounds": rounds,
    }


CASES = {"digits MLP": perceptron, "digits conv net": convolutions, "deep linear": linear, "wide MLP": wide}
GRAPHLESS = {"residual net": residual, "transformer": transformer}
SHORTER = {"digits conv net": 3, "wide MLP": 20, "residual net": 5, "transformer": 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--laws", choices=("graph", "gradients"), default="graph")
    parser.add_argument("--every", type=int, default=EVERY)
    parser.add_argument("--only", choices=(*CASES, *GRAPHLESS))
    parser.add_argument("--out")
    given = parser.parse_args()
    torch.set_num_threads(1)
    machine = f"{eq.results.processor()}, {os.cpu_count()} cores, one thread, load {os.getloadavg()[0]:.1f}"
    print(
        f"{machine}, torch {torch.__version__}; batches of {BATCH}, microseconds; "
        f"a record every {given.every} steps, laws from {given.laws}"
    )
    titles = ("step", "record", "alone", "expected", "measured")
    print(f"{'model':16}{'weights':>9}{''.join(f'{title:>10}' for title in titles)}")
    found = {}
    names = [given.only] if given.only else [*CASES, *(GRAPHLESS if given.laws == "gradients" else ())]
    for name in names:
        values = found[name] = measure(name, max(5, given.rounds // SHORTER.get(name, 1)), given.laws, given.every)
        times = "".join(f"{values[key + '_microseconds']:>10.0f}" for key in ("step", "record", "alone"))
        ratios = "".join(f"{values[key]:>10.2%}" for key in ("expected", "measured"))
        print(f"{name:16}{values['parameters']:>9}{times}{ratios} ± {values['standard_error']:.2%}", flush=True)
    if given.out:
        with open(given.out, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "torch": torch.__version__, "cases": found}, file, indent=2)


if __name__ == "__main__":
    main()
