"""Measure everything on the page "Speed", and write its tables and its picture.

    python -m benchmarks [--large]

`--large` adds the completion of 10⁷ entries. It takes some minutes on two cores; nothing else should run meanwhile.
"""

import argparse
import json
from pathlib import Path

import equipoise as eq
from benchmarks import completion_peers, ensemble, growth
from equipoise.machine.native import in_words

DOCS = Path(__file__).parent.parent / "docs"
STEPS = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    machine = {**eq.results.machine(), **eq.results.versions(), "native": in_words()}
    tables, picture = DOCS / "snippets" / "speed", DOCS / "assets" / "speed"
    for folder in (tables, picture):
        folder.mkdir(parents=True, exist_ok=True)
    found = {"machine": machine, "ensemble": ensemble.measure(STEPS)}
    found["completion"] = completion_peers.measure(large=given.large)
    found["growth"] = growth.measure()
    about = (machine["processor"], f"{machine['cores']} cores", machine["native"], f"jax {machine['jax']}")
    said = f"{', '.join(about)}, numpy {machine['numpy']}."
    written = {
        "machine": [said],
        "ensemble": ensemble.table(found["ensemble"]),
        "completion": completion_peers.table(found["completion"]),
        "growth": growth.table(found["growth"]),
    }
    for name, lines in written.items():
        (tables / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(*lines, sep="\n", end="\n\n")
    growth.draw(found["growth"], picture / "growth.png")
    (picture / "results.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
