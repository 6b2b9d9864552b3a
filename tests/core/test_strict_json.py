"""JSON that every reader accepts."""

import json
from pathlib import Path

import numpy as np

from equipoise.core.strict_json import to_json


def test_json_takes_numpy_and_no_numbers():
    value = {"a": np.array([1.5, np.nan]), "b": np.bool_(True), "c": (np.inf,), "d": np.int64(3), "e": None}
    assert json.loads(to_json(value)) == {"a": [1.5, None], "b": True, "c": ["Infinity"], "d": 3, "e": None}


def test_keys_and_paths_become_text():
    assert json.loads(to_json({1: Path("a") / "b", "c": -np.inf})) == {"1": "a/b", "c": "-Infinity"}


def test_letters_are_kept_unless_only_ascii_may_be_used():
    assert to_json("‖X‖") == '"‖X‖"\n'
    assert to_json("‖X‖", ascii_only=True) == '"\\u2016X\\u2016"\n'
