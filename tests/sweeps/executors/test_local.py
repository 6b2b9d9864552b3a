"""Processes on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import equipoise as eq
from equipoise.sweeps import Local, WorkerDiedError


@pytest.fixture(scope="module")
def local():
    """Two processes."""
    executor = Local(2)
    yield executor
    executor.shutdown(wait=False, cancel_futures=True)


def _until(condition, seconds=60):
    pause = threading.Event()
    return any(condition() or pause.wait(0.05) for _ in range(round(20 * seconds)))


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_functions_run_in_other_processes_that_share_the_cores(local, monkeypatch):
    slow = [local.submit(lambda: time.sleep(0.5) or (os.getpid(), os.environ["OMP_NUM_THREADS"])) for _ in range(4)]
    found = {future.result() for future in slow}
    assert len(found) == 2
    assert os.getpid() not in {process for process, _ in found}
    assert all(int(threads) >= 1 for _, threads in found)


def test_errors_are_those_of_the_function(local):
    with pytest.raises(ZeroDivisionError):
        local.submit(lambda: 1 / 0).result()


def test_the_death_of_a_process_is_told_and_harms_no_other_task(local):
    beside = local.submit(lambda: time.sleep(1.0) or "beside")
    with pytest.raises(WorkerDiedError, match=r"^The process at work died with exit code -9, .*run with fewer jobs\.$"):
        local.submit(lambda: os.kill(os.getpid(), signal.SIGKILL)).result()
    assert beside.result() == "beside"
    assert local.submit(lambda: "another").result() == "another"


def test_shutdown_ends_processes_that_do_not_listen():
    executor = Local(1)
    process = executor.submit(os.getpid).result()
    executor.submit(lambda: (signal.signal(signal.SIGTERM, signal.SIG_IGN) and None) or time.sleep(600))
    waiting = executor.submit(os.getpid)
    executor.shutdown(wait=False, cancel_futures=True)
    assert waiting.cancelled()
    assert not _lives(process)
    with pytest.raises(RuntimeError, match="was shut down"):
        executor.submit(os.getpid)


@pytest.mark.skipif(sys.platform == "win32", reason="there a process does not learn of its parent's end")
def test_processes_end_with_the_one_that_started_them():
    program = """
import os, time
from equipoise.sweeps import Local
executor = Local(1)
print(executor.submit(os.getpid).result(), flush=True)
executor.submit(time.sleep, 600)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert _until(lambda: not _lives(child))


def test_a_sweep_in_processes_has_the_numbers_of_one_without(study, here, tmp_path):
    own = here(study(), block=(1, 4))
    data = here(study(), store=tmp_path / "processes.zarr", jobs=2, block=(1, 4))
    assert data.drop_attrs().identical(own.drop_attrs())


def test_a_block_whose_process_dies_once_is_run_again(study, here, tmp_path, local):
    """Its process takes the place of the one that died."""
    died = tmp_path / "died"
    parent, make = os.getpid(), study().make

    def deadly(step_size, std):
        if os.getpid() != parent and std == 0.1 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return make(step_size, std)

    data = eq.sweep(study(make=deadly), tmp_path / "deadly.zarr", local, block=(1, 4), progress=False)
    assert died.exists()
    assert set(data["status"].values.ravel()) == {"completed", "diverged"}


def test_a_block_whose_process_always_dies_fails_and_the_others_run_on(study, here, tmp_path, local):
    parent, make = os.getpid(), study().make

    def deadly(step_size, std):
        if os.getpid() != parent and std == 0.1 and step_size == 0.02:
            os.kill(os.getpid(), signal.SIGKILL)
        return make(step_size, std)

    data = eq.sweep(study(make=deadly), tmp_path / "deadly.zarr", local, block=(1, 4), progress=False)
    assert (data["status"] == "failed").all("replicate").sum() == 1
    assert "died with exit code -9" in str(data["error"].sel(step_size=0.02, std=0.1).item())


def test_a_make_that_differs_elsewhere_is_told(study, tmp_path, local):
    parent, make = os.getpid(), study().make

    def fickle(step_size, std):
        return make(step_size, std if os.getpid() == parent else 2 * std)

    data = eq.sweep(study({"step_size": [0.02], "std": [0.1]}, make=fickle), tmp_path / "a.zarr", local, progress=False)
    assert "make gives something else in another process at step_size=0.02, std=0.1" in str(data["error"].item())


def test_what_cannot_be_sent_is_told(study, tmp_path, local):
    lock, make = threading.Lock(), study().make

    def held(step_size, std):
        with lock:
            return make(step_size, std)

    with pytest.raises(eq.InputError, match=r"^The study cannot be sent to another process \(.*run with jobs=1\.$"):
        eq.sweep(study(make=held), tmp_path / "held.zarr", local, progress=False)


def test_two_places_to_run_are_one_too_many(study, store, local):
    with pytest.raises(eq.InputError, match=r"^executor and jobs are both given; give one of them\.$"):
        eq.sweep(study(), store, local, jobs=2)
    with pytest.raises(eq.InputError, match=r"^The number of jobs is 0"):
        eq.sweep(study(), store, jobs=0)
    assert not store.exists()


def test_any_executor_will_do(study, here, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as threads:
        data = eq.sweep(study(), tmp_path / "threads.zarr", threads, progress=False)
    assert data["loss"].equals(here(study())["loss"])
