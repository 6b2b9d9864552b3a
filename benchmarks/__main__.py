"""Measure everything on the page "Speed", and write its tables and its picture, each as soon as it is there.

    python -m benchmarks [ensemble] [law] [matrix] [growth] [completion] [memory] [factoring] [sweeps]
        [large] [peers]

Without names it measures all but the completion of 10⁷ entries, `large`, and `peers`. It takes some minutes on two
cores; nothing else should run meanwhile. `peers` is the table of errors and times on the page "In scikit-learn".
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import equipoise as eq
from benchmarks import (
    completion_memory,
    completion_peers,
    ensemble,
    factoring,
    growth,
    law,
    matrix,
    peers,
    sweeps,
)
from equipoise.machine.native import in_words

DOCS = Path(__file__).parent.parent / "docs"
PAGES, ASSETS = (DOCS / "speed.md", DOCS / "estimators.md"), DOCS / "assets" / "speed"
BY_NAME = ("large", "peers")
PARTS: dict[str, tuple[Any, Any]] = {
    "ensemble": (ensemble.measure, ensemble.table),
    "law": (law.measure, law.table),
    "matrix": (matrix.measure, matrix.table),
    "growth": (growth.measure, growth.table),
    "completion": (completion_peers.measure, completion_peers.table),
    "memory": (completion_memory.measure, completion_memory.table),
    "factoring": (factoring.measure, factoring.table),
    "sweeps": (sweeps.measure, sweeps.table),
    "large": (completion_peers.measure_large, completion_peers.table),
    "peers": (peers.measure, peers.table),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], default=[name for name in PARTS if name not in BY_NAME]
    )
    ASSETS.mkdir(parents=True, exist_ok=True)
    for name in parser.parse_args().parts:
        measure, table = PARTS[name]
        where = _where()  # before Dask sets the number of threads of this process
        found = measure()
        _write(name, [*table(found), "", f"*{where}*"])
        (ASSETS / f"{name}.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if name == "growth":
            growth.draw(found, ASSETS / "growth.png")


def _write(name: str, lines: list[str]) -> None:
    """Print the table, and put it in its place on a page, if it has one."""
    place = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = place.sub(lambda found: found[1] + "\n".join([*lines, ""]) + found[2], before)
        if after != before:
            page.write_text(after, encoding="utf-8")
    print(*lines, sep="\n", end="\n\n", flush=True)


def _where() -> str:
    machine, versions = eq.results.machine(), eq.results.versions()
    about = (machine["processor"], f"{machine['cores']} cores", in_words(), f"jax {versions['jax']}")
    return f"{', '.join(about)}, numpy {versions['numpy']}"


if __name__ == "__main__":
    main()
