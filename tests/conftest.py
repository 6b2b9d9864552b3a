"""What all tests share: small problems, and JAX's 64-bit mode for those that compute by themselves."""

import gc
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import equinox as eqx
import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import pytest
import threadpoolctl
from hypothesis import settings

import equipoise as eq
from equipoise.machine import native
from equipoise.simulation import ENGINES, XLA, AbstractEngine, one_step

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, max_examples=60)
settings.load_profile("repeatable")


_CACHE = {
    "jax_persistent_cache_min_compile_time_secs": 0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}


def pytest_configure(config):
    """Keep compiled programs for all processes of this test run and for the next one, and answer Ctrl-C.

    What runs in the background inherits that Ctrl-C is ignored; a program started by hand does not.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _waste_nothing()
    cache = getattr(config, "cache", None)
    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR") or (cache and str(cache.mkdir("compiled")))
    if folder:
        for name, value in {"jax_compilation_cache_dir": folder, **_CACHE}.items():
            os.environ[name.upper()] = str(value)  # for the processes that are started from here
            jax.config.update(name, value)


def _waste_nothing():
    """Small matrices want no threads, which wait for each other at the cost of a core; garbage is collected rarely."""
    threadpoolctl.threadpool_limits(1, user_api="blas")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for the processes that are started from here
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """`--dist loadfile`, with all files of a paper as one: else a process would wait for another to reproduce it."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid):
            place = super()._split_scope(nodeid)
            found = re.match(r"(?:.*/)?papers/[a-z]+\d{4}/", place)
            return found[0] if found else place

    return Files(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish():
    """What lives as long as the tests is not searched for garbage again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def double():
    """The package's numerical settings, for as long as the test runs."""
    with eq.numerics():
        yield


@pytest.fixture(scope="session")
def target():
    """A 4 x 3 matrix without any structure."""
    return np.random.default_rng(7).standard_normal((4, 3))


@pytest.fixture(scope="session")
def problem(target):
    """Its factorization with two columns."""
    return eq.problems.factorization(target, rank=2)


@pytest.fixture(scope="session")
def descent():
    """Gradient descent that converges on it."""
    return eq.dynamics.GradientDescent(step_size=0.02)


@pytest.fixture(scope="session")
def perturbed():
    """Perturbed GD that stays close to its minima."""
    return eq.dynamics.PerturbedGD(step_size=0.02, noise=eq.noise.Gaussian(std=0.05))


@pytest.fixture(scope="session")
def start():
    """A random start of moderate size."""
    return eq.initial.Gaussian(std=0.3)


class StepByStep(AbstractEngine):
    """An engine outside JAX's compiled loop: one call for each step."""

    @property
    def name(self):
        return "step by step"

    @property
    def is_traced(self):
        return False

    def refusal(self, experiment):
        return ""

    def advance(self, experiment, batch, step, count):
        for number in range(step, step + count):
            batch = _step_of_all(experiment, batch, jnp.asarray(number))
        return batch


@eqx.filter_jit
def _step_of_all(experiment, batch, number):
    return jax.vmap(lambda at: one_step(experiment, at, number))(batch)


@pytest.fixture(
    scope="session",
    params=[*(e for e in ENGINES.values() if e.name != "law"), StepByStep()],
    ids=lambda engine: engine.name,
)
def engine(request):
    """Each engine of the registry that gives the same paths, and one that is not compiled with the looks."""
    if request.param.name == "native" and native.compiled() is None:
        pytest.skip("the package was installed without a C++ compiler")
    return request.param


@pytest.fixture(scope="session", params=[XLA(), StepByStep()], ids=lambda engine: engine.name)
def any_method_engine(request):
    """Each engine that runs every method."""
    return request.param


def _mappings():
    """The number of memory mappings of this process; 0 where the system does not say."""
    maps = pathlib.Path("/proc/self/maps")
    return len(maps.read_bytes().splitlines()) if maps.exists() else 0


@pytest.fixture(autouse=True, scope="module")
def few_compiled_programs():
    """Compiled programs are forgotten when there are many: XLA maps each into memory, and dies at Linux's 65 530th."""
    yield
    if _mappings() > 20_000:
        jax.clear_caches()
        gc.collect()


_advance = eqx.filter_jit(XLA().advance)


class Interrupted(AbstractEngine):
    """XLA, with Ctrl-C pressed during call number `at`, before or after its work."""

    at: int
    after: bool = False
    calls: list = eqx.field(static=True, default_factory=list)

    @property
    def name(self):
        return "xla"

    @property
    def is_traced(self):
        return False

    def refusal(self, experiment):
        return ""

    def advance(self, experiment, batch, step, count):
        self.calls.append(1)
        pressed = len(self.calls) == self.at
        if pressed and not self.after:
            raise KeyboardInterrupt
        batch = _advance(experiment, batch, jnp.asarray(step), jnp.asarray(count))
        if pressed:
            raise KeyboardInterrupt
        return batch


@pytest.fixture(scope="session")
def interrupting():
    """Makes an engine during whose call number `at` Ctrl-C is pressed."""
    return Interrupted


@pytest.fixture
def interrupt(monkeypatch):
    """Has Ctrl-C pressed during call number `at` of whatever engine is used from now on."""

    def press(at):
        pressed = Interrupted(at)
        for name in ENGINES:
            monkeypatch.setitem(ENGINES, name, pressed)

    return press


@pytest.fixture
def unchecked():
    """The package as its users have it, without the type checker of the tests."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


class Cluster:
    """A scheduler of Dask, and workers that can be killed, each in a process of its own."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(folder / "scheduler.json"))
        pause, place = threading.Event(), folder / "scheduler.json"
        assert any(place.exists() or pause.wait(0.05) for _ in range(2400))
        self.address = json.loads(place.read_text())["address"]

    def worker(self, *options):
        """Start one more worker, which sees the environment of now."""
        plain = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
        return self._start("worker", self.address, *plain, *options)

    def _start(self, kind, *options):
        command = [sys.executable, "-m", "dask", kind, *options]
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60s"}
        with (self.folder / f"{kind}{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self.processes.append(process)
        return process

    def close(self):
        """End all processes."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    """A cluster without workers."""
    pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    found = Cluster(folder)
    yield found
    found.close()
