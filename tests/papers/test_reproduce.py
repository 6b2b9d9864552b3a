import json

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
    assert bench.runs == [("first", False), ("second.1", False), ("third", False)]
    attributes = load_dataset(tmp_path / "data" / "first.path.nc").attrs
    assert attributes["entry"] == "first"
    assert attributes["quick"] == 0
    assert attributes["seed"] == "7"


def test_only_the_chosen_entries_run_and_quick_is_handed_on(bench, tmp_path):
    report = reproduce(bench.paper, figures=["third"], quick=True, out=tmp_path)
    assert bench.runs == [("third", True)]
    assert report.quick
    assert [claim["id"] for claim in report.claims] == ["third"]


def test_an_unknown_entry_runs_nothing(bench, tmp_path):
    with pytest.raises(InputError, match="choose from"):
        reproduce(bench.paper, figures=["first", "nothing"], out=tmp_path / "out")
    assert not bench.runs
    assert not (tmp_path / "out").exists()


def test_redrawing_runs_nothing_and_gives_the_same(bench, tmp_path):
    made = reproduce(bench.paper, quick=True, out=tmp_path)
    picture = (tmp_path / "figures" / "first.png").read_bytes()
    (tmp_path / "figures" / "first.png").unlink()
    bench.runs.clear()
    again = reproduce(bench.paper, out=tmp_path, redraw=True)
    assert not bench.runs
    assert again.claims == made.claims  # quick and the seconds taken are remembered too
    assert (tmp_path / "figures" / "first.png").read_bytes() == picture


def test_redrawing_without_data_says_how_to_make_it(bench, tmp_path):
    with pytest.raises(InputError, match=r"equipoise reproduce fake --figure second\.1 --quick --out "):
        reproduce(bench.paper, figures=["second.1"], quick=True, out=tmp_path, redraw=True)


def test_redrawing_refuses_data_of_two_runs(bench, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    entry = bench.paper.entries[0]
    pair = {"a": entry.run(True)["path"], "path": entry.run(True)["path"]}
    object.__setattr__(entry, "run", lambda quick: pair)
    for folder in (first, second):
        reproduce(bench.paper, figures=["first"], out=folder)
    (second / "data" / "first.a.nc").rename(first / "data" / "first.a.nc")
    with pytest.raises(InputError, match="not all of one run"):
        reproduce(bench.paper, figures=["first"], out=first, redraw=True)


def test_redrawing_leaves_files_of_other_entries_and_papers_aside(bench, tmp_path):
    reproduce(bench.paper, figures=["second.1"], out=tmp_path)
    data = tmp_path / "data"
    stray = load_dataset(data / "second.1.path.nc").assign_attrs(paper="other")
    stray.to_netcdf(data / "second.1.zzz.nc", engine="h5netcdf")
    (data / "first.1.path.nc").write_bytes((data / "second.1.path.nc").read_bytes())
    assert reproduce(bench.paper, figures=["second.1"], out=tmp_path, redraw=True).holds
    with pytest.raises(InputError, match="There is no data of first"):
        reproduce(bench.paper, figures=["first"], out=tmp_path, redraw=True)


def test_a_claim_that_fails_is_told(bench, tmp_path):
    bench.final = 2.0
    report = reproduce(bench.paper, figures=["first"], out=tmp_path)
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
    assert [name for name, _ in bench.runs] == ["first", "second.1"]
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


def test_progress_goes_to_stderr(bench, tmp_path, capfd):
    reproduce(bench.paper, out=tmp_path, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "second.1 holds" in err
    reproduce(bench.paper, out=tmp_path)
    assert capfd.readouterr() == ("", "")
