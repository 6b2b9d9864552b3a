import dataclasses
import os
import sys
import types

import matplotlib.figure
import pytest
import xarray as xr

from equipoise.papers import Claim, Paper, Printed, judged, near, registry


@pytest.fixture(autouse=True)
def _blank_pictures(request, monkeypatch):
    """Pictures are made but left blank, since drawing takes longer than the commands; not in tests marked `drawn`."""
    if request.node.get_closest_marker("drawn") is None:
        monkeypatch.setattr(matplotlib.figure.Figure, "draw", lambda figure, renderer: None)


class Bench:
    """A paper of two tiny claims; `final` is what is measured where 1 is expected, `interrupt` breaks the second."""

    def __init__(self) -> None:
        self.final = 1.0
        self.interrupt = False
        self.seeds: list[int] = []
        self.threads: list[str | None] = []
        self.paper = Paper("fake", "On things", "A. Author", 2020, "Nowhere", (self._claim("one"), self._claim("two")))

    def _claim(self, name: str) -> Claim:
        def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
            sys.stdout.write("noise on stdout\n")
            self.seeds.append(seed)
            self.threads.append(os.environ.get("PJRT_NPROC"))
            if self.interrupt and name == "two":
                raise KeyboardInterrupt
            return {"d": xr.Dataset({"value": self.final})}

        def check(data):
            value = float(data["d"]["value"])
            no_number = [] if value == 1.0 else [near("no number", float("nan"), 0.0, 1.0)]
            return [near("value", value, 1.0, 0.1), *no_number]

        def judge(data):
            value = float(data["d"]["value"])
            return judged(near("value", value, 0.5, 0.1), f"It is {value:g}.")

        return Claim(name, f"Section {name}", f"The {name} is ½.", Printed("It is ½.", judge), run, check)


def _known(monkeypatch, *papers: Paper) -> None:
    """Make these the only papers that the program knows."""
    for paper in papers:
        module = types.ModuleType(f"equipoise.papers.{paper.id}")
        module.PAPER = paper
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "PAPERS", tuple(paper.id for paper in papers))


@pytest.fixture
def bench(monkeypatch) -> Bench:
    """The only paper the program knows, as "fake"."""
    made = Bench()
    _known(monkeypatch, made.paper)
    return made


@pytest.fixture
def two_benches(monkeypatch) -> tuple[Bench, Bench]:
    """Two papers, "fake" and "other", the only ones that the program knows."""
    made = Bench(), Bench()
    made[1].paper = dataclasses.replace(made[1].paper, id="other")
    _known(monkeypatch, *(bench.paper for bench in made))
    return made
