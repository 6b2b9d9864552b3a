"""Ctrl-C is answered while the compiled code runs, and what was recorded is kept."""

import signal
import subprocess
import sys
import time

import pytest

from equipoise.machine import native

PROGRAM = """
import sys
import equipoise as eq
PROBLEM
method = eq.dynamics.PerturbedGD(1e-3, eq.noise.Gaussian(0.01))
record = eq.Record(10**9, ("loss",))
options = {"seed": 0, "replicates": REPLICATES, "record": record, "progress": False, "engine": "ENGINE"}
eq.simulate(problem, method, eq.initial.Gaussian(0.1), steps=2, **options)
print("computing", flush=True)
run = eq.simulate(problem, method, eq.initial.Gaussian(0.1), steps=10**9, **options)
print({status.name for status in run.status}, flush=True)
"""


FULL = "problem = eq.problems.planted((40, 30), 10)"
RANK_1 = "problem = eq.problems.planted((40, 30), 1)"
COMPLETION = """
rows, columns = eq.problems.random_entries((SIZE, SIZE), SIZE * 20, seed=0)
values = (rows - columns) / SIZE
problem = eq.problems.completion((rows, columns, values), shape=(SIZE, SIZE), width=10, scale=0.01)
"""


@pytest.mark.skipif(native.compiled() is None, reason="installed without a C++ compiler")
@pytest.mark.parametrize(
    ("problem", "replicates", "engine"),
    [
        (FULL, 64, "native"),
        (RANK_1, 64, "law"),
        (COMPLETION.replace("SIZE", "40"), 5, "native"),
        (COMPLETION.replace("SIZE", "2000"), 1, "native"),
    ],
    ids=["full", "exactly in law", "replicates of a completion", "a completion in threads"],
)
def test_ctrl_c_is_answered_within_a_second(problem, replicates, engine):
    program = PROGRAM.replace("PROBLEM", problem).replace("REPLICATES", str(replicates)).replace("ENGINE", engine)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "computing\n"
        time.sleep(1.0)  # into the middle of a long call
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "{'interrupted'}\n"
        assert time.monotonic() - pressed < 5  # a second on an idle machine
    finally:
        process.kill()
        process.communicate()
