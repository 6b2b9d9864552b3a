import dataclasses
import json
import threading

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import reproduce
from equipoise.results import load_dataset


def _files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_everything_is_written_and_nothing_else(bench, tmp_path):
    report = reproduce(bench.paper, out=tmp_path)
    assert report.holds
    assert _files(tmp_path) == [
        "claims.json",
        "data/first.path.nc",
        "data/second.1.path.nc",
        "data/third.path.nc",
        "figures/first.pdf",
        "figures/first.png",
        "index.html",
    ]
    assert bench.runs == [("first", False, 5), ("second.1", False, 5), ("third", False, 5)]
    attributes = load_dataset(tmp_path / "data" / "first.path.nc").attrs
    assert attributes["claim"] == "first"
    assert attributes["quick"] == 0
    assert attributes["seed"] == "7"
    assert attributes["claim_seed"] == 5


def test_only_the_chosen_claims_run_and_quick_is_handed_on(bench, tmp_path):
    report = reproduce(bench.paper, claims=["third"], quick=True, out=tmp_path)
    assert bench.runs == [("third", True, 5)]
    assert report.quick
    assert [claim["id"] for claim in report.verdicts] == ["third"]


def test_the_seed_is_handed_on_and_kept(bench, tmp_path):
    report = reproduce(bench.paper, seed=11, out=tmp_path)
    assert bench.runs == [("first", False, 11), ("second.1", False, 11), ("third", False, 11)]
    assert [claim["seed"] for claim in report.verdicts] == [11, 11, 11]
    assert load_dataset(tmp_path / "data" / "first.path.nc").attrs["claim_seed"] == 11
    again = reproduce(bench.paper, out=tmp_path, redraw=True)
    assert again.verdicts == report.verdicts  # the data's own seed, not the paper's
    assert "<dt>Seed</dt><dd>11</dd>" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("seed", [-1, True, 2**63])
def test_a_seed_is_a_whole_number(bench, tmp_path, seed):
    with pytest.raises(InputError, match=r"The seed is .*; it must be a whole number, from 0 to"):
        reproduce(bench.paper, seed=seed, out=tmp_path / "out")
    assert not bench.runs
    assert not (tmp_path / "out").exists()


def test_an_unknown_claim_runs_nothing(bench, tmp_path):
    with pytest.raises(InputError, match="choose from"):
        reproduce(bench.paper, claims=["first", "nothing"], out=tmp_path / "out")
    assert not bench.runs
    assert not (tmp_path / "out").exists()


def test_redrawing_runs_nothing_and_gives_the_same(bench, tmp_path):
    made = reproduce(bench.paper, quick=True, out=tmp_path)
    picture = (tmp_path / "figures" / "first.png").read_bytes()
    (tmp_path / "figures" / "first.png").unlink()
    bench.runs.clear()
    again = reproduce(bench.paper, out=tmp_path, redraw=True)
    assert not bench.runs
    assert again.verdicts == made.verdicts  # quick and the seconds taken are remembered too
    assert (tmp_path / "figures" / "first.png").read_bytes() == picture


def test_redrawing_without_data_says_how_to_make_it(bench, tmp_path):
    with pytest.raises(InputError, match=r"equipoise reproduce fake --claim second\.1 --quick --out "):
        reproduce(bench.paper, claims=["second.1"], quick=True, out=tmp_path, redraw=True)
    with pytest.raises(InputError, match=r"--claim second\.1 --seed 3 --out "):
        reproduce(bench.paper, claims=["second.1"], seed=3, out=tmp_path, redraw=True)


def test_redrawing_refuses_data_of_two_runs(bench, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    claim = bench.paper.claims[0]
    pair = {"a": claim.run(True, 0)["path"], "path": claim.run(True, 0)["path"]}
    object.__setattr__(claim, "run", lambda quick, seed: pair)
    for folder in (first, second):
        reproduce(bench.paper, claims=["first"], out=folder)
    (second / "data" / "first.a.nc").rename(first / "data" / "first.a.nc")
    with pytest.raises(InputError, match="comes from different runs"):
        reproduce(bench.paper, claims=["first"], out=first, redraw=True)


def test_redrawing_leaves_files_of_other_claims_and_papers_aside(bench, tmp_path):
    reproduce(bench.paper, claims=["second.1"], out=tmp_path)
    data = tmp_path / "data"
    stray = load_dataset(data / "second.1.path.nc").assign_attrs(paper="other")
    stray.to_netcdf(data / "second.1.zzz.nc", engine="h5netcdf")
    (data / "first.1.path.nc").write_bytes((data / "second.1.path.nc").read_bytes())
    assert reproduce(bench.paper, claims=["second.1"], out=tmp_path, redraw=True).holds
    with pytest.raises(InputError, match="There is no data of first"):
        reproduce(bench.paper, claims=["first"], out=tmp_path, redraw=True)


def test_a_claim_that_fails_is_told(bench, tmp_path):
    bench.final = 2.0
    report = reproduce(bench.paper, claims=["first"], out=tmp_path)
    assert not report.holds
    (claim,) = json.loads((tmp_path / "claims.json").read_text())
    assert claim["holds"] is False
    assert claim["checks"] == {"last value": False, "nothing": True}


@pytest.mark.parametrize("fault", ["keyboard", "signal"])
def test_ctrl_c_keeps_what_is_finished(bench, tmp_path, fault):
    bench.fault = fault
    report = reproduce(bench.paper, out=tmp_path)
    assert report.interrupted
    assert not report.holds
    assert [name for name, *_ in bench.runs] == ["first", "second.1"]
    assert [claim["id"] for claim in json.loads((tmp_path / "claims.json").read_text())] == ["first"]
    assert _files(tmp_path / "data") == ["first.path.nc"]
    assert "Interrupted: 1 of 3" in (tmp_path / "index.html").read_text()


def test_after_it_ctrl_c_is_pythons_own_again(bench, tmp_path):
    import signal

    before = signal.getsignal(signal.SIGINT)
    bench.fault = "signal"
    reproduce(bench.paper, out=tmp_path)
    assert signal.getsignal(signal.SIGINT) is before


def test_another_error_leaves_the_report_of_what_was_done(bench, tmp_path):
    bench.fault = "input"
    with pytest.raises(InputError, match="cheese"):
        reproduce(bench.paper, out=tmp_path)
    assert len(json.loads((tmp_path / "claims.json").read_text())) == 1


def test_an_error_in_drawing_is_raised_and_nothing_after_it_is_reported(bench, tmp_path):
    bench.fault = "draw"
    with pytest.raises(InputError, match="ink"):
        reproduce(bench.paper, out=tmp_path)
    assert not (tmp_path / "claims.json").exists()
    assert not [name for name in _files(tmp_path) if not name.startswith("data/first")]
    bench.fault = ""
    reproduce(bench.paper, claims=["second.1", "third"], out=tmp_path)
    bench.fault = "draw"
    with pytest.raises(InputError, match="ink"):
        reproduce(bench.paper, claims=["first"], out=tmp_path)
    assert [claim["id"] for claim in json.loads((tmp_path / "claims.json").read_text())] == ["second.1", "third"]


def test_claims_are_reported_in_order_with_drawing_beside_the_next_run(bench, tmp_path):
    """The first claim is drawn only once the second has begun to run; both are reported in the paper's order."""
    began = threading.Event()
    first, second, _ = bench.paper.claims
    run, draw = second.run, first.draw

    def run_second(quick, seed):
        began.set()
        return run(quick, seed)

    def draw_late(data):
        assert began.wait(60)
        return draw(data)

    object.__setattr__(second, "run", run_second)
    object.__setattr__(first, "draw", draw_late)
    report = reproduce(bench.paper, out=tmp_path)
    assert [claim["id"] for claim in report.verdicts] == ["first", "second.1", "third"]
    assert report.holds
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("equipoise-draw")]


def test_ctrl_c_waits_for_what_is_being_drawn(bench, tmp_path):
    bench.fault = "signal"
    ended = threading.Event()
    first = bench.paper.claims[0]
    draw = first.draw
    # still drawn when Ctrl-C is pressed
    object.__setattr__(first, "draw", lambda data: (ended.wait(0.5), draw(data))[1])
    report = reproduce(bench.paper, out=tmp_path)
    assert report.interrupted
    assert [claim["id"] for claim in report.verdicts] == ["first"]
    assert "figures/first.pdf" in _files(tmp_path)


def test_progress_goes_to_stderr(bench, tmp_path, capfd):
    reproduce(bench.paper, out=tmp_path, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "second.1 holds" in err
    reproduce(bench.paper, out=tmp_path)
    assert capfd.readouterr() == ("", "")


def test_what_is_missing_is_said_before_anything_runs(bench, tmp_path):
    first, *others, last = bench.paper.claims

    def refuse(quick):
        raise InputError("The data is not there; install it.")

    missing = dataclasses.replace(bench.paper, claims=(first, *others, dataclasses.replace(last, prepare=refuse)))
    with pytest.raises(InputError, match=r"^The data is not there; install it\.$"):
        reproduce(missing, out=tmp_path)
    assert not bench.runs
    assert reproduce(missing, claims=["first"], out=tmp_path).holds
