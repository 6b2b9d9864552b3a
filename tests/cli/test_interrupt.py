"""Ctrl-C at the program itself, while XLA computes."""

import json
import signal
import subprocess
import sys

PROGRAM = """
import sys, types
import xarray as xr
import equipoise as eq
from equipoise.papers import Claim, Paper, Printed, judged, near, registry

def run_long(quick, seed):
    problem, method = eq.problems.planted((20, 30), 2), eq.dynamics.GradientDescent(1e-3)
    start = eq.initial.Gaussian(0.1)
    options = {"replicates": 8, "record": eq.Record(every=1000, observables=("loss",)), "progress": False}
    eq.simulate(problem, method, start, seed=0, steps=1000, **options)  # compiled here
    print("computing", file=sys.stderr, flush=True)
    runs = [eq.simulate(problem, method, start, seed=i, steps=10**8, **options) for i in range(3)]
    return {str(i): run.dataset for i, run in enumerate(runs)}

def run_short(quick, seed):
    return {"d": xr.Dataset({"value": 1.0})}

def check(data):
    return [near("one", 1.0, 1.0, 0.0)]

printed = Printed("It is one.", lambda data: judged(check(data)[0], "It is one."))
claims = tuple(Claim(n, n, n, printed, r, check) for n, r in (("short", run_short), ("long", run_long)))
module = types.ModuleType("equipoise.papers.fake")
module.PAPER = Paper("fake", "T", "A", 2020, "W", claims)
sys.modules[module.__name__] = module
registry.PAPERS = ("fake",)
from equipoise.cli import main
sys.exit(main())
"""


def test_ctrl_c_while_computing_keeps_what_is_finished(tmp_path):
    command = [sys.executable, "-c", PROGRAM, "reproduce", "fake", "--jobs", "1", "--json", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while "computing" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    document = json.loads(out)
    assert document["interrupted"] is True
    assert [claim["id"] for claim in document["claims"]] == ["short"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["short.d.nc"]
