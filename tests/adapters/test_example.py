"""The example of the digits in its quick form: over the same time the drift is proportional to the step size."""

import re
import runpy
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits_balance.py"


def test_the_drift_falls_with_the_step_size(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "--quick", "--out", str(tmp_path / "figure")])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    rows = re.findall(r"^ +(\d+) +([\d.]+) +(\d+) +[\d.]+ +([\d.e+-]+)", capsys.readouterr().out, re.MULTILINE)
    drifts = {(int(batch), float(rate)): float(drift) for batch, rate, _, drift in rows}
    assert set(drifts) == {(1797, 0.1), (1797, 0.05), (64, 0.1), (64, 0.05)}
    assert abs(drifts[1797, 0.1] / drifts[1797, 0.05] - 2) < 0.1
    assert drifts[64, 0.1] > 1.3 * drifts[64, 0.05]
    assert all(drifts[64, rate] > drifts[1797, rate] for rate in (0.1, 0.05))
    assert (tmp_path / "figure.png").stat().st_size > 10_000
