"""The predicted limit: against closed forms, the inverse question, and what it says of settings that it cannot meet."""

import json

import numpy as np
import pytest

import equipoise as eq

predict = eq.estimators.predict
VALUES = np.array([3.0, 2.0, 1.0, 0.5])


def with_values(values, shape):
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((d, len(values))))[0] for d in shape)
    return left * np.asarray(values) @ right.T


@pytest.fixture(scope="module")
def matrix():
    return with_values(VALUES, (9, 6))


def test_the_limit_is_the_soft_threshold_at_the_balance_of_the_noise(matrix):
    found = predict(matrix, 2, noise_std=0.1, gamma=2.0, step_size=1e-7)
    t = 2.0 * 6 * 0.1**2
    assert found.threshold == pytest.approx(t)
    assert np.sqrt(9 / 6) * found.noise_std[0] / found.noise_std[1] == pytest.approx(2.0)
    np.testing.assert_allclose(found.lowered_values, VALUES[:2] - t)
    np.testing.assert_allclose(found.singular_values, VALUES[:2])
    assert found.gamma == pytest.approx(2.0)
    assert found.balance == pytest.approx(2.0, rel=1e-5)
    assert found.nuclear_norm == pytest.approx(5.0 - 2 * t)
    assert found.relative_error == pytest.approx(np.sqrt(2 * t**2 + 1.25) / np.linalg.norm(VALUES), rel=1e-5)


def test_sharpness_and_largest_step_size_are_those_of_dense_hessians(matrix):
    problem = eq.problems.factorization(matrix, rank=2)
    found = predict(matrix, 2, noise_std=0.1, gamma=2.0, step_size=(0.01, 0.03))
    noise = eq.noise.Gaussian(std=found.noise_std)
    theta = eq.theory.smoothed_minimum(problem.with_signal().known_signal(), noise, problem.shapes)
    bare = np.linalg.eigvalsh(eq.observables.dense_hessian(problem, theta))
    assert found.sharpness == pytest.approx(bare[-1])
    smoothed = np.asarray(eq.observables.dense_hessian(eq.theory.smoothed(problem, noise), theta))
    roots = np.sqrt(np.repeat(found.largest_step_sizes, (18, 12)))
    assert np.linalg.eigvalsh(roots[:, None] * smoothed * roots)[-1] == pytest.approx(2.0)
    assert found.stability == pytest.approx(0.01 / found.largest_step_sizes[0])


def test_the_law_and_the_noise_are_those_of_theory(matrix):
    problem = eq.problems.factorization(matrix, rank=2)
    found = predict(matrix, 2, balance=2.0, shrinkage=0.05, step_size=0.02)
    noise = eq.theory.noise_for(problem, balance=2.0, shrinkage=0.05, step_size=0.02)
    assert found.noise_std == pytest.approx([float(std) for std in noise.std.values])
    law = eq.theory.stationary_law(problem, eq.dynamics.PerturbedGD(0.02, noise))
    assert found.balance == pytest.approx(2.0)
    assert found.balance_std == pytest.approx(law.balance_std)
    assert found.relative_error == pytest.approx(np.sqrt(2 * law.loss) / np.linalg.norm(VALUES))
    assert found.threshold == pytest.approx(0.05 * 2.0)


def test_a_multiple_of_the_matrix_has_the_multiple_of_everything(matrix):
    one, many = (predict(c * matrix, 2, balance=2.0, shrinkage=0.05) for c in (1.0, 1e60))
    assert many.balance_std == pytest.approx(one.balance_std)
    assert many.threshold == pytest.approx(1e60 * one.threshold)
    assert many.step_sizes == pytest.approx([step / 1e60 for step in one.step_sizes])
    assert many.phases == pytest.approx(one.phases)


def test_a_long_matrix_is_known_by_its_leading_values():
    """More than 1000 on each side, and rank 4: the values beyond R + 20 are 0, so nothing is lost."""
    found = predict(with_values(VALUES, (1100, 1050)), 2, noise_std=0.01)
    same = predict(with_values(VALUES, (1100, 900)), 2, noise_std=0.01 * np.sqrt(1050 / 900))
    assert "singular values are known" in " ".join(found.notes)
    assert found.threshold == pytest.approx(same.threshold)
    np.testing.assert_allclose(found.singular_values, same.singular_values)
    assert found.relative_error == pytest.approx(same.relative_error, rel=1e-4)


def test_columns_are_centered_and_scaled(matrix):
    shifted = (matrix - matrix.mean(axis=0)) / np.sqrt(np.mean((matrix - matrix.mean(axis=0)) ** 2, axis=0))
    found = predict(1.0 + matrix, 2, noise_std=0.1, center=True, scale=True)
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(shifted, compute_uv=False)[:2])


@pytest.mark.parametrize(
    ("asked", "said", "has_law"),
    [
        ({"rank": 3, "noise_std": 0.5}, "hides 1 of the 3 components", True),
        ({"rank": 5, "noise_std": 0.1}, "has rank 4", True),
        ({"rank": 2, "noise_std": 0.1, "step_size": 10}, "29.4 times the largest stable one", False),
        ({"rank": 2, "shrinkage": 0.1, "step_size": 10}, "28 times the largest stable one", False),
        ({"rank": 2, "noise_std": 0.1, "gamma": 2, "step_size": 0.1}, "σ1 is 0.3, which is not small", True),
        ({"rank": 2, "noise_std": 0.1, "gamma": 2, "step_size": 0.26}, "as large as the factors", False),
        ({"rank": 2, "noise_std": 1e-9}, "lost in rounding", False),
        ({"rank": 2, "noise_std": 0.1, "start_std": 3.0}, "steps of the phases are not known", True),
        ({"rank": 2, "noise_std": 0.1, "step_size": 1e-200}, "", True),
    ],
)
def test_what_cannot_be_known_is_said_and_not_refused(matrix, asked, said, has_law):
    found = predict(matrix, **asked)
    assert said in " ".join(found.notes)
    assert bool(found.notes) == bool(said)
    assert (found.law is not None) == has_law
    if not has_law:
        assert found.balance == found.gamma
        assert found.balance_std is None
    json.dumps(found.summary(), allow_nan=False)


def test_a_tie_and_a_high_rank_are_said():
    assert "number 3 and 4 are equal" in " ".join(predict(np.eye(6), 3, noise_std=0.1).notes)
    found = predict(np.random.default_rng(0).standard_normal((40, 38)), 37, shrinkage=0.1)
    assert "37 components" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rank": 7, "noise_std": 0.1}, "needs a rank between 1 and 6"),
        ({"rank": 2, "noise_std": 0}, "The standard deviation of the noise is 0"),
        ({"rank": 2, "noise_std": np.nan}, "The standard deviation of the noise is nan"),
        ({"rank": 2, "noise_std": 1e-160}, "range of numbers"),
        ({"rank": 2, "noise_std": 2.0}, "hides the whole matrix; give noise of a standard deviation below 0.7071"),
        ({"rank": 2, "noise_std": 0.1, "gamma": 0}, "The balance of the noise is 0"),
        ({"rank": 2, "noise_std": 0.1, "balance": 2}, "exclude each other"),
        ({"rank": 2, "gamma": 2, "shrinkage": 0.1}, "say by balance="),
        ({"rank": 2}, "Neither the noise nor what it should do"),
        ({"rank": 2, "balance": 0}, "The balance is 0"),
        ({"rank": 2, "balance": 1e60}, "between 1e-50 and 1e50"),
        ({"rank": 2, "shrinkage": 1.0}, "The shrinkage is 1"),
        ({"rank": 5, "shrinkage": 0.1}, "ask for a lower rank"),
        ({"rank": 2, "noise_std": 0.1, "step_size": 0}, "step_size is 0"),
        ({"rank": 2, "noise_std": 0.1, "start_std": -1}, "The standard deviation of the start is -1"),
        ({"rank": 2, "balance": 2, "shrinkage": 0.1, "step_size": 0.26}, "take a smaller step size"),
    ],
)
def test_a_mistake_is_one_sentence(matrix, asked, said):
    with pytest.raises(eq.InputError, match=said) as error:
        predict(matrix, **asked)
    assert "\n" not in str(error.value)
