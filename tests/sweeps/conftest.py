"""What the tests of sweeps share: a small study, whose functions other processes can get, and its store."""

import pytest

import equipoise as eq

pytest.importorskip("zarr")

RECORD = eq.Record(every=20, observables=("loss", "balance"))


def small(over=None, **changes):
    """A study of Perturbed GD on a 6 x 5 matrix; `changes` are arguments of `Study`."""

    def make(step_size=0.02, std=0.05, rank=1):  # within a function, so that it is sent to processes by value
        problem = eq.problems.planted((6, 5), rank)
        return (
            problem,
            eq.dynamics.PerturbedGD((step_size, step_size), eq.noise.Gaussian(std)),
            eq.initial.Gaussian(0.1),
        )

    over = {"step_size": [0.02, 0.05, 2.0], "std": [0.01, 0.1]} if over is None else over
    given = {"steps": 60, "replicates": 4, "record": RECORD, "seed": 3}
    return eq.sweeps.Study(changes.pop("make", make), over, **{**given, **changes})


@pytest.fixture(scope="session")
def study():
    """Makes a study."""
    return small


@pytest.fixture
def store(tmp_path):
    """The folder of a store that is not there yet."""
    return tmp_path / "study.zarr"


@pytest.fixture
def here(store):
    """Runs a study in this process."""

    def run(study, **options):
        return eq.sweep(study, options.pop("store", store), **{"jobs": 1, "progress": False, **options})

    return run
