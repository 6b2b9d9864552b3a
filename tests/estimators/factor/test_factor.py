"""The answer is the Eckart-Young optimum, balanced as asked, whatever the matrix and its scale."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.datasets import load_digits

import equipoise as eq
from equipoise.estimators import factor
from equipoise.estimators.factor.result import FILES

NAMES = (
    "random",
    "ill-conditioned",
    "of rank 3",
    "of rank 2",
    "with equal singular values",
    "of small integers",
    "with rows of zeros",
)


def eckart_young(matrix, rank):
    values = np.linalg.svd(np.asarray(matrix, float), compute_uv=False)
    return np.sqrt(np.sum(values[rank:] ** 2) / np.sum(values**2))


def relative_error(matrix, found):
    return np.linalg.norm(found.x @ found.y.T - matrix) / np.linalg.norm(matrix)


def assert_optimal(matrix, found, rank, gamma):
    least = eckart_young(matrix, rank)
    assert relative_error(matrix, found) <= 1.01 * least + 1e-4 * (least < 1e-9)
    assert np.linalg.norm(found.x) / np.linalg.norm(found.y) == pytest.approx(gamma, rel=0.01)
    assert found.converged


@pytest.mark.parametrize(("name", "gamma"), [*((name, 1.0) for name in NAMES), (NAMES[0], 0.3), (NAMES[-1], 2.0)])
def test_is_the_best_approximation_and_balanced(matrices, name, gamma):
    found = factor(matrices[name], 3, gamma=gamma)
    assert_optimal(matrices[name], found, 3, gamma)
    told = {"of rank 2": "has rank 2", "with equal singular values": "are equal"}.get(name)
    assert [told in note for note in found.notes] == [True] if told else not found.notes


def test_digits_from_a_start_unbalanced_by_100():
    digits, gamma = load_digits().data, 2
    found = factor(digits, 10, gamma=gamma, start_balance=100.0)
    assert_optimal(digits, found, 10, gamma)
    descent = found.scores[0]
    assert descent.method == "GD"
    assert descent.balance > 1.5 * gamma  # without noise, the start is not forgotten
    assert descent.condition_number > 2 * found.score.condition_number


def test_a_tiny_matrix_of_full_rank():
    matrix = np.array([[-1.0], [2.0]])
    found = factor(matrix, 1)
    assert_optimal(matrix, found, 1, 1.0)
    assert relative_error(matrix, found) < 1e-9


@pytest.mark.parametrize("scale", [1e-6, 1e6, 1e-90])
def test_a_multiple_gives_the_same_multiple(matrices, scale):
    matrix = matrices["random"]
    one, other = factor(matrix, 3), factor(scale * matrix, 3)
    np.testing.assert_allclose(other.x / np.sqrt(scale), one.x, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.y / np.sqrt(scale), one.y, rtol=1e-6, atol=1e-9)
    assert other.settings.steps == one.settings.steps


def test_a_sparse_matrix_stays_sparse():
    sparse = scipy.sparse.coo_array(np.diag([5.0, 4.0, 3.0, 1.0, 1.0, 0.5])[:, [3, 0, 1, 2, 4, 5]])
    found = factor(sparse, 3)
    assert isinstance(found.target.problem.measurement.target, eq.problems.Sparse)
    assert_optimal(sparse.toarray(), found, 3, 1.0)


@pytest.mark.parametrize("start", [{"start_balance": 1.0}, {"start_balance": 1e-4}, {"start_scale": 1e-8}])
def test_the_start_does_not_matter(matrices, start):
    found = factor(matrices["random"], 3, **start)
    assert_optimal(matrices["random"], found, 3, 1.0)
    assert not found.notes


def test_the_start_is_as_asked(matrices):
    found = factor(matrices["random"], 3, start_balance=7.0, start_scale=1e-3, steps=50)
    first = found.run.dataset.isel(step=0, replicate=0)
    top = np.linalg.svd(matrices["random"], compute_uv=False)[0]
    assert float(first.balance) == pytest.approx(7.0, rel=1e-12)
    assert float(first.norm_x * first.norm_y) == pytest.approx(1e-3 * 3 * top, rel=1e-12)
    np.testing.assert_array_equal(first.balance, found.descent.dataset.balance.isel(step=0, replicate=0))


def test_no_noise_is_gradient_descent(matrices):
    found = factor(matrices["random"], 3, noise=0.0, steps=200)
    problem = eq.problems.factorization(matrices["random"], 3)
    np.testing.assert_array_equal(found.run.dataset.loss, found.descent.dataset.loss)
    theta = tuple(w[0] for w in found.run.theta)
    assert float(problem.loss(theta)) == pytest.approx(float(found.run.dataset.loss[0, -1]))
    assert any("noise" in note for note in found.notes)


def test_the_best_replicate_is_taken_and_the_spread_told(matrices):
    found = factor(matrices["random"], 3, replicates=3, steps=50)
    assert found.polish is None
    losses = found.run.dataset.loss.values[:, -1]
    assert found.best == np.argmin(losses)
    x, y = (factors[found.best] for factors in found.run.theta)
    np.testing.assert_allclose(found.x @ found.y.T, x @ y.T, atol=1e-12)
    spread = found.spread()
    errors = np.sqrt(2 * losses) / np.linalg.norm(matrices["random"])
    np.testing.assert_allclose(spread["relative_error"], [errors.min(), np.median(errors), errors.max()])
    assert spread["diverged"] == 0
    first = found.run.dataset.loss.values[found.best, 0]
    assert float(found.descent.dataset.loss[0, 0]) == pytest.approx(first)


def test_the_same_call_gives_the_same_numbers(matrices):
    one, two = (factor(matrices["random"], 3, seed=4, steps=100) for _ in range(2))
    np.testing.assert_array_equal(one.x, two.x)
    assert not np.array_equal(one.x, factor(matrices["random"], 3, seed=5, steps=100).x)


def test_the_svd_is_the_yardstick(matrices):
    found = factor(matrices["random"], 3, steps=100)
    score = found.scores[-1]
    values = np.linalg.svd(matrices["random"], compute_uv=False)
    assert score.method == "truncated SVD"
    assert score.relative_error == pytest.approx(eckart_young(matrices["random"], 3))
    assert score.balance == pytest.approx(1.0)
    assert score.nuclear_norm == pytest.approx(values[:3].sum())
    assert score.sharpness == pytest.approx(2 * values[0])
    assert score.steps is None


def test_too_few_steps_are_told(matrices):
    found = factor(matrices["random"], 3, steps=10)
    assert not found.converged
    assert any("more than 10 steps" in note for note in found.notes)


def test_interruption_keeps_what_was_reached(matrices, interrupt):
    interrupt(at=2)
    found = factor(matrices["random"], 3, steps=2000)
    assert found.status is eq.Status.interrupted
    assert not found.converged
    assert found.descent is None
    assert [score.method for score in found.scores] == ["Perturbed GD", "truncated SVD"]
    assert 0 < found.score.steps < 2000
    assert "interrupted" in found.notes[0]
    assert found.summary()["status"] == "interrupted"


def test_what_is_saved_is_what_was_found(matrices, tmp_path):
    found = factor(matrices["random"], 3, steps=100)
    paths = found.save(tmp_path)
    assert {path.name for path in paths.values()} == set(FILES)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths.values()}
    with np.load(paths["factors"], allow_pickle=False) as factors:
        assert set(factors.files) == {"x", "y"}
        np.testing.assert_array_equal(factors["x"], found.x)
        assert factors["y"].dtype == np.float64
    np.testing.assert_array_equal(eq.load(paths["run"]).theta[0], found.run.theta[0])


def test_a_permutation_gives_the_permuted_factors_and_the_transpose_the_swapped_ones(matrices):
    """The columns are the same to rounding; the one number that the run decides, the balance, to its noise."""
    matrix, generator = matrices["random"], np.random.default_rng(6)
    one = factor(matrix, 3, gamma=2.0)
    np.testing.assert_allclose(one.x.T @ one.x, one.score.balance**2 * one.y.T @ one.y, atol=1e-12)
    np.testing.assert_allclose(one.x.T @ one.x, np.diag(np.diag(one.x.T @ one.x)), atol=1e-12)
    rows, columns = generator.permutation(12), generator.permutation(8)
    other = factor(matrix[rows][:, columns], 3, gamma=2.0)
    assert other.score.balance == pytest.approx(one.score.balance, rel=0.01)
    for name, order in (("x", rows), ("y", columns)):
        mine, permuted = getattr(one, name)[order], getattr(other, name)
        scaled = mine * np.linalg.norm(permuted) / np.linalg.norm(mine)
        np.testing.assert_allclose(permuted, scaled, atol=1e-10)
    swapped = factor(matrix.T, 3, gamma=0.5)
    expected = eq.theory.with_fixed_signs(one.y, one.x)
    for permuted, mine in zip((swapped.x, swapped.y), expected, strict=True):
        np.testing.assert_allclose(permuted / np.linalg.norm(permuted), mine / np.linalg.norm(mine), atol=1e-10)
