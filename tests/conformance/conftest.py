"""The registry: one line for every problem, noise law and method. What is listed here runs every conformance test."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq
from equipoise import dynamics, noise, problems

_LEFT = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0], [0.0, 0.0]])
_RIGHT = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
_TARGET = _LEFT @ _RIGHT.T
_PENALTIES = (np.array([[0.3, 0.1], [0.1, 0.2]]), np.array([[0.1, 0.0], [0.0, 0.4]]))


def _penalized(dtype):
    penalties = tuple(p.astype(dtype) for p in _PENALTIES)
    return problems.Penalized(problems.factorization(_TARGET, rank=2, dtype=dtype), penalties, np.asarray(0.25, dtype))


PROBLEMS = {
    ("dense", "float64"): lambda: problems.factorization(_TARGET, rank=2),
    ("dense", "float32"): lambda: problems.factorization(_TARGET, rank=2, dtype=np.float32),
    ("factored", "float64"): lambda: problems.factorization((_LEFT, _RIGHT), rank=2),
    ("factored", "float32"): lambda: problems.factorization((_LEFT, _RIGHT), rank=2, dtype=np.float32),
    ("sparse", "float64"): lambda: problems.factorization(scipy.sparse.coo_array(_TARGET), rank=2),
    ("sparse", "float32"): lambda: problems.factorization(scipy.sparse.coo_array(_TARGET), rank=2, dtype=np.float32),
    ("penalized", "float64"): lambda: _penalized(np.float64),
    ("penalized", "float32"): lambda: _penalized(np.float32),
    ("planted", "float64"): lambda: problems.planted((4, 3), 1, factors=3, seed=1),
    ("valley", "float64"): problems.valley,
}


def _anisotropic(shapes, std):
    rows = [std**2 * (np.eye(d) + 0.5) for d, _ in shapes]
    return noise.AnisotropicGaussian(rows, [np.diag(1.0 + np.arange(r)) for _, r in shapes])


NOISES = {
    "Gaussian": lambda shapes, std: noise.Gaussian(std=std),
    "AnisotropicGaussian": _anisotropic,
    "StudentT": lambda shapes, std: noise.StudentT(scale=std, degrees_of_freedom=3),
    "Uniform": lambda shapes, std: noise.Uniform(std=std),
}


def _perturbed(law):
    return lambda shapes, step_size: dynamics.PerturbedGD(step_size=step_size, noise=law(shapes, step_size))


# (shapes of θ, step size) -> method
METHODS = {
    "GradientDescent": lambda shapes, step_size: dynamics.GradientDescent(step_size=step_size),
    **{f"PerturbedGD-{name}": _perturbed(law) for name, law in NOISES.items()},
}


class Case(NamedTuple):
    """A problem of the registry, and what to compare it with."""

    problem: eq.problems.AbstractProblem
    precision: str

    @property
    def rounding(self) -> float:
        """How far apart two ways to compute one thing may lie."""
        return 1e-12 if self.precision == "float64" else 1e-5

    def start(self, seed: int, size: float = 0.5) -> tuple[np.ndarray, ...]:
        """A point of the problem's shapes."""
        generator = np.random.default_rng(seed)
        return tuple((size * generator.standard_normal(s)).astype(self.precision) for s in self.problem.shapes)


class Registry(NamedTuple):
    """All of it, for the tests that it is complete."""

    problems: dict[tuple[str, str], Callable]
    noises: dict[str, Callable]
    methods: dict[str, Callable]


@pytest.fixture(scope="session")
def registry():
    return Registry(PROBLEMS, NOISES, METHODS)


@pytest.fixture(scope="session", params=PROBLEMS, ids="-".join)
def case(request):
    """Each problem."""
    return Case(PROBLEMS[request.param](), request.param[1])


# whole runs compile for a second each: in single precision, one problem stands for all
@pytest.fixture(scope="session", params=[k for k in PROBLEMS if k[1] == "float64" or k[0] == "dense"], ids="-".join)
def run_case(request):
    """Each problem that whole runs are made of."""
    return Case(PROBLEMS[request.param](), request.param[1])


@pytest.fixture(scope="session", params=METHODS)
def method(request):
    """Each method, as a function of the shapes of θ and a step size."""
    return METHODS[request.param]


@pytest.fixture(scope="session", params=NOISES)
def law(request):
    """Each noise law, as a function of the shapes of θ and a standard deviation."""
    return NOISES[request.param]
