"""On a full disk every command that writes says one sentence, and leaves what was there."""

import contextlib

import numpy as np
import pytest

from equipoise.cli import main

resource = pytest.importorskip("resource")
MOST = 256
"""Bytes that a file may have, as if the disk were full from there on."""

STUDY = """
steps = 10
replicates = 2
seed = 1
store = "grid.zarr"

[problem]
kind = "planted"
shape = [4, 3]
rank = 1

[method]
kind = "GradientDescent"
step_size = ["$step_size", "$step_size"]

[start]
kind = "Gaussian"
std = 0.1

[grid]
step_size = [0.02, 0.03]

[record]
every = 10
observables = ["loss"]
"""


@contextlib.contextmanager
def full_disk():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_refused(arguments, capsys):
    """One sentence on stderr, exit 2, nothing on stdout, and every file as it was."""
    capsys.readouterr()
    with full_disk():
        assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("error: ")
    assert "File too large; free some space" in err or "free some space." in err
    assert err.count("error: ") == 1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [["factor", "m.csv", "--rank", "1", "--steps", "40"], ["complete", "m.csv", "--format", "matrix", "--steps", "40"]],
    ids=lambda arguments: arguments[0],
)
def test_the_old_set_stays_whole_and_a_new_folder_is_not_made(arguments, folder, capsys):
    np.savetxt("m.csv", np.random.default_rng(0).standard_normal((6, 4)), delimiter=",")
    assert main([*arguments, "--out", "made"]) == 0
    before = contents(folder)
    assert_refused([*arguments, "--seed", "1", "--out", "made"], capsys)
    assert_refused([*arguments, "--seed", "1", "--out", "new/inner"], capsys)
    assert contents(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["m.csv", "made"]


def test_reproduce(bench, folder, capsys):
    assert_refused(["reproduce", "fake", "--quick", "--jobs", "1", "--out", "new"], capsys)
    assert not list(folder.rglob("*"))


def test_lora(folder, capsys):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    factors = {"m.lora_A.weight": np.ones((2, 40), "f4"), "m.lora_B.weight": np.ones((30, 2), "f4")}
    save_file(factors, "a.safetensors")
    before = contents(folder)
    assert_refused(["lora", "balance", "a.safetensors", "b.safetensors"], capsys)
    assert contents(folder) == before


def test_a_sweep_goes_on_when_there_is_space(folder, capsys):
    pytest.importorskip("zarr")
    (folder / "grid.toml").write_text(STUDY)
    assert_refused(["sweep", "grid.toml", "--jobs", "1"], capsys)
    assert main(["sweep", "grid.toml", "--jobs", "1"]) == 0
    assert_refused(["sweep", "export", "grid.zarr"], capsys)
    assert not (folder / "grid.nc").exists()
