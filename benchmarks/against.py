"""Usual tasks in this version of the package beside another one, such as the commit before.

    python -m benchmarks.against HEAD~1

It installs both versions, each in an environment of its own, and runs `tasks.py` in them in turns.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT, TASKS = Path(__file__).parent.parent, Path(__file__).with_name("tasks.py")


def installed(revision: str, folder: Path) -> Path:
    """The Python of a new environment that holds the package at `revision`."""
    sources, environment = folder / "sources", folder / "environment"
    subprocess.run(["git", "clone", "--quiet", ROOT, sources], check=True)
    subprocess.run(["git", "-C", sources, "checkout", "--quiet", revision], check=True)
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{sources}[test]"], check=True)
    return python


def seconds(python: Path) -> dict[str, dict[str, float]]:
    """The times of all tasks in one process of this Python."""
    ran = subprocess.run([python, TASKS], check=True, capture_output=True, text=True, cwd=tempfile.gettempdir())
    found: dict[str, dict[str, float]] = json.loads(ran.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="the revision to compare with")
    parser.add_argument("--turns", type=int, default=3, help="how often each version runs all tasks")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True, cwd=ROOT)
        revisions = {"before": given.before, "now": head.stdout.strip()}
        pythons = {name: installed(revision, Path(folder) / name) for name, revision in revisions.items()}
        turns = [{name: seconds(python) for name, python in pythons.items()} for _ in range(given.turns)]
    print("| task | before: s | now: s | now / before | first call, now / before |\n| --- | --- | --- | --- | --- |")
    for task in turns[0]["now"]:
        best, first = (
            [statistics.median(turn[name][task][kind] for turn in turns) for name in ("before", "now")]
            for kind in ("best", "first")
        )
        print(f"| {task} | {best[0]:.3g} | {best[1]:.3g} | {best[1] / best[0]:.2f} | {first[1] / first[0]:.2f} |")


if __name__ == "__main__":
    main()
