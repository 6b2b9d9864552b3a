import os
import signal

import pytest
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.papers import Entry, Paper, at_most, near
from equipoise.plots import draw_paths, new_figure


class Bench:
    """A paper of three tiny entries that counts its runs.

    `fault` says what happens within the run of `second.1`, or that `first` cannot be drawn.
    """

    def __init__(self) -> None:
        self.runs: list[tuple[str, bool, int]] = []
        self.fault = ""
        self.final = 1.0
        entries = (self._entry("first", drawn=True), self._entry("second.1"), self._entry("third"))
        self.paper = Paper("fake", "On <made-up> things", "A. Author", 2020, "Nowhere", entries, seed=5)

    def _entry(self, name: str, *, drawn: bool = False) -> Entry:
        def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
            self.runs.append((name, quick, seed))
            if name == "second.1":
                self._fail()
            path = [0.0, self.final] if quick else [0.0, 0.5, self.final]
            attributes = {"settings": '{"step_size": 0.01}', "seed": "7"}
            return {"path": xr.Dataset({"value": ("step", path)}, {"step": range(len(path))}, attributes)}

        def draw(data):
            if self.fault == "draw":
                raise InputError("There is no ink; buy some.")
            figure, axes = new_figure()
            draw_paths(axes[0, 0], data, "value")
            return figure

        return Entry(
            name,
            "fake",
            f"Section {name}",
            f"{name}: the value & <all> ends at ½",
            run,
            lambda data: [
                near("last value", float(data["path"]["value"][-1]), 1.0, 0.1),
                at_most("nothing", float("-inf"), 1.0),
            ],
            draw if drawn else None,
            choices="Everything.",
            false_alarm="below 1e-6",
        )

    def _fail(self) -> None:
        if self.fault == "keyboard":
            raise KeyboardInterrupt
        if self.fault == "input":
            raise InputError("The disk is made of cheese; use another.")
        if self.fault == "signal":  # answered the way `simulate` answers it
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                return


@pytest.fixture
def bench() -> Bench:
    return Bench()
