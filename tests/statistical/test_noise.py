"""The laws' samples against their own statements. Seeds are fixed: a failure is a change, not bad luck.

Each docstring says how probable a failure would have been before the seed was chosen, were the law right.
"""

import numpy as np
import pytest
import scipy.stats

import equipoise as eq


def _flat(samples):
    """(step, entry) over all factors."""
    return np.concatenate([z.reshape(len(z), -1) for z in samples], axis=1)


def test_means_are_zero(law, samples):
    """Each of 14 means within 5 standard errors of 0. False alarm: 14 · 5.7e-7 = 8e-6 for a law."""
    flat = _flat(samples)
    errors = np.sqrt(np.concatenate([np.diag(c) for c in law.covariances]) / len(flat))
    assert np.all(np.abs(flat.mean(axis=0)) < 5 * errors)


def test_covariances_are_as_stated(law, samples):
    """Each of 36 + 21 covariances within 5 standard errors, taken from the samples. False alarm: 3.3e-5 for a law."""
    for z, wanted in zip(samples, law.covariances, strict=True):
        flat = z.reshape(len(z), -1)
        products = flat[:, :, None] * flat[:, None, :]
        errors = products.std(axis=0) / np.sqrt(len(flat))
        assert np.all(np.abs(products.mean(axis=0) - wanted) < 5 * errors)
        assert np.all(errors < 0.05 * np.max(wanted))


def test_second_moments_are_as_the_law_says(law, samples, shapes):
    """Each of 6 entries of E[ξᵀξ] within 5 standard errors. False alarm: 3.4e-6 for a law."""
    with eq.numerics():
        stated = [np.asarray(m) for m in law.noise.second_moments(0, shapes, np.float64)]
    for z, wanted, covariance in zip(samples, stated, law.covariances, strict=True):
        grams = np.einsum("sir,siq->srq", z, z)
        errors = grams.std(axis=0) / np.sqrt(len(z))
        assert np.all(np.abs(grams.mean(axis=0) - wanted) < 5 * errors)
        rows, rank = z.shape[1:]
        exact = np.einsum("irjq,ij->rq", covariance.reshape(rows, rank, rows, rank), np.eye(rows))
        np.testing.assert_allclose(wanted, exact, rtol=1e-12, atol=1e-12)


def test_entries_have_their_distribution(law, samples):
    """Kolmogorov-Smirnov over 40 000 entries of each factor, p above 1e-4. False alarm: 2e-4 for a law."""
    for factor, z in enumerate(samples):
        entries = law.standardize(factor, z).reshape(-1)[:40_000]
        assert scipy.stats.kstest(entries, law.entries.cdf).pvalue > 1e-4


def test_anisotropic_directions_are_normal(drawn):
    """Kolmogorov-Smirnov along 3 random directions of one factor, p above 1e-4. False alarm: 3e-4."""
    rows, columns = np.diag([1.0, 2.0, 0.5, 0.0]), np.array([[0.5, 0.2], [0.2, 0.3]])
    law = eq.noise.AnisotropicGaussian([rows, np.eye(3)], [columns, np.eye(2)])
    flat = drawn(law, seed=4, replicate=0)[0].reshape(-1, 8)
    assert np.all(flat[:, 6:] == 0)  # the row without variance
    for direction in np.random.default_rng(0).standard_normal((3, 8)):
        std = np.sqrt(direction @ np.kron(rows, columns) @ direction)
        assert scipy.stats.kstest(flat @ direction / std, "norm").pvalue > 1e-4


@pytest.mark.parametrize("nu", [0.5, 1.0, 2.0, 2.5, 30.0])
def test_student_t_for_every_degree_of_freedom(drawn, nu):
    """Kolmogorov-Smirnov over 40 000 entries, p above 1e-4. False alarm: 1e-4 for each ν."""
    law = eq.noise.StudentT(scale=2.0, degrees_of_freedom=nu)
    entries = np.concatenate([z.reshape(-1) for z in drawn(law, seed=6, replicate=1, steps=3000)])[:40_000] / 2.0
    assert np.all(np.isfinite(entries))
    assert scipy.stats.kstest(entries, scipy.stats.t(nu).cdf).pvalue > 1e-4


def test_heavy_tails_have_no_second_moment(shapes):
    with eq.numerics():
        for nu in (0.5, 1.0, 2.0):
            moments = eq.noise.StudentT(0.1, degrees_of_freedom=nu).second_moments(0, shapes, np.float64)
            assert all(np.all(np.diag(m) == np.inf) for m in moments)


def test_uniform_noise_is_bounded(drawn):
    entries = np.concatenate([z.reshape(-1) for z in drawn(eq.noise.Uniform(std=1.0), seed=0, replicate=0)])
    assert np.max(np.abs(entries)) <= np.sqrt(3)
    assert np.max(np.abs(entries)) > 0.999 * np.sqrt(3)


def test_steps_replicates_and_seeds_are_independent(law, drawn):
    """Correlations of all entries at a step with those at the next, of the next replicate and of the next seed.

    They are bounded by 5.5/√20000: 3 · 14² pairs at 3.8e-8 each. False alarm: 2.3e-5 for a law.
    """
    here = _flat(drawn(law.noise, seed=20, replicate=3))
    others = {
        "step": np.roll(here, -1, axis=0),
        "replicate": _flat(drawn(law.noise, seed=20, replicate=4)),
        "seed": _flat(drawn(law.noise, seed=21, replicate=3)),
    }
    for name, other in others.items():
        correlation = np.corrcoef(here.T, other.T)[:14, 14:]
        assert np.max(np.abs(correlation)) < 5.5 / np.sqrt(len(here)), name


def test_factors_and_entries_are_independent_in_square_too(drawn):
    """Squares of the 14 Gaussian entries: 91 correlations below 5.5/√20000. False alarm: 3.5e-6."""
    squares = _flat(drawn(eq.noise.Gaussian(std=1.0), seed=2, replicate=0)) ** 2
    correlation = np.corrcoef(squares.T) - np.eye(14)
    assert np.max(np.abs(correlation)) < 5.5 / np.sqrt(len(squares))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
def test_balanced_noise_has_the_stated_ratio(drawn, shapes, gamma):
    """E‖ξ₁‖² = γ² E‖ξ₂‖² within 5 standard errors of the difference. False alarm: 5.7e-7 for each γ."""
    (d1, _), (d2, _) = shapes
    first, second = drawn(eq.noise.balanced(gamma, 0.3, shape=(d1, d2)), seed=8, replicate=0)
    squares = np.sum(first**2, axis=(1, 2)) - gamma**2 * np.sum(second**2, axis=(1, 2))
    error = squares.std() / np.sqrt(len(squares))
    assert abs(squares.mean()) < 5 * error
    assert error < 0.01 * gamma**2


def test_noise_smooths_the_gradient(law, samples, shapes):
    """E ∇loss(θ + ξ) = ∇loss(θ) + (X E[ξ₂ᵀξ₂], Y E[ξ₁ᵀξ₁]), each of 14 entries within 5 standard errors.

    False alarm: 8e-6 for a law. Source: Liu et al. (2021), Eq. (6), and Section 6 for other laws.
    """
    generator = np.random.default_rng(3)
    matrix = generator.standard_normal((4, 3))
    theta = tuple(generator.standard_normal(s) for s in shapes)
    x, y = (w + z for w, z in zip(theta, samples, strict=True))
    residual = np.einsum("sir,sjr->sij", x, y) - matrix
    gradients = np.einsum("sij,sjr->sir", residual, y), np.einsum("sij,sir->sjr", residual, x)
    with eq.numerics():
        first, second = law.noise.second_moments(0, shapes, np.float64)
        plain = eq.problems.factorization(matrix, rank=2)
        smoothed = eq.problems.Penalized(plain, (second, first), np.asarray(0.0))
        for drawn, wanted, unsmoothed in zip(gradients, smoothed.gradient(theta), plain.gradient(theta), strict=True):
            error = drawn.std(axis=0) / np.sqrt(len(drawn))
            assert np.all(np.abs(drawn.mean(axis=0) - wanted) < 5 * error)
            assert np.max(np.abs(drawn.mean(axis=0) - unsmoothed) / error) > 10


def test_random_starts(problem):
    """Mean, variance and normality of 2000 starts. False alarm: 28 · 5.7e-7 + 2 · 1e-4 = 2e-4."""
    stds = (0.5, 2.0)
    run = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(0.01),
        eq.initial.Gaussian(std=stds),
        seed=3,
        steps=0,
        replicates=2000,
        record=eq.Record(observables=("loss",)),
    )
    for w, std in zip(run.theta, stds, strict=True):
        flat = w.reshape(len(w), -1) / std
        assert np.all(np.abs(flat.mean(axis=0)) < 5 / np.sqrt(len(flat)))
        assert np.all(np.abs(flat.var(axis=0) - 1) < 5 * np.sqrt(2 / len(flat)))
        assert scipy.stats.kstest(flat.reshape(-1), "norm").pvalue > 1e-4
    together = np.concatenate([w.reshape(len(w), -1) for w in run.theta], axis=1)
    assert np.max(np.abs(np.corrcoef(together.T) - np.eye(14))) < 5.5 / np.sqrt(len(together))
