"""Starting points: what they are, and that they depend on (seed, replicate) alone."""

import inspect

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.core.stream import initial_key, replicate_key

STARTS = {
    "Gaussian": eq.initial.Gaussian(std=(0.5, 0.1)),
    "GaussianOfNorm": eq.initial.GaussianOfNorm(norm=0.5),
    "Identity": eq.initial.Identity(alpha=0.5),
    "OrthogonalToSignal": eq.initial.OrthogonalToSignal(std=0.5),
    "Unbalanced": eq.initial.Unbalanced(eq.initial.Gaussian(std=0.5), 9.0),
    "Given": eq.initial.Given((np.full((5, 2), 0.5), np.full((4, 2), 0.25))),
    "Saddle": eq.initial.Saddle(),
    "Constant": eq.initial.Constant((0.5, 0.25)),
    "Balanced": eq.initial.Balanced(std=0.5),
    "EndToEnd": eq.initial.EndToEnd(eq.initial.Gaussian(std=0.5), norm=1e-3),
    "Conditional": eq.initial.Conditional(eq.initial.Gaussian(std=0.5), lambda problem, theta: theta[0][0, 0] > 0),
}
RANDOM = (*("Gaussian", "GaussianOfNorm", "OrthogonalToSignal", "Unbalanced"), *("Balanced", "EndToEnd", "Conditional"))


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted((5, 4), 2, values=(2.0, 1.0), seed=3)


def _sample(start, problem, seed=0, replicate=0):
    with eq.numerics():
        key = initial_key(replicate_key(seed, replicate))
        return tuple(np.asarray(w) for w in start.sample(key, replicate, problem))


def test_every_start_is_tested():
    offered = {name for name, cls in vars(eq.initial).items() if inspect.isclass(cls) and not inspect.isabstract(cls)}
    assert offered - {"DeterminantSign"} == set(STARTS)


@pytest.mark.parametrize("name", STARTS)
def test_shapes_precision_and_purity(problem, name):
    first, again = _sample(STARTS[name], problem), _sample(STARTS[name], problem)
    assert tuple(w.shape for w in first) == problem.shapes
    assert {w.dtype for w in first} == {np.dtype(np.float64)}
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", STARTS)
def test_single_precision(name):
    """The optimum attached is double all the same."""
    matrix = np.random.default_rng(0).standard_normal((5, 4))
    signal = eq.problems.factorization(matrix, rank=2).with_signal().known_signal()
    single = eq.problems.factorization(matrix, rank=2, dtype=np.float32, signal=signal)
    assert {w.dtype for w in _sample(STARTS[name], single)} == {np.dtype(np.float32)}
    run = eq.simulate(single, eq.dynamics.GradientDescent(0.1), STARTS[name], seed=0, steps=1)
    assert {w.dtype for w in run.theta} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", STARTS)
def test_replicates_and_seeds_differ_where_there_is_chance(problem, name):
    base = _sample(STARTS[name], problem)
    for other in (_sample(STARTS[name], problem, seed=1), _sample(STARTS[name], problem, replicate=1)):
        assert all(np.array_equal(one, two) == (name not in RANDOM) for one, two in zip(base, other, strict=True))


@pytest.mark.parametrize("name", STARTS)
def test_a_run_starts_there(problem, name):
    run = eq.simulate(problem, eq.dynamics.GradientDescent(0.1), STARTS[name], seed=4, steps=0, replicates=3)
    for replicate in range(3):
        for found, wanted in zip(run.theta, _sample(STARTS[name], problem, 4, replicate), strict=True):
            np.testing.assert_allclose(found[replicate], wanted, rtol=1e-13, atol=1e-16)


def test_orthogonal_starts_see_nothing_of_the_optimum(problem):
    x, y = _sample(STARTS["OrthogonalToSignal"], problem)
    np.testing.assert_allclose(problem.signal.left.T @ x, 0, atol=1e-16)
    np.testing.assert_allclose(problem.signal.right.T @ y, 0, atol=1e-16)
    assert np.linalg.norm(x) > 0.1
    assert np.linalg.norm(y) > 0.1


def test_unbalanced_starts_keep_the_product(problem):
    x, y = _sample(eq.initial.Gaussian(std=0.5), problem)
    moved_x, moved_y = _sample(STARTS["Unbalanced"], problem)
    np.testing.assert_allclose(moved_x @ moved_y.T, x @ y.T, rtol=1e-13)
    ratio = np.linalg.norm(moved_x) / np.linalg.norm(moved_y)
    assert ratio == pytest.approx(9 * np.linalg.norm(x) / np.linalg.norm(y), rel=1e-13)


@pytest.mark.parametrize("norm", [0.0, 1e-150, 1e-3, 7.0])
def test_norms_are_exact(problem, norm):
    for w in _sample(eq.initial.GaussianOfNorm(norm), problem):
        assert np.linalg.norm(w) == pytest.approx(norm, rel=1e-14)
        assert np.linalg.matrix_rank(w) == (2 if norm else 0)


def test_each_array_may_have_a_norm_of_its_own(problem):
    x, y = _sample(eq.initial.GaussianOfNorm((3.0, 0.5)), problem)
    assert (np.linalg.norm(x), np.linalg.norm(y)) == pytest.approx((3.0, 0.5), rel=1e-14)


def test_the_identity_in_any_shape(problem):
    x, y = _sample(eq.initial.Identity(0.25), problem)
    np.testing.assert_array_equal(x, 0.25 * np.eye(5, 2))
    np.testing.assert_array_equal(y, 0.25 * np.eye(4, 2))
    wide = eq.problems.sensing(np.ones((1, 3, 3)), [1.0], width=5)
    np.testing.assert_array_equal(_sample(eq.initial.Identity(2.0), wide)[0], 2.0 * np.eye(3, 5))


@pytest.mark.parametrize("size", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize(("make", "name"), [(eq.initial.GaussianOfNorm, "norm"), (eq.initial.Identity, "alpha")])
def test_sizes_out_of_range(make, name, size):
    with pytest.raises(eq.InputError, match=rf"^{name} is .*; it must be finite and 0 or greater\.$"):
        make(size)


def test_given_starts_one_for_each_replicate(problem):
    theta = np.arange(30.0).reshape(3, 5, 2), np.arange(24.0).reshape(3, 4, 2)
    start = eq.initial.Given(theta)
    assert start.replicates(problem) == 3
    assert eq.initial.Unbalanced(start, 2.0).replicates(problem) == 3
    for replicate in range(3):
        for found, wanted in zip(_sample(start, problem, replicate=replicate), theta, strict=True):
            np.testing.assert_array_equal(found, wanted[replicate])


@pytest.mark.parametrize("name", STARTS)
def test_only_given_starts_are_counted(problem, name):
    assert STARTS[name].replicates(problem) is None


def test_who_needs_the_optimum():
    assert {name for name, start in STARTS.items() if start.needs_signal} == {"OrthogonalToSignal"}
    assert eq.initial.Unbalanced(STARTS["OrthogonalToSignal"], 2.0).needs_signal


@pytest.mark.parametrize(
    ("theta", "said"),
    [
        (("a", "b"), "The start is not a tuple of arrays of numbers"),
        ((np.ones((5, 2)), [[1.0], [1.0, 2.0]]), "The start is not a tuple of arrays of numbers"),
        ((np.full((5, 2), np.nan), np.ones((4, 2))), "Array 1 of the start has NaN or infinite entries; replace them."),
        ((np.ones((5, 2)), np.full((4, 2), np.inf)), "Array 2 of the start has NaN or infinite entries; replace them."),
    ],
)
def test_starts_that_cannot_be_given(theta, said):
    with pytest.raises(eq.InputError) as caught:
        eq.initial.Given(theta)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "shapes",
    [
        ((5, 2),),
        ((5, 2), (4, 1)),
        ((5, 2), (3, 4, 2)),
        ((3, 5, 2), (2, 4, 2)),
        ((2, 3, 5, 2), (2, 3, 4, 2)),
        ((4, 2), (5, 2)),
        ((), ()),
    ],
)
def test_given_starts_of_other_shapes(problem, shapes):
    with pytest.raises(eq.InputError, match="The start ") as caught:
        eq.simulate(
            problem,
            eq.dynamics.GradientDescent(0.1),
            eq.initial.Given(tuple(np.ones(shape) for shape in shapes)),
            seed=0,
            steps=0,
        )
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("factor", [0.0, -1.0, np.nan, np.inf])
def test_factors_out_of_range(factor):
    with pytest.raises(eq.InputError, match=r"^factor is .*; it must be finite and greater than 0\.$"):
        eq.initial.Unbalanced(eq.initial.Saddle(), factor)


def test_zero_deviation_is_the_saddle(problem):
    assert all(np.all(w == 0) for w in _sample(eq.initial.Gaussian(std=0.0), problem))
    assert not jax.config.jax_enable_x64


@pytest.mark.parametrize("count", [2, 3, 4])
def test_layers_are_unbalanced_with_the_product_kept(count):
    deep = eq.problems.completion(np.eye(3), parametrization=eq.problems.DeepLinear((3,) * (count + 1)))
    plain = _sample(eq.initial.Gaussian(0.5), deep)
    changed = _sample(eq.initial.Unbalanced(eq.initial.Gaussian(0.5), 9.0), deep)
    gains = [np.linalg.norm(b) / np.linalg.norm(a) for a, b in zip(plain, changed, strict=True)]
    np.testing.assert_allclose(gains[0] / gains[-1], 9.0, rtol=1e-12)
    np.testing.assert_allclose(np.divide(gains[:-1], gains[1:]), 9.0 ** (1 / (count - 1)), rtol=1e-12)
    np.testing.assert_allclose(deep.loss(changed), deep.loss(plain), rtol=1e-12)


@pytest.mark.parametrize(
    ("start", "make", "words"),
    [
        (STARTS["Unbalanced"], lambda: eq.problems.sensing(np.ones((2, 3, 3)), np.ones(2)), "Unbalanced changes"),
        (
            STARTS["Unbalanced"],
            lambda: eq.problems.planted_network((3, 4, 2), 5, seed=0, bias=True),
            "without biases, but Network",
        ),
        (STARTS["Identity"], lambda: eq.problems.planted_network((3, 2), 5, seed=0, bias=True), "Identity needs"),
        (
            STARTS["OrthogonalToSignal"],
            lambda: eq.problems.sensing(np.ones((2, 3, 3)), np.ones(2), signal=np.eye(3)),
            "OrthogonalToSignal needs two factors",
        ),
    ],
)
def test_a_start_that_does_not_fit_is_refused(start, make, words):
    with pytest.raises(eq.InputError, match=words):
        eq.simulate(make(), eq.dynamics.GradientDescent(0.1), start, seed=0, steps=1, progress=False)
