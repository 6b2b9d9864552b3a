"""What the entries say of false alarms is what was measured."""

import json
from pathlib import Path

import pytest

from equipoise.papers import paper

MEASURED = json.loads((Path(__file__).parents[3] / "docs/assets/liu2021/false_alarms.json").read_text(encoding="utf-8"))
ENTRIES = {entry.id: entry for entry in paper("liu2021").entries}


@pytest.mark.parametrize("entry", [name for name in ENTRIES if name != "figure1"])
def test_every_random_entry_says_what_was_measured(entry):
    assert f"Quick form: {MEASURED['quick'][entry]['statement']}" in ENTRIES[entry].false_alarm
    full = MEASURED["full"].get(entry)
    assert ("Full form" in ENTRIES[entry].false_alarm) == (full is not None)
    assert full is None or f"Full form: {full['statement']}" in ENTRIES[entry].false_alarm


@pytest.mark.parametrize("form", ["quick", "full"])
def test_no_seed_failed(form):
    assert not [name for name, result in MEASURED[form].items() if result["failed"]]


def test_margins_are_wide():
    """Of all that is no extreme of many, the mean is at least 4 standard deviations from what would fail."""
    for result in MEASURED["quick"].values():
        said = result["statement"].split("smallest margin ")
        assert len(said) == 1 or said[1].startswith("over 100") or float(said[1].split()[0]) >= 4
