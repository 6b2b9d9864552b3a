import os
import subprocess
import sys

import pytest

from equipoise.cli.threads import one_thread

BEGIN = """
from pathlib import Path
import jax.numpy as jnp
from equipoise.cli.threads import one_thread
with one_thread():
    jnp.ones(3).block_until_ready()
print(sum("XLAEigen" in name.read_text() for name in Path("/proc/self/task").glob("*/comm")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are named under /proc on Linux alone")
def test_xla_has_one_thread():
    without = {name: value for name, value in os.environ.items() if name not in ("PJRT_NPROC", "NPROC")}
    said = subprocess.run([sys.executable, "-c", BEGIN], capture_output=True, text=True, check=True, env=without)
    assert said.stdout.split() == ["1"]


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.delenv("PJRT_NPROC", raising=False)
    with one_thread():
        assert os.environ["PJRT_NPROC"] == "1"
    assert "PJRT_NPROC" not in os.environ
    with one_thread(wanted=False):
        assert "PJRT_NPROC" not in os.environ


def test_what_the_user_asked_for_stays(monkeypatch):
    monkeypatch.setenv("PJRT_NPROC", "3")
    with one_thread():
        assert os.environ["PJRT_NPROC"] == "3"
    assert os.environ["PJRT_NPROC"] == "3"
