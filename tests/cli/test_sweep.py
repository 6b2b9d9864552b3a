"""`equipoise sweep`, with its commands."""

import json

import pandas as pd
import pytest
import xarray as xr

from equipoise.cli import main

pytest.importorskip("zarr")

STUDY = """
steps = 40
replicates = 3
seed = 1
store = "grid.zarr"

[problem]
kind = "planted"
shape = [6, 5]
rank = 1

[method]
kind = "GradientDescent"
step_size = ["$step_size", "$step_size"]

[start]
kind = "Gaussian"
std = 0.1

[grid]
step_size = [0.02, 3.0]

[record]
every = 20
observables = ["loss"]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a study's file, in which the program runs."""
    (tmp_path / "grid.toml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_study_is_costed_run_looked_at_resumed_and_exported(folder, capsys):
    assert main(["sweep", "grid.toml", "--dry-run", "--json"]) == 0
    cost = json.loads(capsys.readouterr().out)
    assert (cost["points"], cost["programs"], cost["failures"]) == (2, 1, 0)
    assert cost["blocks"] >= 1
    assert cost["seconds"] > 0
    assert cost["bytes"] > 2 * 3 * 3 * 8
    assert not (folder / "grid.zarr").exists()

    assert main(["sweep", "grid.toml", "--jobs", "1", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["done"], done["failed"], done["to_do"], done["points"]) == (6, 0, 0, 2)
    assert main(["sweep", "status", "grid.zarr"]) == 0
    assert "100.0%" in capsys.readouterr().out
    assert main(["sweep", "resume", "grid.zarr", "--jobs", "1"]) == 0
    capsys.readouterr()

    for to in ("nc", "csv", "parquet"):
        assert main(["sweep", "export", "grid.zarr", "--to", to]) == 0
    assert "written to grid.parquet" in capsys.readouterr().out
    with xr.open_dataset("grid.nc", engine="h5netcdf") as data:
        assert data["loss"].dims == ("step_size", "replicate", "step")
        expected = data["loss"].to_series().to_numpy()
    for table in (pd.read_csv("grid.csv"), pd.read_parquet("grid.parquet")):
        assert len(table) == 2 * 3 * 3
        assert {"step_size", "replicate", "step", "loss", "status"} <= set(table.columns)
        both = table["loss"].to_numpy()
        assert ((both == expected) | (pd.isna(both) & pd.isna(expected))).all()


def test_a_point_that_fails_gives_exit_code_1_and_its_sentence(folder, capsys):
    (folder / "grid.toml").write_text(STUDY.replace("0.02, 3.0", "0.02, -1.0"))
    assert main(["sweep", "grid.toml", "--jobs", "1"]) == 1
    printed = capsys.readouterr()
    assert "failed at 1 point: step_size is -1" in printed.err
    assert "50.0%" in printed.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sweep", "none.toml"], "none.toml cannot be read"),
        (["sweep", "grid.toml", "--jobs", "0"], "The number of jobs is 0; it must be a whole number, 1 or greater."),
        (["sweep", "status", "none.zarr"], "There is no store of a sweep in none.zarr; check the path."),
        (["sweep", "resume", "none.zarr"], "There is no store of a sweep in none.zarr; check the path."),
        (["sweep", "export", "none.zarr"], "There is no store of a sweep in none.zarr; check the path."),
        (["sweep", "grid.toml", "--jobs", "2", "--scheduler", "tcp://x:1"], "scheduler and jobs are both given"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(folder, capsys, arguments, sentence):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert sentence in printed.err
    assert len(printed.err.splitlines()) == 1
    assert not (folder / "grid.zarr").exists()


def test_a_store_of_python_cannot_be_resumed_from_its_store(folder, capsys):
    assert main(["sweep", "grid.toml", "--jobs", "1"]) == 0
    (folder / "grid.zarr" / "sweep" / "source.json").unlink()
    capsys.readouterr()
    assert main(["sweep", "resume", "grid.zarr"]) == 2
    assert "was not made from a file; run the script that made it again." in capsys.readouterr().err
