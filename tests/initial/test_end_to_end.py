"""Starts by their matrix: balanced, of a given size, and of constant entries."""

import itertools

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.stream import initial_key, replicate_key
from equipoise.problems import (
    Asymmetric,
    CanonicalPolyadic,
    DeepLinear,
    Dense,
    Direct,
    Factored,
    Full,
    Hadamard,
    PowerDifference,
    Symmetric,
)

TARGET = Full(Dense(np.random.default_rng(0).standard_normal((4, 4))))
KINDS = {
    "asymmetric": Asymmetric((4, 4), 3),
    "symmetric": Symmetric(4, 5),
    "deep": DeepLinear((4, 3, 5, 4)),
    "direct": Direct((4, 4)),
    "hadamard": Hadamard((4, 4), 3),
    "powers": PowerDifference((4, 4), 4),
    "tensor": CanonicalPolyadic((4, 2, 2), 3),
}


@pytest.fixture(params=KINDS)
def problem(request):
    return Factored(TARGET, KINDS[request.param])


def _sample(start, problem, replicate=0):
    with eq.numerics():
        key = initial_key(replicate_key(0, replicate))
        return tuple(np.asarray(w) for w in start.sample(key, replicate, problem))


def _matrix(problem, theta):
    with eq.numerics():
        return np.asarray(problem.product(theta).dense())


def test_the_norm_is_that_of_the_matrix(problem):
    """Far below the square root of the smallest number, too."""
    for norm in (2.0, 1e-150):
        theta = _sample(eq.initial.EndToEnd(eq.initial.Gaussian(0.3), norm), problem)
        largest = np.max(np.abs(_matrix(problem, theta)))
        entries = _matrix(problem, theta) / largest
        assert largest * np.linalg.norm(entries) == pytest.approx(norm, rel=1e-12)


def test_the_factor_multiplies_the_matrix_and_all_arrays_alike(problem):
    plain = _sample(eq.initial.Gaussian(0.3), problem)
    scaled = _sample(eq.initial.EndToEnd(eq.initial.Gaussian(0.3), factor=1e-4), problem)
    np.testing.assert_allclose(_matrix(problem, scaled), 1e-4 * _matrix(problem, plain), rtol=1e-12, atol=1e-20)
    ratios = [one / other for one, other in zip(scaled, plain, strict=True)]
    np.testing.assert_allclose(np.concatenate([r.ravel() for r in ratios]), ratios[0].flat[0], rtol=1e-13)


def test_a_start_whose_matrix_is_zero_stays():
    """U = V = α of Uᴸ − Vᴸ, which has no size end to end."""
    problem = Factored(TARGET, PowerDifference((4, 4), 2))
    for w in _sample(eq.initial.EndToEnd(eq.initial.Constant(0.1), norm=1.0), problem):
        np.testing.assert_array_equal(w, 0.1)
    for w in _sample(eq.initial.EndToEnd(eq.initial.Constant(1.0), factor=1e-6), problem):
        np.testing.assert_allclose(w, 1e-3, rtol=1e-14)


@pytest.mark.parametrize("kind", ["asymmetric", "deep", "symmetric", "direct", "hadamard"])
def test_balanced_starts_are_balanced_and_random(kind):
    problem = Factored(TARGET, KINDS[kind])
    theta, other = (_sample(eq.initial.Balanced(0.5), problem, replicate) for replicate in (0, 1))
    assert not np.array_equal(theta[0], other[0])
    if kind == "asymmetric":
        np.testing.assert_allclose(theta[0].T @ theta[0], theta[1].T @ theta[1], atol=1e-14)
    if kind == "deep":
        for before, after in itertools.pairwise(theta):
            np.testing.assert_allclose(before @ before.T, after.T @ after, atol=1e-14)
    if kind == "hadamard":
        for before, after in itertools.pairwise(theta):
            np.testing.assert_allclose(np.abs(before), np.abs(after), rtol=1e-14)
    assert np.linalg.matrix_rank(_matrix(problem, theta)) == (2 if kind == "symmetric" else problem.rank)


def test_the_entries_of_a_balanced_start_have_the_deviation():
    """400 entries: the mean square lies within 4 standard errors, which fails a correct program once in 16 000."""
    problem = Factored(Full(Dense(np.zeros((20, 20)))), Asymmetric((20, 20), 20))
    entries = _matrix(problem, _sample(eq.initial.Balanced(0.5), problem))
    assert np.mean(entries**2) == pytest.approx(0.25, abs=4 * 0.25 * np.sqrt(2 / 400))


def test_constant_starts(problem):
    for w in _sample(eq.initial.Constant(0.25), problem):
        np.testing.assert_array_equal(w, 0.25)


def test_what_has_no_balanced_form():
    with pytest.raises(eq.InputError, match=r"^The best tensor of CP form follows from no decomposition"):
        _sample(eq.initial.Balanced(0.5), Factored(TARGET, KINDS["tensor"]))
    network = eq.problems.planted_network((2, 2, 1), 3, seed=0)
    with pytest.raises(eq.InputError, match=r"^A balanced start needs a problem with a matrix in factors, but Network"):
        _sample(eq.initial.Balanced(0.5), network)
    with pytest.raises(eq.InputError, match=r"^The size of a start end to end needs a matrix .* but Network has none"):
        _sample(eq.initial.EndToEnd(eq.initial.Gaussian(0.5), 1.0), network)


@pytest.mark.parametrize("options", [{}, {"norm": 1.0, "factor": 2.0}])
def test_either_a_norm_or_a_factor(options):
    with pytest.raises(eq.InputError, match=r"give exactly one of them\.$"):
        eq.initial.EndToEnd(eq.initial.Gaussian(0.5), **options)


@pytest.mark.parametrize("size", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("name", ["norm", "factor"])
def test_sizes_out_of_range(name, size):
    with pytest.raises(eq.InputError, match=rf"^{name} is .*; it must be finite and greater than 0\.$"):
        eq.initial.EndToEnd(eq.initial.Gaussian(0.5), **{name: size})


def test_entries_by_themselves_have_no_balance():
    """Scaling U and V the other way round would move U² − V²."""
    problem = Factored(TARGET, PowerDifference((4, 4)))
    with pytest.raises(eq.InputError, match=r"^Unbalanced changes the balance of two arrays or of layers"):
        _sample(eq.initial.Unbalanced(eq.initial.Constant(0.1), 2.0), problem)
