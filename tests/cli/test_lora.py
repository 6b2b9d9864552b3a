"""`equipoise lora`: what goes to stdout, what is written, and what it says to a mistake."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest

from equipoise.cli import main

save_file = pytest.importorskip("safetensors.numpy").save_file


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    arrays = {}
    for i in range(3):
        for word in ("q", "v"):
            name = f"unet.layers.{i}.{word}"
            arrays[f"{name}.lora_A.weight"] = generator.standard_normal((4, 12)).astype(np.float32)
            arrays[f"{name}.lora_B.weight"] = 0.1 * generator.standard_normal((10, 4)).astype(np.float32)
    save_file(arrays, "a.safetensors")
    return "a.safetensors"


def test_inspect_prints_a_table(file, capsys):
    assert main(["lora", "inspect", file]) == 0
    out, _ = capsys.readouterr()
    assert "6 modules, names after unet.layers." in out
    assert "2.v" in out
    assert max(map(len, out.split("\n"))) <= 80


def test_inspect_prints_comma_separated_values_alone(file, capsys):
    assert main(["lora", "inspect", file, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["module"] for row in rows][:2] == ["unet.layers.0.q", "unet.layers.0.v"]
    assert float(rows[0]["rank"]) == 4
    assert "stable_rank" in rows[0]


@pytest.mark.drawn
def test_inspect_prints_one_document_of_json_and_draws(file, capsys, tmp_path):
    assert main(["lora", "inspect", file, "--json", "--base", file, "--picture", "drawn.png"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert len(found["modules"]) == 6
    assert len(found["modules"][0]["singular_values"]) == 4
    assert found["modules"][0]["relative_change"] is None
    assert "drawn.png" in err
    assert (tmp_path / "drawn.png").is_file()
    assert (tmp_path / "drawn.pdf").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["balance", "a.safetensors", "b.safetensors", "--gamma", "2"],
        ["resize", "a.safetensors", "b.safetensors", "--energy", "0.9", "--per-layer"],
        ["resize", "a.safetensors", "b.safetensors", "--rank", "2", "--dtype", "float16"],
        ["merge", "a.safetensors:0.5", "a.safetensors", "--out", "b.safetensors", "--rank", "3"],
    ],
)
def test_what_is_written_is_measured(file, arguments, capsys):
    assert main(["lora", *arguments]) == 0
    out, _ = capsys.readouterr()
    assert "Change of the product" in out
    assert "start it anew" in out
    assert out.endswith("written to b.safetensors\n")
    assert main(["lora", *arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["modules"]) == 6
    assert "Change of the product" in err
    assert main(["lora", "inspect", "b.safetensors", "--csv"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inspect", "missing.safetensors"], "no file missing.safetensors"),
        (["inspect", "a.safetensors", "--csv", "--json"], "one of --csv and --json"),
        (["inspect", "a.bin"], "pickle"),
        (["inspect", "wrong.safetensors"], "not a safetensors file"),
        (["balance", "a.safetensors"], "TARGET"),
        (["balance", "a.safetensors", "a.safetensors"], "another place"),
        (["balance", "a.safetensors", "b.safetensors", "--gamma", "0"], "gamma is 0"),
        (["balance", "a.safetensors", "b.safetensors", "--dtype", "int8"], "dtype is 'int8'"),
        (["resize", "a.safetensors", "b.safetensors"], "exactly one"),
        (["resize", "a.safetensors", "b.safetensors", "--rank", "1.5"], "not a whole number"),
        (["merge", "a.safetensors:nan", "--out", "b.safetensors"], "weight"),
        (["merge", "--out", "b.safetensors"], "no adapters"),
        (["merge", "a.safetensors"], "--out"),
        (["inspekt"], "Unknown command 'inspekt'"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr(file, arguments, said, capsys, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\x80\x04.")
    (tmp_path / "wrong.safetensors").write_bytes(b"\xff" * 40)
    assert main(["lora", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "b.safetensors").exists()


def test_the_absence_of_safetensors_is_told_with_the_remedy(tmp_path):
    code = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "safetensors" else found(name, *rest)
from equipoise.cli import main
open("x.safetensors", "w").close()
raise SystemExit(main(["lora", "inspect", "x.safetensors"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert 'pip install "equipoise[lora]"' in done.stderr
