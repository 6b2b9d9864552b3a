"""The stationary law of Perturbed GD: its parts by independent routes, and the whole against simulation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.theory.stationary import law as law_module
from equipoise.theory.stationary.blocks import main_block, other_row
from equipoise.theory.stationary.linear import stationary_covariance
from equipoise.theory.stationary.setting import Setting

SETTING = Setting(np.array([2.0, 1.2, 0.5]), (5, 7), 2, 1.0, (0.02, 0.03), (0.08, 0.06))


def instance(values, shape, rank, step_size, std, scale=0.5):
    generator = np.random.default_rng(0)
    left, right = (np.linalg.qr(generator.standard_normal((d, len(values))))[0] for d in shape)
    problem = eq.problems.factorization(left * np.array(values) @ right.T, rank=rank, scale=scale)
    return problem, eq.dynamics.PerturbedGD(step_size, eq.noise.Gaussian(std))


def diagonal(of):
    matrix = np.zeros(of.shape)
    matrix[range(of.values.size), range(of.values.size)] = of.values
    return matrix


def gradient(of, x, y):
    """The gradient of c/2 ‖XYᵀ − diag(σ)‖², for many (X, Y) at once."""
    residual = x @ np.swapaxes(y, -1, -2) - diagonal(of)
    return of.factor * residual @ y, of.factor * np.swapaxes(residual, -1, -2) @ x


def minimum(of):
    x, y = (np.zeros((d, of.rank)) for d in of.shape)
    for w, sizes in zip((x, y), of.sizes(), strict=True):
        w[range(of.rank), range(of.rank)] = sizes
    return x, y


@pytest.mark.parametrize("of", [SETTING, SETTING._replace(rank=3, stds=(0.3, 0.4)), SETTING._replace(factor=2.0)])
def test_the_hessian_is_that_of_the_smoothed_objective(of):
    (b, a), m = of.penalties, of.kept
    matrix = diagonal(of)

    def objective(flat):
        x, y = flat[: of.shape[0] * of.rank].reshape(-1, of.rank), flat[of.shape[0] * of.rank :].reshape(-1, of.rank)
        return of.factor / 2 * (jnp.sum((x @ y.T - matrix) ** 2) + b * jnp.sum(x**2) + a * jnp.sum(y**2))

    with eq.numerics():
        flat = jnp.concatenate([jnp.asarray(w).ravel() for w in minimum(of)])
        assert float(jnp.abs(jax.grad(objective)(flat)).max()) < 1e-12
        whole = np.asarray(jax.hessian(objective)(flat))
    shift = of.shape[0] * of.rank
    rows = [*range(m * of.rank), *range(shift, shift + m * of.rank)]
    np.testing.assert_allclose(main_block(of).hessian, whole[np.ix_(rows, rows)], atol=1e-12)
    for row in range(m, of.values.size):
        for column in range(of.rank):
            pair = [row * of.rank + column, shift + row * of.rank + column]
            found = other_row(of, float(of.values[row]), column)
            np.testing.assert_allclose(found.hessian, whole[np.ix_(pair, pair)], atol=1e-12)


@pytest.mark.parametrize("of", [SETTING, SETTING._replace(rank=3, stds=(0.5, 0.6), factor=2.0)])
def test_the_noise_of_the_gradient_has_the_covariance_of_isserlis(of):
    """Against 400 000 draws: each of 330 entries is within 5.5 standard errors; a false alarm in 80 000 seeds."""
    generator, m, r = np.random.default_rng(1), of.kept, of.rank
    x, y = minimum(of)
    parts = []
    for _ in range(40):
        drawn = [w + s * generator.standard_normal((10_000, *w.shape)) for w, s in zip((x, y), of.stds, strict=True)]
        on_x, on_y = gradient(of, *drawn)
        last_x, last_y = on_x[:, m, :], on_y[:, m, :]
        parts.append(np.concatenate([*(g[:, :m].reshape(len(g), -1) for g in (on_x, on_y)), last_x, last_y], axis=1))
    sampled = np.concatenate(parts)
    sampled -= sampled.mean(axis=0)
    size = 2 * m * r
    for where, wanted in [(range(size), main_block(of).noise)] + (
        [([size, size + r], other_row(of, float(of.values[m]), 0).noise)] if m < of.values.size else []
    ):
        chosen = sampled[:, list(where)]
        found = chosen.T @ chosen / len(chosen)
        error = np.sqrt((chosen**2).T @ chosen**2 / len(chosen) - found**2) / np.sqrt(len(chosen))
        assert np.abs((found - wanted) / error).max() < 5.5


def test_the_covariance_solves_the_discrete_lyapunov_equation():
    generator = np.random.default_rng(0)
    root, noise = generator.standard_normal((2, 6, 6))
    hessian, noise, steps = root @ root.T, noise @ noise.T, generator.uniform(0.001, 0.05, 6)
    found = stationary_covariance(hessian, noise, steps)
    shrink = np.eye(6) - steps[:, None] * hessian
    wanted = scipy.linalg.solve_discrete_lyapunov(shrink, steps[:, None] * noise * steps)
    np.testing.assert_allclose(found, wanted, rtol=1e-8)


@pytest.mark.parametrize(
    ("values", "rank", "std", "scale"),
    [([2.0, 1.2], 2, (0.08, 0.06), 0.5), ([2.0, 1.2, 0.7, 0.3], 2, (0.08, 0.1), 0.5), ([1.5], 1, (0.05, 0.1), 1.0)],
)
def test_the_law_is_that_of_simulated_runs(values, rank, std, scale):
    """Balance, loss and singular values of 2000 replicates: means within 5 errors and 0.3 %, spreads within 5 %.

    A spread of 2000 replicates has a relative standard error of 1.6 %, so a correct program fails for one seed in 100.
    """
    problem, method = instance(values, (5, 7), rank, (0.02, 0.03), std, scale)
    law = eq.theory.stationary_law(problem, method)
    steps, names = 20_000, ("loss", "balance", "singular_values")
    found = eq.simulate(
        problem, method, eq.initial.Gaussian(0.5), seed=0, replicates=2000, steps=steps,
        record=eq.Record(every=steps, observables=names),
    ).dataset.isel(step=-1)  # fmt: skip
    kept = law.singular_values.size
    pairs = [(law.balance, found["balance"].values), (law.loss, found["loss"].values)]
    pairs += [(law.singular_values[i], found["singular_values"].values[:, i]) for i in range(kept)]
    for predicted, seen in pairs:
        error = seen.std() / len(seen) ** 0.5
        assert abs(seen.mean() - predicted) < 5 * error + 0.003 * abs(predicted)
    assert found["balance"].values.std() == pytest.approx(law.balance_std, rel=0.05)
    for i in range(kept):
        assert found["singular_values"].values[:, i].std() == pytest.approx(law.singular_values_std[i], rel=0.05)


def test_the_curvature_of_the_drift_moves_the_mean(monkeypatch):
    """With noise so strong that it is seen: norms, balance and singular values are where the shift puts them.

    Without it each would be more than 7 standard errors off; with it at most half of that distance is left.
    """
    problem, method = instance([2.0, 1.2], (5, 7), 2, (0.06, 0.08), (0.15, 0.12))
    found = eq.simulate(
        problem, method, eq.initial.Gaussian(0.5), seed=0, replicates=4000, steps=12_000,
        record=eq.Record(every=12_000, observables=("loss", "balance", "singular_values", "squared_norms")),
    ).dataset.isel(step=-1)  # fmt: skip
    seen = [*found["squared_norms"].values.T, found["balance"].values, *found["singular_values"].values.T]
    seen.append(found["loss"].values)

    def predicted():
        law = eq.theory.stationary_law(problem, method)
        return np.array([law.norm_x**2, law.norm_y**2, law.balance, *law.singular_values, law.loss])

    shifted = predicted()
    monkeypatch.setattr(law_module, "_mean", lambda of, hessian, *moments: np.zeros((2, of.kept, of.rank)))
    means, errors = np.array([[v.mean(), v.std() / v.size**0.5] for v in seen]).T
    unshifted = np.abs(predicted() - means)
    assert np.all(unshifted > 7 * errors)
    assert np.all(np.abs(shifted - means) < unshifted / 2)


def test_the_spread_of_figure_2a():
    """An independent simulation of 2000 replicates gave 0.00613 ± 0.0001."""
    noise = eq.noise.balanced(gamma=1.0, std_y=0.05, shape=(20, 30))
    law = eq.theory.stationary_law(eq.problems.planted((20, 30), rank=1), eq.dynamics.PerturbedGD(1e-2, noise))
    assert law.balance_std == pytest.approx(0.00613, abs=3e-4)
    assert law.balance == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("problem", "method", "why"),
    [
        (None, eq.dynamics.GradientDescent(0.1), "PerturbedGD with Gaussian noise"),
        (None, eq.dynamics.PerturbedGD(0.1, eq.noise.Uniform(0.1)), "PerturbedGD with Gaussian noise"),
        (None, eq.dynamics.PerturbedGD(0.1, eq.noise.Gaussian((0.1, 0.0))), "noise on one factor is zero"),
        (None, eq.dynamics.PerturbedGD(lambda step: 0.1, eq.noise.Gaussian(0.1)), "step_size is a schedule"),
        (None, eq.dynamics.PerturbedGD(5.0, eq.noise.Gaussian(0.01)), "times the largest stable one"),
        (None, eq.dynamics.PerturbedGD(0.01, eq.noise.Gaussian(2.0)), "smoothed minimum is 0"),
        (
            eq.problems.planted_network((3, 4, 2), seed=0),
            eq.dynamics.PerturbedGD(0.1, eq.noise.Gaussian(0.1)),
            "a whole",
        ),
    ],
)
def test_what_has_no_law_is_refused(problem, method, why):
    with pytest.raises(InputError, match=why):
        eq.theory.stationary_law(problem or eq.problems.planted((4, 5), rank=1), method)
