"""Starts under a condition, and the count of what was rejected."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.core.stream import initial_key, replicate_key

REPLICATES = 60


def positive(problem, theta):
    return theta[0][0, 0] > 0


def never(problem, theta):
    return False


@pytest.fixture(scope="module")
def problem():
    return eq.problems.sensing(np.ones((1, 2, 2)), [1.0], parametrization=eq.problems.DeepLinear((2, 2, 2, 2)))


@pytest.fixture(scope="module")
def still():
    return eq.dynamics.GradientDescent(0.01)


def _run(problem, method, start, **options):
    return eq.simulate(problem, method, start, **{"seed": 1, "steps": 0, "replicates": REPLICATES, **options})


@pytest.fixture(scope="module")
def balanced():
    return eq.initial.EndToEnd(eq.initial.Balanced(1.0), 1e-3)


@pytest.fixture(scope="module", params=[1, -1])
def signed(request, problem, still, balanced):
    start = eq.initial.Conditional(balanced, eq.initial.DeterminantSign(request.param))
    return request.param, start, _run(problem, still, start)


def test_the_condition_holds_for_all(signed):
    sign, _, run = signed
    products = run.theta[2] @ run.theta[1] @ run.theta[0]
    assert np.all(np.sign(np.linalg.det(products)) == sign)


def test_the_start_is_the_draw_after_the_rejected_ones(problem, balanced, signed):
    """Each draw of a replicate counted by hand."""
    sign, start, run = signed
    wanted = eq.initial.DeterminantSign(sign)
    for replicate in range(5):
        with eq.numerics():
            key = initial_key(replicate_key(1, replicate))
            draws = [balanced.sample(jax.random.fold_in(key, n), replicate, problem) for n in range(12)]
            first = next(n for n, draw in enumerate(draws) if wanted(problem, draw))
        assert run.dataset["rejected_starts"].values[replicate] == first
        np.testing.assert_allclose(run.theta[0][replicate], draws[first][0], rtol=1e-12, atol=1e-18)
    assert start.is_conditional


def test_half_of_the_draws_are_rejected(signed):
    """The count is geometric with mean 1 and variance 2: 4 standard errors, which fails once in 16 000."""
    _, _, run = signed
    assert np.mean(run.dataset["rejected_starts"].values) == pytest.approx(1.0, abs=4 * np.sqrt(2 / REPLICATES))


def test_the_count_does_not_depend_on_the_others_and_stays_with_the_run(problem, still, signed, tmp_path):
    _, start, run = signed
    few = _run(problem, still, start, replicates=3, chunk=2)
    np.testing.assert_array_equal(few.dataset["rejected_starts"], run.dataset["rejected_starts"][:3])
    longer = eq.simulate(problem, still, resume=eq.load(few.save(tmp_path / "run.nc")), steps=1)
    np.testing.assert_array_equal(longer.dataset["rejected_starts"], few.dataset["rejected_starts"])


def test_other_starts_have_no_count(problem, still, balanced):
    assert "rejected_starts" not in _run(problem, still, balanced, replicates=1).dataset


def test_a_start_around_a_conditional_one_has_its_count(still):
    pair = eq.problems.factorization(np.eye(2), rank=1)
    inner = eq.initial.Conditional(eq.initial.Gaussian(1.0), positive)
    plain = _run(pair, still, inner, replicates=4).dataset["rejected_starts"]
    for outer in (eq.initial.Unbalanced(inner, 4.0), eq.initial.EndToEnd(inner, 1.0)):
        np.testing.assert_array_equal(_run(pair, still, outer, replicates=4).dataset["rejected_starts"], plain)


def test_a_condition_that_never_holds(problem, still, balanced):
    with pytest.raises(eq.InputError, match=r"^No draw met the condition on the start for 3 of 3 replicates"):
        _run(problem, still, eq.initial.Conditional(balanced, never, most=2), replicates=3)


def test_conditions_are_not_nested(balanced):
    once = eq.initial.Conditional(balanced, positive)
    with pytest.raises(eq.InputError, match=r"^The start has a condition already; put both into one condition\.$"):
        eq.initial.Conditional(eq.initial.EndToEnd(once, 1.0), positive)


def test_signs_and_shapes_of_determinants(balanced):
    with pytest.raises(eq.InputError, match=r"^The sign of the determinant is 2; it must be 1 or -1\.$"):
        eq.initial.DeterminantSign(2)
    with pytest.raises(eq.InputError, match=r"^The matrix is 3 x 2, and only a square one has a determinant"):
        eq.initial.DeterminantSign(1)(eq.problems.factorization(np.ones((3, 2)), 1), (np.ones((3, 1)), np.ones((2, 1))))
    with pytest.raises(eq.InputError, match=r"^Network has no matrix with a determinant"):
        eq.initial.DeterminantSign(1)(eq.problems.planted_network((2, 1), 3, seed=0), (np.ones((1, 2)),))


def test_a_sweep_keeps_the_count(problem, still, balanced, tmp_path):
    """Also where a sweep goes on with more replicates and more steps."""
    pytest.importorskip("zarr")

    def make(sign):
        return problem, still, eq.initial.Conditional(balanced, eq.initial.DeterminantSign(sign))

    def swept(replicates, steps):
        study = eq.sweeps.Study(make, over={"sign": [1, -1]}, replicates=replicates, steps=steps, seed=0)
        return eq.sweep(study, store=tmp_path / "store.zarr", jobs=1, progress=False)

    first, later = swept(2, 1), swept(3, 2)
    counts = later["rejected_starts"]
    assert counts.dims == ("sign", "replicate")
    np.testing.assert_array_equal(counts[:, :2], first["rejected_starts"])
    assert np.all(counts >= 0)
    assert np.any(counts > 0)
