"""A factorization seen in part, with noise on its data, or with other data."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(3)
MATRIX = GENERATOR.standard_normal((4, 3)) * (GENERATOR.random((4, 3)) < 0.7)
SQUARE = GENERATOR.standard_normal((5, 3, 3))
DATA = GENERATOR.standard_normal(5)
OPERATORS = {
    "array": SQUARE,
    "pairs": (GENERATOR.standard_normal((5, 3)), GENERATOR.standard_normal((5, 3))),
    "spread": scipy.sparse.coo_array(SQUARE.reshape(5, 9)),
    "functions": eq.problems.FunctionOperator(
        lambda w: jnp.stack([w[0, 0], w[1, 2], w[2, 1], w[0, 1], w[2, 2]]),
        lambda z: jnp.zeros((3, 3)).at[([0, 1, 2, 0, 2], [0, 2, 1, 1, 2])].set(z),
        (3, 3),
        5,
    ),
}
PROBLEMS = {
    "dense": lambda: eq.problems.factorization(MATRIX, rank=2, scale=0.7),
    "factored": lambda: eq.problems.factorization((MATRIX, np.eye(3)), rank=2),
    "sparse": lambda: eq.problems.factorization(scipy.sparse.coo_array(MATRIX), rank=2),
    "entries": lambda: eq.problems.completion(np.where(MATRIX == 0, np.nan, MATRIX), width=2),
    **{
        name: lambda operator=operator: eq.problems.sensing(
            operator, DATA, shape=(3, 3), parametrization="asymmetric", width=2, scale=0.3
        )
        for name, operator in OPERATORS.items()
    },
}


@pytest.fixture(params=PROBLEMS)
def problem(request):
    return PROBLEMS[request.param]()


@pytest.fixture
def theta(problem):
    generator = np.random.default_rng(0)
    return tuple(generator.standard_normal(shape) for shape in problem.shapes)


def _mean(problems, theta):
    losses = [problem.loss(theta) for problem in problems]
    gradients = [problem.gradient(theta) for problem in problems]
    return np.mean(losses), [np.mean(arrays, axis=0) for arrays in zip(*gradients, strict=True)]


def test_a_batch_is_the_whole_problem_on_average(problem, theta):
    single = [problem.batch(jnp.array([i])) for i in range(problem.points)]
    loss, gradient = _mean(single, theta)
    np.testing.assert_allclose(loss, problem.loss(theta), rtol=1e-12)
    for found, wanted in zip(gradient, problem.gradient(theta), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12)


def test_all_points_in_any_order_are_the_whole_problem(problem, theta):
    backwards = problem.batch(jnp.arange(problem.points)[::-1])
    np.testing.assert_allclose(backwards.loss(theta), problem.loss(theta), rtol=1e-12)


def test_the_gradient_of_a_batch_is_that_of_its_loss(problem, theta):
    some = problem.batch(jnp.array([2, 0, 2]))
    for found, wanted in zip(some.gradient(theta), jax.grad(some.loss)(theta), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12)


def test_label_noise_is_drawn_by_the_key_and_has_its_size(problem, theta):
    keys = [jax.random.key(number, impl="threefry2x32") for number in range(2)]
    zero = tuple(np.zeros_like(w) for w in theta)
    noisy = [problem.with_label_noise(key, 0.5) for key in (*keys, keys[0])]
    losses = [float(each.loss(theta)) for each in noisy]
    assert losses[0] == losses[2] != losses[1]
    assert float(problem.with_label_noise(keys[0], 0.0).loss(theta)) == pytest.approx(float(problem.loss(theta)))
    # at θ = 0 the residual is the data: noise of a million times the data's size adds its square, χ² with `points`
    # degrees of freedom, whose mean over 200 draws is within 6 standard errors but once in 10⁹
    many = [
        problem.with_label_noise(jax.random.key(number, impl="threefry2x32"), 1e6).loss(zero) for number in range(200)
    ]
    scale = float(problem.measurement.scale)
    expected = scale * problem.points * 1e12
    assert np.mean(many) == pytest.approx(expected, rel=6 * np.sqrt(2 / problem.points / 200))


def test_redrawn_data_are_others_of_the_same_form(problem, theta):
    other = problem.redrawn(jax.random.key(5, impl="threefry2x32"))
    assert other.shapes == problem.shapes
    assert other.dtype == problem.dtype
    assert other.points == problem.points
    assert float(other.loss(theta)) != float(problem.loss(theta))


def test_a_measurement_without_data_points_says_so():
    class Nuclear(eq.problems.AbstractMeasurement):
        @property
        def shape(self):
            return 2, 2

        @property
        def dtype(self):
            return np.dtype(float)

        def loss(self, product):
            return jnp.sum(product.dense())

        def residual(self, product):
            return None

        def gradient(self, product):
            return eq.problems.Dense(np.ones((2, 2)))

        def curvature_scale(self):
            return None

        def relative_error(self, product):
            return jnp.zeros(())

        def signal(self, rank):
            raise eq.InputError("none")

    problem = eq.problems.Factored(Nuclear(), eq.problems.Asymmetric((2, 2), 1))
    with pytest.raises(eq.InputError, match="Nuclear has no data points"):
        problem.batch(jnp.array([0]))
