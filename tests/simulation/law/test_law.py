"""The engine that is exact in law: the laws of the direct engines, at a cost that does not grow with the matrix."""

import numpy as np
import pytest
import scipy.stats

import equipoise as eq
from equipoise.core.errors import InputError

OBSERVABLES = (
    "loss", "balance", "sharpness", "hessian_trace", "condition_number", "nuclear_norm", "singular_values", "distance",
    "projections", "matrix_gap",
)  # fmt: skip


def target(shape, rank, seed=0):
    generator = np.random.default_rng(seed)
    left, right = (np.linalg.qr(generator.standard_normal((d, rank)))[0] for d in shape)
    return left @ np.diag(np.linspace(2.0, 1.0, rank)) @ right.T


def run(
    matrix, rank, engine, dynamics, start, steps=60, replicates=1, seed=0, every=20, observables=("loss", "balance")
):
    problem = eq.problems.factorization(matrix, rank=rank)
    record = eq.Record(every=every, observables=observables)
    settings = {"seed": seed, "steps": steps, "replicates": replicates, "record": record}
    return eq.simulate(problem, dynamics, start, engine=engine, **settings)


@pytest.mark.parametrize(("shape", "rank", "width"), [((9, 7), 2, 2), ((4, 5), 3, 2), ((3, 8), 3, 3), ((6, 6), 2, 5)])
def test_without_noise_it_is_the_same_path(shape, rank, width):
    generator = np.random.default_rng(1)
    start = eq.initial.Given([0.5 * generator.standard_normal((d, width)) for d in shape])
    # beyond the rank of M its singular vectors are any, so what depends on them is not a function of M
    names = [name for name in OBSERVABLES if name not in ("distance", "projections") or rank >= width]
    law, direct = (
        run(target(shape, rank), width, engine, eq.dynamics.GradientDescent(0.02), start, observables=names).dataset
        for engine in ("law", "xla")
    )
    for name in direct.data_vars:
        if name != "status":
            np.testing.assert_allclose(law[name], direct[name], rtol=1e-7, atol=1e-9, err_msg=str(name))


def coordinates(found):
    """The Gram matrices of both factors, and their products with M: everything that is a function of the law."""
    x, y = found.theta
    grams = [np.einsum("rij,rik->rjk", w, w).reshape(len(w), -1) for w in (x, y)]
    return np.concatenate(grams, axis=1)


CASES = {
    "rank 1": ((8, 12), 1, 1, 0.3),
    "rank 4": ((9, 7), 4, 4, 0.2),
    "wider than M": ((5, 6), 1, 3, 0.3),
    "fewer rows than columns beside M": ((5, 9), 3, 3, 0.3),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("steps", [3, 40])
def test_laws_agree_with_the_direct_engine(case, steps):
    """Two-sample Kolmogorov-Smirnov tests of every entry of both Gram matrices, of loss and of balance.

    With 4000 replicates of each, at most 34 tests for each of the 8 cases, and a level of 1e-6 for each test, a correct
    program fails for fewer than 3 seeds in 10 000.
    """
    shape, rank, width, std = CASES[case]
    noise = eq.noise.Gaussian((std, 0.7 * std))
    method, start = eq.dynamics.PerturbedGD((0.05, 0.04), noise), eq.initial.Gaussian((0.3, 0.5))
    settings = {"steps": steps, "replicates": 4000, "every": steps}
    law = run(target(shape, rank), width, "law", method, start, seed=1, **settings)
    direct = run(target(shape, rank), width, "auto", method, start, seed=2, **settings)
    assert law.dataset.attrs["engine"] == "law"
    pairs = [*zip(coordinates(law).T, coordinates(direct).T, strict=True)]
    pairs += [(law.dataset[name].values[:, -1], direct.dataset[name].values[:, -1]) for name in ("loss", "balance")]
    assert min(scipy.stats.ks_2samp(one, other).pvalue for one, other in pairs) > 1e-6


def test_a_wrong_number_of_dimensions_would_be_seen():
    """Such a test tells 8 rows from 10."""
    method, start = eq.dynamics.PerturbedGD(0.05, eq.noise.Gaussian(0.3)), eq.initial.Gaussian(0.3)
    wide, narrow = (
        run(target((d, 12), 1), 1, "law", method, start, replicates=4000, steps=40, every=40, seed=d) for d in (8, 10)
    )
    found = scipy.stats.ks_2samp(coordinates(wide)[:, 0], coordinates(narrow)[:, 0])
    assert found.pvalue < 1e-6


def test_noise_that_fades_and_ends():
    noise = eq.noise.Until(eq.noise.Gaussian(eq.noise.Annealed(0.5, 20.0, 60.0)), 50)
    method, start = eq.dynamics.PerturbedGD(0.05, noise), eq.initial.Gaussian(0.1)
    law, direct = (
        run(target((8, 12), 2), 2, engine, method, start, replicates=2000, steps=80, every=80, seed=seed).dataset
        for seed, engine in enumerate(("law", "auto"))
    )
    for name in ("loss", "balance"):
        assert scipy.stats.ks_2samp(law[name].values[:, -1], direct[name].values[:, -1]).pvalue > 1e-6


def test_cost_does_not_know_the_size():
    problem = eq.problems.planted((10**6, 10**5), rank=1)
    method = eq.dynamics.PerturbedGD(1e-2, eq.noise.Gaussian((1e-3, 1e-3)))
    found = eq.simulate(
        problem, method, eq.initial.Gaussian(1e-4), seed=0, steps=50, replicates=100, engine="law",
        record=eq.Record(every=50, observables=("loss", "balance", "hessian_trace")),
    )  # fmt: skip
    assert [w.shape for w in found.theta] == [(100, 2, 1), (100, 2, 1)]
    # ‖X₀‖² = 1e-8 times a chi-squared number of 10⁶ degrees of freedom, of relative standard deviation √2/1000
    start = found.dataset["balance"].values[:, 0] ** 2
    assert start.mean() == pytest.approx(10, rel=0.01)


def test_a_run_goes_on():
    problem = eq.problems.factorization(target((8, 6), 2), rank=2)
    method, start = eq.dynamics.PerturbedGD(0.05, eq.noise.Gaussian(0.1)), eq.initial.Gaussian(0.1)
    settings = {"record": eq.Record(every=10, observables=("loss",)), "seed": 3, "replicates": 2}
    whole = eq.simulate(problem, method, start, steps=40, engine="law", **settings)
    half = eq.simulate(problem, method, start, steps=20, engine="law", **settings)
    on = eq.simulate(problem, method, resume=half, steps=20)
    np.testing.assert_array_equal(on.dataset["loss"], whole.dataset["loss"])
    with pytest.raises(InputError, match="coordinates of the law engine"):
        eq.simulate(problem, method, resume=half, steps=20, engine="xla")


@pytest.mark.parametrize(
    ("problem", "method", "record", "why"),
    [
        (eq.problems.planted_network((3, 4, 2), seed=0), eq.dynamics.GradientDescent(0.1), ("loss",), "whole matrix"),
        (None, eq.dynamics.LabelNoise(eq.dynamics.GradientDescent(0.1), 0.1), ("loss",), "not LabelNoise"),
        (None, eq.dynamics.PerturbedGD(0.1, eq.noise.Uniform(0.1)), ("loss",), "not Uniform"),
        (None, eq.dynamics.GradientDescent(0.1), (lambda problem, theta: theta[0][0, 0],), "own observables"),
    ],
)
def test_what_has_no_reduced_coordinates_is_refused(problem, method, record, why):
    problem = problem or eq.problems.planted((4, 5), rank=1)
    if callable(record[0]):

        def corner(problem, theta):
            return theta[0][0, 0]

        record = (corner,)
    with pytest.raises(InputError, match=why):
        eq.simulate(
            problem, method, eq.initial.Gaussian(0.1), seed=0, steps=5, engine="law",
            record=eq.Record(every=5, observables=record),
        )  # fmt: skip


def test_it_is_never_chosen_by_itself():
    found = run(target((4, 5), 1), 1, "auto", eq.dynamics.GradientDescent(0.1), eq.initial.Gaussian(0.1))
    assert found.dataset.attrs["engine"] in ("native", "xla")
