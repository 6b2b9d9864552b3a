import dataclasses
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import papers, reproduce, shared_processes
from equipoise.results import load_dataset

MODULE = """
import os, signal, threading
import xarray as xr
from equipoise.core.errors import InputError
from equipoise.papers import Claim, Paper, Printed, judged, near


def data(seed):
    attributes = {"process": os.getpid(), "threads": os.environ.get("OMP_NUM_THREADS", "0")}
    return {"path": xr.Dataset({"value": ("step", [0.0, float(seed)])}, attrs=attributes)}


def slow(quick, seed):
    pause = threading.Event()
    pause.wait(1.5)  # a long computation
    while not os.path.exists(os.environ.get("UNTIL_THERE", "/")):
        pause.wait(0.05)
    return data(seed)


def quick(quick, seed):
    return data(seed + quick)


def second(quick, seed):
    if "UNTIL_THERE" in os.environ:
        open(os.environ["UNTIL_THERE"], "w").close()
    return data(seed + quick)


def refuses(quick, seed):
    raise InputError("The disk is made of cheese; use another.")


def fails(quick, seed):
    raise ZeroDivisionError("of a kind")


def dies(quick, seed):
    os.kill(os.getpid(), signal.SIGKILL)


def stubborn(quick, seed):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Event().wait(60)


def check(data):
    return [near("last value", float(data["path"]["value"][-1]), 5.0, 1.0)]


def judge(data):
    return judged(check(data)[0], "It ends near 5.")


PRINTED = Printed("It is 5.", judge)


def claim(name, run, shares=""):
    return Claim(name, "Section 1", "It is 5.", PRINTED, run, check, shares=shares)


PAPER = Paper(
    "elsewhere",
    "On processes",
    "A. Author",
    2020,
    "Nowhere",
    (
        claim("slow", slow),
        claim("first", quick),
        claim("second", second),
        claim("late", quick, shares="slow"),
        claim("refuses", refuses),
        claim("fails", fails),
        claim("dies", dies),
        claim("stubborn", stubborn),
    ),
    seed=5,
)
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A paper whose functions another process can import."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "paper_elsewhere.py").write_text(MODULE, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        import paper_elsewhere

        yield paper_elsewhere.PAPER
    finally:
        sys.path.remove(str(folder))
        del sys.modules["paper_elsewhere"]


def test_several_papers_share_their_processes(elsewhere, tmp_path):
    chosen = tuple(claim for claim in elsewhere.claims if claim.id in ("first", "second"))
    named = [dataclasses.replace(elsewhere, id=name, claims=chosen) for name in ("here", "there")]
    with shared_processes(named, 2) as processes:
        reports = [reproduce(paper, out=tmp_path / paper.id, executor=processes) for paper in named]
    assert [(report.paper.id, report.holds, len(report.outcomes)) for report in reports] == [
        ("here", True, 2),
        ("there", True, 2),
    ]
    at_work = {_attributes(tmp_path / each.id, claim.id)["process"] for each in named for claim in chosen}
    assert len(at_work) <= 2
    assert os.getpid() not in at_work
    assert _until(lambda: not any(_is_there(int(process)) for process in at_work), 20)


def _is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _until(condition, seconds):
    """Whether the condition holds within the time."""
    pause = threading.Event()
    return any(condition() or pause.wait(0.02) for _ in range(round(50 * seconds)))


def _appears(path, while_true):
    """Wait for a file, as long as the condition is true."""
    assert _until(lambda: path.exists() or not while_true(), 120)


def _is_gone(group):
    """Whether no process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def _attributes(folder, claim):
    return load_dataset(folder / "data" / f"{claim}.path.nc").attrs


def test_claims_run_in_several_processes_and_are_reported_in_the_papers_order(elsewhere, tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("UNTIL_THERE", str(tmp_path / "second"))  # so that slow is at work until second is done
    chosen = ["slow", "first", "second", "late"]
    report = reproduce(elsewhere, claims=chosen, quick=True, out=tmp_path, jobs=2)
    assert report.holds
    assert [claim["id"] for claim in json.loads((tmp_path / "claims.json").read_text())] == chosen
    assert [claim["measured"]["last value"] for claim in report.verdicts] == [5.0, 6.0, 6.0, 6.0]
    assert report.verdicts[0]["seconds"] >= 1.5
    process = {claim: _attributes(tmp_path, claim)["process"] for claim in chosen}
    assert process["slow"] == process["late"]  # late shares what slow has
    assert process["first"] == process["second"] != process["slow"]  # the other has run them meanwhile
    assert os.getpid() not in process.values()
    assert int(_attributes(tmp_path, "slow")["threads"]) >= 1
    assert "OMP_NUM_THREADS" not in os.environ


def test_claims_run_on_the_workers_of_a_cluster(elsewhere, tmp_path, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([*sys.path[:1], os.environ.get("PYTHONPATH", "")]))
    cluster = request.getfixturevalue("cluster")  # whose processes find the paper
    worker = cluster.worker()
    report = reproduce(
        elsewhere, claims=["first", "second"], quick=True, out=tmp_path / "out", scheduler=cluster.address
    )
    assert report.holds
    assert [claim["measured"]["last value"] for claim in report.verdicts] == [6.0, 6.0]
    assert {_attributes(tmp_path / "out", claim)["process"] for claim in ("first", "second")} == {worker.pid}


@pytest.mark.parametrize(
    ("claim", "error", "sentence"),
    [
        ("refuses", InputError, r"^The disk is made of cheese; use another\.$"),
        ("fails", ZeroDivisionError, "^of a kind\n"),
        ("dies", InputError, r"^The process that ran dies died with exit code -9, .* run with fewer jobs\.$"),
    ],
)
def test_what_goes_wrong_in_a_process_is_told(elsewhere, tmp_path, claim, error, sentence):
    with pytest.raises(error, match=sentence) as told:
        reproduce(elsewhere, claims=["slow", claim], out=tmp_path, jobs=2)
    if error is ZeroDivisionError:
        assert "in fails" in told.value.__notes__[0]  # where it happened


def test_a_process_that_does_not_listen_is_ended(elsewhere, tmp_path):
    begin = time.perf_counter()
    with pytest.raises(ZeroDivisionError):
        reproduce(elsewhere, claims=["fails", "stubborn"], out=tmp_path, jobs=2)
    assert time.perf_counter() - begin < 50


def test_ctrl_c_ends_a_process_that_does_not_listen(elsewhere, tmp_path):
    """It is raised again every second, also while the processes are ended."""
    begin = time.perf_counter()

    def press():
        _appears(tmp_path / "claims.json", lambda: True)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    report = reproduce(elsewhere, claims=["first", "stubborn"], out=tmp_path, jobs=2)
    assert report.interrupted
    assert [claim["id"] for claim in report.verdicts] == ["first"]
    assert not multiprocessing.active_children()
    assert time.perf_counter() - begin < 50


def test_functions_that_cannot_be_sent_are_told_before_anything_runs(bench, tmp_path):
    with pytest.raises(InputError, match=r"^The claim first of fake cannot be sent to another process \(.*1 job\.$"):
        reproduce(bench.paper, out=tmp_path, jobs=2)
    assert not (tmp_path / "data").exists()


def test_a_lone_claim_and_a_redrawing_need_no_other_process(bench, tmp_path):
    assert reproduce(bench.paper, claims=["first"], out=tmp_path, jobs=4).holds
    assert bench.runs == [("first", False, 5)]
    assert reproduce(bench.paper, claims=["first"], out=tmp_path, jobs=4, redraw=True).holds


@pytest.mark.parametrize("jobs", [0, -1, True])
def test_the_number_of_jobs_is_a_whole_number(bench, tmp_path, jobs):
    with pytest.raises(InputError, match=r"^The number of jobs is .*; it must be a whole number, 1 or greater\.$"):
        reproduce(bench.paper, out=tmp_path / "out", jobs=jobs)
    assert not (tmp_path / "out").exists()


def test_all_claims_can_be_run_in_another_process():
    """Those that share something name one before them, else the process that has it first would make it for nothing."""
    for paper in papers():
        before: set[str] = set()
        for claim in paper.claims:
            pickle.dumps(claim)
            assert not claim.shares or claim.shares in before
            if not claim.shares:
                before.add(claim.id)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_ctrl_c_on_a_terminal_ends_all_processes_and_keeps_what_is_finished(tmp_path):
    command = ["reproduce", "liu2021", "--quick", "--jobs", "2", "--claim", "figure1", "theorem2", "figure3", "--out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "equipoise", *command, str(tmp_path)],
        start_new_session=True,  # as a terminal does: Ctrl-C goes to the whole group
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    _appears(tmp_path / "claims.json", lambda: process.poll() is None)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == ""
    kept = [claim["id"] for claim in json.loads((tmp_path / "claims.json").read_text())]
    assert "figure1" in kept  # a second one may end before Ctrl-C arrives
    assert f"interrupted; {len(kept)} of 3 claims" in out.replace("\n", " ")
    assert len(kept) < 3
    assert _until(lambda: _is_gone(process.pid), 10)  # what Python itself started beside them ends a little later
    assert not [path.name for path in tmp_path.rglob("*") if path.name.startswith(".")]
