"""A Dask cluster: a scheduler and workers in processes of their own."""

import os
import signal
import threading
from importlib.metadata import PackageNotFoundError

import pytest

import equipoise as eq
from equipoise.sweeps.executors import dask
from equipoise.sweeps.store.journal import Journal

pytest.importorskip("distributed")


def _until(condition, seconds=120):
    pause = threading.Event()
    return any(condition() or pause.wait(0.05) for _ in range(round(20 * seconds)))


def _done(store):
    return len(Journal(store).state(50, 50).seconds)


def test_a_sweep_survives_killed_late_and_ending_workers_with_the_same_numbers(study, here, cluster, tmp_path):
    """One of two workers is killed at work; then one joins, and the other one's time ends."""
    over = {"step_size": [0.01 * i for i in range(1, 9)], "std": [0.01, 0.02, 0.05, 0.1]}
    long = {"steps": 40_000, "record": eq.Record(every=2000, observables=("loss", "balance"))}
    own = here(study(over, **long), store=tmp_path / "own.zarr", block=(1, 4))
    store = tmp_path / "cluster.zarr"
    first = cluster.worker()
    cluster.worker("--lifetime", "45s")
    trouble = []

    def happen():
        trouble.append(_until(lambda: _done(store) >= 2))
        os.kill(first.pid, signal.SIGKILL)
        cluster.worker()

    thread = threading.Thread(target=happen)
    thread.start()
    data = eq.sweep(study(over, **long), store, scheduler=cluster.address, block=(1, 4), progress=False)
    thread.join()
    assert trouble == [True]
    assert first.poll() == -signal.SIGKILL
    assert data.drop_attrs().identical(own.drop_attrs())


def test_a_scheduler_that_ends_leaves_the_store_whole(study, here, cluster, store, tmp_path):
    cluster.worker()
    over = {"step_size": [0.01 * i for i in range(1, 9)], "std": [0.01, 0.02, 0.05, 0.1]}

    def end():
        _until(lambda: _done(store) >= 2)
        cluster.close()

    thread = threading.Thread(target=end)
    thread.start()
    with pytest.raises(eq.InputError, match=r"run the sweep again to go on\.$"):
        eq.sweep(study(over, steps=20_000), store, scheduler=cluster.address, block=(1, 4), progress=False)
    thread.join()
    assert eq.sweeps.status(store).done >= 8
    data = here(study(over, steps=20_000))
    assert (data["status"] == "completed").all()


def test_a_scheduler_that_cannot_be_reached_is_told(study, store, monkeypatch):
    monkeypatch.setattr(dask, "_PATIENCE", "1s")
    with pytest.raises(
        eq.InputError, match=r"^The scheduler tcp://127.0.0.1:9 cannot be reached \(.*start one by `dask"
    ):
        eq.sweep(study(), store, scheduler="tcp://127.0.0.1:9", progress=False)
    assert not store.exists()


class Workers:
    """A client whose one worker has the package in the given version."""

    def __init__(self, version):
        self.version = version

    def run(self, function, name, on_error):
        return {"tcp://far": self.version if name == "jax" else function(name)}


def test_workers_without_the_package_or_of_other_versions_are_told():
    with pytest.raises(eq.InputError, match=r"^The worker tcp://far has no package jax; install it in the worker's"):
        dask.check_workers(Workers(PackageNotFoundError("jax")))
    with pytest.raises(
        eq.InputError, match=r"^The worker tcp://far has jax 0\.1, but here it is .*; install the same\.$"
    ):
        dask.check_workers(Workers("0.1"))
