import dataclasses
import functools
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from filelock import FileLock

from equipoise.core.errors import InputError
from equipoise.papers import Claim, Data, Judgement, Paper, Printed, Verdict, at_most, judged, near, paper, reproduce
from equipoise.papers.machinery.collect import false_alarms
from equipoise.plots import draw_paths, new_figure
from equipoise.results import load_dataset


@pytest.fixture(scope="module")
def whole(request) -> Paper:
    """The paper that the folder of the test module is named after."""
    return paper(request.path.parent.name)


@pytest.fixture(scope="session")
def quick_run() -> Callable[[str, str], Data]:
    """The data of a paper's claim in its quick form, by the ids of both; each is run once in a process."""

    @functools.cache
    def of(paper_id: str, claim: str) -> Data:
        whole = paper(paper_id)
        (found,) = whole.select([claim])
        return found.run(True, whole.seed)

    return of


@pytest.fixture(scope="module")
def quick(whole, quick_run) -> Callable[[str], dict[str, xr.Dataset]]:
    """The data of a claim run by itself in its quick form, without its files and its figure."""
    return lambda claim: dict(quick_run(whole.id, claim))


@pytest.fixture(scope="module")
def out(whole, quick, tmp_path_factory, request) -> Path:
    """The folder in which all of it is reproduced in its quick form, once for all processes that run tests."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / f"reproduced-{whole.id}"
    finished = folder.with_suffix(".finished")
    with FileLock(folder.with_suffix(".lock")):
        if not finished.exists():
            claims = tuple(dataclasses.replace(claim, run=_once(quick, claim.id)) for claim in whole.claims)
            reproduce(dataclasses.replace(whole, claims=claims), quick=True, out=folder)
            finished.touch()
    return folder


def _once(quick: Callable[[str], Data], claim: str) -> Callable[[bool, int], Data]:
    """The run of a claim, which makes nothing that was made before."""
    return lambda _quick, _seed: quick(claim)


@pytest.fixture(scope="module")
def verdicts(out) -> dict[str, dict[str, Any]]:
    """What claims.json says, by claim."""
    return {verdict["id"]: verdict for verdict in json.loads((out / "claims.json").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def data(out) -> Callable[[str], dict[str, xr.Dataset]]:
    """The data of a claim, from its files."""

    def read(claim: str) -> dict[str, xr.Dataset]:
        files = sorted((out / "data").glob(f"{claim}.*.nc"))
        return {file.name.removeprefix(f"{claim}.").removesuffix(".nc"): load_dataset(file) for file in files}

    return read


@pytest.fixture(scope="module")
def failing(whole) -> Callable[[str, Data], set[str]]:
    """The names of a claim's checks that other data would fail."""

    def of(claim: str, data: Data) -> set[str]:
        (found,) = whole.select([claim])
        return {check.name for check in found.check(data) if not check.holds}

    return of


@pytest.fixture(scope="module")
def judgement(whole) -> Callable[[str, Data], Judgement]:
    """The judgement on what is printed of a claim, by other data."""

    def of(claim: str, data: Data) -> Judgement:
        (found,) = whole.select([claim])
        return found.printed.judge(data)

    return of


@pytest.fixture(scope="module")
def measured(whole) -> dict[str, Any]:
    """What was measured of false alarms in the quick form, by claim."""
    return false_alarms(f"equipoise.papers.{whole.id}")["quick"]


@pytest.fixture(scope="module")
def assert_claim(verdicts, measured) -> Callable[[str], None]:
    """Asserts that a claim is told in full, and holds."""

    def of(claim: str) -> None:
        verdict = verdicts[claim]
        assert verdict["holds"], {k: (verdict["measured"][k], v) for k, v in verdict["expected"].items()}
        assert verdict["source"]
        assert verdict["statement"]
        assert verdict["printed"]["says"].endswith(".")
        assert verdict["printed"]["because"].endswith(".")
        assert verdict["printed"]["verdict"] in set(Verdict)
        assert verdict["measured"].keys() == verdict["expected"].keys() == verdict["tolerance"].keys()
        # what it says of false alarms is of the checks it has today
        assert set(verdict["checks"]) == set(measured.get(claim, verdict)["checks"])

    return of


@pytest.fixture(scope="module")
def assert_described(data) -> Callable[[str], None]:
    """Asserts that all that a claim records has a name and a unit."""

    def of(claim: str) -> None:
        for dataset in data(claim).values():
            for name, variable in dataset.data_vars.items():
                assert variable.attrs["long_name"]
                assert name == "status" or variable.attrs["units"]

    return of


@pytest.fixture(scope="module")
def assert_drawn(out) -> Callable[[str], None]:
    """Asserts that a claim's figure is there."""

    def of(claim: str) -> None:
        assert (out / "figures" / f"{claim}.png").stat().st_size > 10_000

    return of


class Bench:
    """A paper of three tiny claims that counts its runs.

    `fault` says what happens within the run of `second.1`, or that `first` cannot be drawn.
    """

    def __init__(self) -> None:
        self.runs: list[tuple[str, bool, int]] = []
        self.fault = ""
        self.final = 1.0
        self.printed_within = 0.5
        claims = (self._claim("first", drawn=True), self._claim("second.1"), self._claim("third"))
        self.paper = Paper("fake", "On <made-up> things", "A. Author", 2020, "Nowhere", claims, seed=5)

    def _claim(self, name: str, *, drawn: bool = False) -> Claim:
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

        return Claim(
            name,
            f"Section {name}",
            f"{name}: the value & <all> ends at ½",
            Printed("It ends near ½ & <all> of it.", self._judge),
            run,
            lambda data: [
                near("last value", float(data["path"]["value"][-1]), 1.0, 0.1),
                at_most("nothing", float("-inf"), 1.0),
            ],
            draw if drawn else None,
            choices="Everything.",
            false_alarm="below 1e-6",
        )

    def _judge(self, data):
        last = float(data["path"]["value"][-1])
        return judged(near("distance from 1", abs(last - 1), 0.0, self.printed_within), f"It ends at {last:g}.")

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
