"""The whole paper in its quick form: every claim is there and holds, and none would hold on the wrong data."""

import json

import pytest

from equipoise.papers import paper, reproduce
from equipoise.results import load_dataset

IDS: list[str] = []
FIGURES: list[str] = []


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("du2018")
    reproduce(paper("du2018"), figures=None, quick=True, out=folder)
    return folder


@pytest.fixture(scope="module")
def verdicts(out):
    return {verdict["id"]: verdict for verdict in json.loads((out / "claims.json").read_text())}


@pytest.fixture(scope="module")
def data(out):
    def read(entry):
        files = sorted((out / "data").glob(f"{entry}.*.nc"))
        return {file.name.removeprefix(f"{entry}.").removesuffix(".nc"): load_dataset(file) for file in files}

    return read


def failing(entry, data):
    (found,) = paper("du2018").select([entry])
    return {check.name for check in found.check(data) if not check.holds}


@pytest.mark.parametrize("entry", IDS)
def test_every_claim_is_there_and_holds(verdicts, entry):
    verdict = verdicts[entry]
    assert verdict["holds"], {k: (verdict["measured"][k], v) for k, v in verdict["expected"].items()}
    assert verdict["source"]
    assert verdict["statement"]
    assert verdict["choices"]


def test_nothing_else_is_there(verdicts):
    assert sorted(verdicts) == sorted(IDS)


@pytest.mark.parametrize("entry", FIGURES)
def test_figures_are_drawn_for_screen_and_print(out, entry):
    assert (out / "figures" / f"{entry}.png").stat().st_size > 10_000
    assert (out / "figures" / f"{entry}.pdf").read_bytes().startswith(b"%PDF")
