"""A sweep that is killed again and again ends with the dataset of one that is not."""

import multiprocessing
import random
import runpy
import sys
import time

import pytest

import equipoise as eq
from equipoise.results import load_dataset, save_dataset
from equipoise.sweeps.store.journal import Journal

KILLS = 20


def _sweep(folder):
    """Run the sweep in a folder, and write its dataset beside it."""

    def make(step_size, std):
        problem = eq.problems.planted((6, 5), 1)
        return (
            problem,
            eq.dynamics.PerturbedGD((step_size, step_size), eq.noise.Gaussian(std)),
            eq.initial.Gaussian(0.1),
        )

    over = {"step_size": [0.01 * i for i in range(1, 8)], "std": [0.01, 0.02, 0.05, 0.1]}
    record = eq.Record(every=100, observables=("loss", "balance"))
    study = eq.sweeps.Study(make, over, replicates=6, steps=1000, record=record, seed=3)
    dataset = eq.sweep(study, folder, jobs=1, block=(1, 2), progress=False)
    save_dataset(dataset.drop_attrs(), folder.with_suffix(".nc"))


def _process(context, folder):
    """A process that runs this file, since it may not find the tests as a package, and then the sweep."""
    arguments = {"init_globals": {"FOLDER": folder}, "run_name": "a sweep"}
    return context.Process(target=runpy.run_path, args=(__file__,), kwargs=arguments)


def _size(folder):
    """The size of the journal, which grows when a block is begun."""
    path = Journal(folder).path
    return path.stat().st_size if path.exists() else 0


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be forked there")
def test_a_sweep_killed_at_random_times_ends_with_the_dataset_of_an_uninterrupted_one(tmp_path):
    context = multiprocessing.get_context("forkserver")  # which has imported everything when a process is forked
    context.set_forkserver_preload(["equipoise.sweeps.sweep", "equipoise.results", "zarr", "xarray", "scipy.stats"])
    random_times, at_work = random.Random(7), 0
    for _ in range(KILLS):
        process = _process(context, tmp_path / "killed.zarr")
        before = _size(tmp_path / "killed.zarr")
        process.start()
        while process.is_alive() and _size(tmp_path / "killed.zarr") == before:
            time.sleep(0.005)
        process.join(random_times.uniform(0.0, 0.15))
        process.kill()
        process.join()
        journal = Journal(tmp_path / "killed.zarr").state(28, 6)
        at_work += bool(journal.begun.any())
    assert at_work >= 5  # otherwise the sweep was hardly ever killed at work
    for name in ("killed", "whole"):
        process = _process(context, tmp_path / f"{name}.zarr")
        process.start()
        process.join()
        assert process.exitcode == 0
    killed, whole = (load_dataset(tmp_path / f"{name}.nc") for name in ("killed", "whole"))
    assert (whole["status"] == "completed").all()
    assert killed.identical(whole)


if __name__ == "a sweep":
    _sweep(globals()["FOLDER"])
