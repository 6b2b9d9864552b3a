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

# Whole runs compile for a second each. Every method runs on every problem; the laws after the first, which know nothing
# of the problem, on one of them, and single precision, which knows nothing of the form of the target, in one form.
_LATER_LAWS = {f"PerturbedGD-{name}" for name in list(NOISES)[1:]}
RUNS = [
    (problem, method)
    for problem in PROBLEMS
    for method in METHODS
    if (problem[1] == "float64" or problem[0] == "dense")
    and (method not in _LATER_LAWS or problem == ("dense", "float64"))
]


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


@pytest.fixture(scope="session", params=RUNS, ids=lambda run: "-".join((*run[0], run[1])))
def pair(request):
    """Each problem with each method that whole runs are made of."""
    problem, method = request.param
    return Case(PROBLEMS[problem](), problem[1]), METHODS[method]


@pytest.fixture(scope="session", params=METHODS)
def method(request):
    """Each method, as a function of the shapes of θ and a step size."""
    return METHODS[request.param]


@pytest.fixture(scope="session", params=NOISES)
def law(request):
    """Each noise law, as a function of the shapes of θ and a standard deviation."""
    return NOISES[request.param]
