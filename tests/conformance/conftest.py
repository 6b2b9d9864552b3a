"""The registry: one line for every problem, noise law and method. What is listed here runs every conformance test."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
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


_RANDOM = np.random.default_rng(4)
_SQUARE = _RANDOM.standard_normal((5, 3, 3))
_OPERATORS = {
    "array": _SQUARE,
    "pairs": (_RANDOM.standard_normal((5, 3)), _RANDOM.standard_normal((5, 3))),
    "spread": scipy.sparse.coo_array(np.where(_RANDOM.random((5, 9)) < 0.4, _SQUARE.reshape(5, 9), 0.0)),
    "functions": problems.FunctionOperator(
        lambda w: jnp.stack([w[0, 0], w[1, 2] + w[2, 1]]),
        lambda z: jnp.zeros((3, 3), z.dtype).at[0, 0].set(z[0]).at[1, 2].set(z[1]).at[2, 1].set(z[1]),
        (3, 3),
        2,
    ),
}
_SEEN = (np.array([0, 1, 2, 2]), np.array([0, 2, 0, 2]), np.array([1.0, -0.5, 0.5, 0.25]))


def _sensing(name, dtype, **options):
    operator = _OPERATORS[name]
    count = operator.count if isinstance(operator, problems.AbstractOperator) else len(_SQUARE)
    data = np.linspace(1.0, 2.0, count)
    return problems.sensing(operator, data, shape=(3, 3), dtype=dtype, **options)


def _custom_loss(theta, data):
    """A loss that is no function of a product, on arrays of the shapes of (X, Y)."""
    x, y = theta
    return 0.5 * jnp.sum((x @ y.T - data) ** 2) + 0.1 * jnp.sum(x**4)


def _loss_of_rows(theta, data):
    """A mean over data points, here the rows of a matrix, on arrays of the shapes of (X, Y)."""
    x, y = theta
    return jnp.mean(jnp.sum((data["which"] @ x @ y.T - data["row"]) ** 2, axis=1))


def _completion(**options):
    return problems.completion(_SEEN, shape=(3, 3), **options)


_BY_ENTRY = {"product": problems.Hadamard((3, 3), 3), "powers": problems.PowerDifference((3, 3))}
PROBLEMS = {
    ("array-symmetric", "float64"): lambda: _sensing("array", np.float64, width=2),
    ("array-symmetric", "float32"): lambda: _sensing("array", np.float32, width=2),
    ("array-direct", "float64"): lambda: _sensing("array", np.float64, parametrization="direct"),
    ("array-deep", "float64"): lambda: _sensing("array", np.float64, parametrization=problems.DeepLinear((3, 2, 4, 3))),
    ("array-hadamard", "float64"): lambda: _sensing("array", np.float64, parametrization=problems.Hadamard((3, 3), 3)),
    ("array-powers", "float64"): lambda: _sensing(
        "array", np.float64, parametrization=problems.PowerDifference((3, 3))
    ),
    ("array-powers", "float32"): lambda: _sensing(
        "array", np.float32, parametrization=problems.PowerDifference((3, 3))
    ),
    ("entries-tensor", "float64"): lambda: problems.completion(
        (_SEEN[0], np.array([0, 3, 2, 1]), _SEEN[2]),
        shape=(3, 4),
        parametrization=problems.CanonicalPolyadic((3, 2, 2), 2),
    ),
    ("pairs-asymmetric", "float64"): lambda: _sensing("pairs", np.float64, parametrization="asymmetric"),
    ("spread-symmetric", "float64"): lambda: _sensing("spread", np.float64),
    ("functions-symmetric", "float64"): lambda: _sensing("functions", np.float64),
    ("entries-asymmetric", "float64"): lambda: _completion(width=2),
    ("entries-gathered", "float64"): lambda: _completion(forms_product=False, parametrization="symmetric"),
    ("custom", "float64"): lambda: problems.custom(_custom_loss, [(4, 2), (3, 2)], data=_TARGET),
    ("custom-points", "float64"): lambda: problems.custom(
        _loss_of_rows, [(4, 2), (3, 2)], data={"which": np.eye(4), "row": _TARGET}, axis=0, labels="row"
    ),
    ("dense", "float64"): lambda: problems.factorization(_TARGET, rank=2),
    ("dense", "float32"): lambda: problems.factorization(_TARGET, rank=2, dtype=np.float32),
    ("factored", "float64"): lambda: problems.factorization((_LEFT, _RIGHT), rank=2),
    ("factored", "float32"): lambda: problems.factorization((_LEFT, _RIGHT), rank=2, dtype=np.float32),
    ("sparse", "float64"): lambda: problems.factorization(scipy.sparse.coo_array(_TARGET), rank=2),
    ("sparse", "float32"): lambda: problems.factorization(scipy.sparse.coo_array(_TARGET), rank=2, dtype=np.float32),
    ("penalized", "float64"): lambda: _penalized(np.float64),
    ("penalized", "float32"): lambda: _penalized(np.float32),
    ("network", "float64"): lambda: problems.planted_network((3, 4, 4, 2), 4, seed=0),
    ("network", "float32"): lambda: problems.planted_network((3, 4, 2), 4, seed=0, dtype=np.float32),
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
    "Until": lambda shapes, std: noise.Until(noise.Gaussian(std=std), 10_000),
}


def _perturbed(law):
    return lambda shapes, step_size: dynamics.PerturbedGD(step_size=step_size, noise=law(shapes, step_size))


# (shapes of θ, step size) -> method
METHODS = {
    "GradientDescent": lambda shapes, step_size: dynamics.GradientDescent(step_size=step_size),
    "RegularizedGD": lambda shapes, step_size: dynamics.RegularizedGD(step_size=step_size),
    "GradientFlow": lambda shapes, step_size: dynamics.GradientFlow(step_size),
    "LineSearch": lambda shapes, step_size: dynamics.LineSearch(step_size),
    "ProjectedGradient": lambda shapes, step_size: dynamics.ProjectedGradient(step_size),
    "TimeOrderedExponential": lambda shapes, step_size: dynamics.TimeOrderedExponential(step_size),
    "MatrixFlow": lambda shapes, step_size: dynamics.MatrixFlow(step_size),
    "Minibatch": lambda shapes, step_size: dynamics.Minibatch(dynamics.GradientDescent(step_size), 1),
    "LabelNoise": lambda shapes, step_size: dynamics.LabelNoise(dynamics.GradientDescent(step_size), std=0.1),
    "SharpnessAware": lambda shapes, step_size: dynamics.SharpnessAware(dynamics.GradientDescent(step_size), 0.05),
    "LabelNoise-epoch": lambda shapes, step_size: dynamics.LabelNoise(
        dynamics.GradientDescent(step_size), std=0.1, epoch=4
    ),
    "AdaptiveSharpnessAware": lambda shapes, step_size: dynamics.AdaptiveSharpnessAware(
        dynamics.GradientDescent(step_size), 0.05
    ),
    "BalancednessAware": lambda shapes, step_size: dynamics.BalancednessAware(step_size, 0.05),
    "GradientNoise": lambda shapes, step_size: dynamics.GradientNoise(
        dynamics.GradientDescent(step_size), noise.Gaussian(std=0.1)
    ),
    "Langevin": lambda shapes, step_size: dynamics.Langevin(step_size, 0.01),
    "ScaledGD": lambda shapes, step_size: dynamics.ScaledGD(step_size, damping=0.1),
    "MirrorDescent": lambda shapes, step_size: dynamics.MirrorDescent(step_size, dynamics.Hypentropy(0.5)),
    "TwoSidedPerturbedGD": lambda shapes, step_size: dynamics.TwoSidedPerturbedGD(
        step_size, noise.Gaussian(std=step_size)
    ),
    "Optax": lambda shapes, step_size: dynamics.Optax(optax.sgd(step_size, momentum=0.9)),
    **{f"PerturbedGD-{name}": _perturbed(law) for name, law in NOISES.items()},
}

MOVES_THE_MATRIX = ("ProjectedGradient", "TimeOrderedExponential", "MatrixFlow")
CALM = ("LineSearch", "ScaledGD")
"""Methods that no start makes diverge."""


PAIRS = [(problem, method) for problem in PROBLEMS for method in METHODS]


def _kinds():
    """One problem for each combination of shapes and precision: all that a noise law sees of a problem."""
    kinds = {}
    for key, problem in MADE.items():
        kinds.setdefault((problem.shapes, key[1]), key)
    return list(kinds.values())


MADE = {key: make() for key, make in PROBLEMS.items()}
KINDS = _kinds()


def _is_refused(problem, method):
    """Whether the method declares that it cannot run on the problem."""
    return METHODS[method](MADE[problem].shapes, 0.02).refusal(MADE[problem]) != ""


UNSUITED = [pair for pair in PAIRS if _is_refused(*pair)]
_FURTHER_METHODS = (
    *("LabelNoise-epoch", "AdaptiveSharpnessAware", "BalancednessAware", "GradientNoise", "Langevin", "ScaledGD"),
    *("MirrorDescent", "TwoSidedPerturbedGD"),
)
"""Methods that use of a problem what those before them use: its gradient."""
_OWN_FORMS = ("array-hadamard", "array-powers", "entries-tensor")
_FURTHER_LAWS = [f"PerturbedGD-{name}" for name in NOISES if name != "Gaussian"]


def _steps_differ(problem, method):
    """Whether a step there can tell something that the others do not."""
    if method in _FURTHER_LAWS:
        return problem in KINDS
    if problem[1] == "float32" and method not in ("GradientDescent", "PerturbedGD-Gaussian"):
        return problem == ("dense", "float32")  # what keeps the precision in one form of the target does in all
    if method in _FURTHER_METHODS:
        return problem in (("dense", "float64"), ("array-symmetric", "float64"), ("custom", "float64"))
    if problem[0] == "custom-points":  # which differs from the form without points in its batches and labels
        return method in ("GradientDescent", "Minibatch", "LabelNoise")
    if problem[0] in _OWN_FORMS:  # which differ in the gradient alone
        return method in ("GradientDescent", "LineSearch", "PerturbedGD-Gaussian")
    # a step of flow compiles for a second each, so that it is taken on two problems
    return method != "GradientFlow" or problem[0] in ("dense", "array-deep")


STEPS = [pair for pair in PAIRS if pair not in UNSUITED and _steps_differ(*pair)]

# Whole runs compile for seconds each. Gradient descent runs on every kind of problem, the others where they differ from
# it; the laws after the first, which know nothing of the problem, on one; single precision, which knows nothing of the
# form of the target, in one form. Forms of the target and of the operator differ in the gradient alone.
_DENSE, _SINGLE, _SEEING = ("dense", "float64"), ("dense", "float32"), ("array-symmetric", "float64")
_RUN_ON = {
    "GradientDescent": [
        *(_DENSE, _SINGLE),
        *((name, "float64") for name in ("factored", "sparse", "penalized", "network", "custom", "valley")),
        *((name, "float64") for name in ("array-direct", "array-deep", "entries-gathered", "functions-symmetric")),
        *((name, "float64") for name in ("array-powers", "entries-tensor")),
    ],
    "PerturbedGD-Gaussian": [_DENSE, _SINGLE, ("penalized", "float64"), _SEEING],
    "LineSearch": [_DENSE, _SINGLE, _SEEING],
    **{method: [("array-direct", "float64")] for method in MOVES_THE_MATRIX},
    **{method: [] for method in _FURTHER_METHODS if method not in ("LabelNoise-epoch", "ScaledGD")},
}
RUNS = [(problem, method) for method in METHODS for problem in _RUN_ON.get(method, [_DENSE])]


class Case(NamedTuple):
    """A problem of the registry, and what to compare it with."""

    problem: eq.problems.AbstractProblem
    precision: str
    name: str

    @property
    def rounding(self) -> float:
        """How far apart two ways to compute one thing may lie."""
        return 1e-12 if self.precision == "float64" else 1e-5

    @property
    def huge(self) -> float:
        """The size of a start whose loss is a number, but not, or out of bounds, the point after one step."""
        if self.name == "array-direct":  # whose gradient is linear
            return 1e70
        return 1e40 if self.precision == "float64" else 1e7

    @property
    def observables(self) -> tuple[str, ...]:
        """What can be recorded."""
        if len(self.problem.shapes) == 2:
            return ("loss", "balance")
        return ("loss", "relative_error") if isinstance(self.problem, eq.problems.AbstractFactorization) else ("loss",)

    def start(self, seed: int, size: float = 0.5) -> tuple[np.ndarray, ...]:
        """A point of the problem's shapes; a matrix itself lies in the cone that its methods move in, unless huge."""
        generator = np.random.default_rng(seed)
        if self.name == "array-direct" and size < self.huge:
            ((n, _),) = self.problem.shapes
            factor = generator.standard_normal((n, n))
            return ((size * factor @ factor.T / n).astype(self.precision),)
        return tuple((size * generator.standard_normal(s)).astype(self.precision) for s in self.problem.shapes)


class Method(NamedTuple):
    """A method of the registry: `make` is a function of the shapes of θ and a step size."""

    make: Callable
    name: str

    @property
    def calm(self) -> bool:
        """Whether no start makes it diverge."""
        return self.name in CALM

    @property
    def moves_the_matrix(self) -> bool:
        """Whether it is made for one square matrix."""
        return self.name in MOVES_THE_MATRIX


def _made(pair):
    problem, method = pair
    return _case(problem), Method(METHODS[method], method)


def _case(problem):
    return Case(MADE[problem], problem[1], problem[0])


def _name(pair):
    return "-".join((*pair[0], pair[1]))


class Registry(NamedTuple):
    """All of it, for the tests that it is complete."""

    problems: dict[tuple[str, str], Callable]
    made: dict[tuple[str, str], eq.problems.AbstractProblem]
    noises: dict[str, Callable]
    methods: dict[str, Callable]


@pytest.fixture(scope="session")
def registry():
    return Registry(PROBLEMS, MADE, NOISES, METHODS)


@pytest.fixture(scope="session", params=PROBLEMS, ids="-".join)
def case(request):
    """Each problem."""
    return _case(request.param)


@pytest.fixture(scope="session", params=KINDS, ids="-".join)
def kind(request):
    """A problem for each combination of shapes and precision."""
    return _case(request.param)


@pytest.fixture(scope="session", params=RUNS, ids=_name)
def pair(request):
    """The problems and methods that whole runs are made of."""
    return _made(request.param)


@pytest.fixture(scope="session", params=STEPS, ids=_name)
def stepping(request):
    """The problems and methods that single steps are taken with."""
    return _made(request.param)


@pytest.fixture(scope="session", params=UNSUITED, ids=_name)
def unsuited(request):
    """Each problem with each method that is not made for it."""
    return _made(request.param)


@pytest.fixture(scope="session", params=METHODS)
def method(request):
    """Each method."""
    return Method(METHODS[request.param], request.param)


@pytest.fixture(scope="session", params=NOISES)
def law(request):
    """Each noise law, as a function of the shapes of θ and a standard deviation."""
    return NOISES[request.param]
