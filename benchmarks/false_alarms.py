"""How often a claim's checks fail by chance: every claim of a paper over fresh seeds, without the paper's own.

For each check: the number of seeds that fail, mean and standard deviation of the measured value, and the margin. The
margin is the distance from the mean to the nearest value that fails, in standard deviations. It means little for a
largest or smallest value among many, and for a count. So the statement on a claim gives the counts of all checks, and
the margins of the others.

    python benchmarks/false_alarms.py PAPER [--claim ID ...] [--seeds N] [--first K] [--full] [--out FILE]

FILE is updated: the claims measured now replace those in it of the same form, quick or full.
"""

import argparse
import datetime
import json
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats

from equipoise.papers import Check, Claim, Paper, paper
from equipoise.results import versions

STRIDE = 10_000
CONFIDENCE = 0.95
BY_COUNT = re.compile(r"largest|smallest|slowest|fastest|least |among them")


def seeds_of(found: Paper, count: int, first: int = 1) -> list[int]:
    """`count` seeds from number `first` on, far from each other and from the paper's own."""
    numbers = range(first, first + count + 1)
    return [STRIDE * number for number in numbers if STRIDE * number != found.seed][:count]


def room(check: Check, mean: float) -> float:
    """The distance from `mean` to the nearest value that fails; negative if `mean` itself fails."""
    if isinstance(check.expected, float):
        return float(check.tolerance or 0.0) - abs(mean - check.expected)
    sign, bound = check.expected.split()
    return float(bound) - mean if sign == "≤" else mean - float(bound)


def summary(checks: Sequence[Check]) -> dict[str, Any]:
    """One check over the seeds; `margin` is None if the measured value does not vary."""
    measured = np.array([check.measured for check in checks])
    known = measured[np.isfinite(measured)]
    mean = float(known.mean()) if known.size else math.nan
    std = float(known.std(ddof=1)) if known.size > 1 else 0.0
    # rounding errors of a constant are not a spread
    margin = room(checks[0], mean) / std if std > 1e-12 * abs(mean) else None
    return {
        "failed": sum(not check.holds for check in checks),
        "mean": mean,
        "std": std,
        "farthest": float(min(known, key=lambda value: room(checks[0], value))) if known.size else math.nan,
        "margin": margin,
    }


def measure(claim: Claim, seeds: Sequence[int], quick: bool) -> dict[str, Any]:
    """All checks of a claim over the seeds, with a statement about them."""
    begin = time.perf_counter()
    runs = [claim.check(claim.run(quick, seed)) for seed in seeds]
    checks = {together[0].name: summary(together) for together in zip(*runs, strict=True)}
    failed = sum(not all(check.holds for check in run) for run in runs)
    below = float(scipy.stats.beta.ppf(CONFIDENCE, failed + 1, len(seeds) - failed)) if failed < len(seeds) else 1.0
    return {
        "seeds": len(seeds),
        "failed": failed,
        "below": below,
        "statement": statement(failed, len(seeds), below, checks),
        "seconds": round(time.perf_counter() - begin, 1),
        "checks": checks,
    }


def statement(failed: int, seeds: int, below: float, checks: dict[str, dict[str, Any]]) -> str:
    """The result in one sentence."""
    fail = "fails" if failed == 1 else "fail"
    bound = f"below {math.ceil(100 * below)} % with {CONFIDENCE:.0%} confidence".replace("5%", "5 %")
    said = f"{failed} of {seeds} fresh seeds {fail} ({bound})"
    margins = {name: row["margin"] for name, row in checks.items() if row["margin"] is not None}
    margins = {name: margin for name, margin in margins.items() if not BY_COUNT.search(name)}
    if not margins:
        return f"{said}; what varies is judged by the counts alone"
    name = min(margins, key=margins.__getitem__)
    return f"{said}; smallest margin {digits(margins[name])} standard deviations ({name})"


def digits(margin: float) -> str:
    """One decimal; "over 100" for a large margin."""
    return f"{margin:.1f}" if margin < 100 else "over 100"


def table(claim: str, result: dict[str, Any]) -> str:
    lines = [f"\n{claim}: {result['statement']} ({result['seconds']} s)"]
    lines += [
        f"  {row['failed']:3d}  {row['mean']:12.5g} ± {row['std']:<10.3g}"
        f" {'constant' if row['margin'] is None else format(row['margin'], '8.1f')}  {name}"
        for name, row in result["checks"].items()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paper")
    parser.add_argument("--claim", nargs="+", metavar="ID")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1, help="the number of the first seed; others than those seen")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = paper(arguments.paper)
    seeds = seeds_of(found, arguments.seeds, arguments.first)
    form = "full" if arguments.full else "quick"
    document: dict[str, Any] = {"paper": found.id, "quick": {}, "full": {}}
    if arguments.out and arguments.out.is_file():
        document.update(json.loads(arguments.out.read_text(encoding="utf-8")))
    document.update(versions=versions(), date=datetime.date.today().isoformat())
    print(f"{found.id}, {form} form, seeds {seeds[0]} to {seeds[-1]}: failed, mean ± standard deviation, margin")
    for claim in found.select(arguments.claim):
        document[form][claim.id] = result = measure(claim, seeds, quick=not arguments.full)
        print(table(claim.id, result), flush=True)
        if arguments.out:
            text = json.dumps(rounded(document), indent=1, ensure_ascii=False, allow_nan=False)
            arguments.out.write_text(text + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Six significant digits for every number; None for NaN and infinity."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


if __name__ == "__main__":
    main()
