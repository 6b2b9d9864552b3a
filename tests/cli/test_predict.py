"""`equipoise predict`: what goes to stdout, what into the folder, and what it says to a mistake."""

import json

import numpy as np
import pytest

from equipoise.cli import main

WRITTEN = {"prediction.json", "prediction.png", "prediction.pdf"}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("given") / "matrix.npy"
    np.save(path, np.random.default_rng(1).standard_normal((12, 8)))
    return str(path)


@pytest.mark.drawn
def test_json_is_all_that_stdout_holds(file, tmp_path, capsys):
    folder = tmp_path / "made"
    options = ["--rank", "3", "--balance", "2", "--shrinkage", "0.01", "--out", str(folder), "--json"]
    assert main(["predict", file, *options]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "Steps of drift" in err
    assert found["file"] == file
    assert (found["shape"], found["rank"], found["kept"], found["notes"]) == ([12, 8], 3, 3, [])
    assert found["balance"] == pytest.approx(2.0)
    assert found["threshold"] == pytest.approx(0.01 * found["singular_values"][2])
    assert {path.name for path in folder.iterdir()} == WRITTEN
    assert {str(path) for path in folder.iterdir()} == set(found["files"].values())
    assert json.loads((folder / "prediction.json").read_text(encoding="utf-8")) == found


def test_tables_for_people(file, tmp_path, capsys):
    options = ["--rank", "3", "--noise-std", "0.3", "--gamma", "2", "--step-size", "0.02", "0.03"]
    assert main(["predict", file, *options, "--out", str(tmp_path / "made")]) == 0
    out, _ = capsys.readouterr()
    assert "step size: (0.02, 0.03)" in out
    assert "of XYᵀ" in out
    assert "note: " in out
    assert str(tmp_path / "made") in out.replace("\n", "")


def test_an_unstable_step_size_is_said(file, tmp_path, capsys):
    options = ["--rank", "8", "--noise-std", "0.1", "--step-size", "9", "--out", str(tmp_path / "made")]
    assert main(["predict", file, *options]) == 0
    assert "times the largest stable one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rank", "9", "--noise-std", "0.1"], "between 1 and 8"),
        (["--rank", "3", "--noise-std", "0"], "The standard deviation of the noise is 0"),
        (["--rank", "3", "--noise-std", "9"], "hides the whole matrix"),
        (["--rank", "3"], "give --noise-std to predict, or --balance and --shrinkage to find the noise"),
        (["--rank", "3", "--noise-std", "1", "--balance", "2"], "--noise-std and --balance exclude each other"),
        (["--rank", "3", "--noise-std", "0.1", "--step-size", "1", "2", "3"], "3"),
        (["--noise-std", "0.1"], "--rank"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr(file, arguments, said, tmp_path, capsys):
    assert main(["predict", file, *arguments, "--out", str(tmp_path / "made"), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1


def test_an_unknown_file(tmp_path, capsys):
    missing = str(tmp_path / "missing.npy")
    assert main(["predict", missing, "--rank", "1", "--noise-std", "0.1", "--out", str(tmp_path / "made")]) == 2
    assert "There is no file" in capsys.readouterr().err
