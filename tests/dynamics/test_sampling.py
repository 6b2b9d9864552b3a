"""Three ways to draw a batch: which points, how often, and that nothing but (seed, replicate, step) decides."""

import itertools

import jax
import numpy as np
import pytest
from scipy.stats import chisquare

import equipoise as eq
from equipoise.core.threefry import words
from equipoise.dynamics import GradientDescent, Minibatch
from equipoise.dynamics.sampling import distinct, independent, of_epoch

pytestmark = pytest.mark.usefixtures("double")

DRAWS = 30_000
GENERATOR = np.random.default_rng(1)
PROBLEM = eq.problems.sensing(
    GENERATOR.standard_normal((6, 2, 2)), GENERATOR.standard_normal(6), parametrization="asymmetric", width=1
)


def _drawn(draw, points, size, step=0):
    keys = jax.vmap(lambda number: jax.random.key(number, impl="threefry2x32"))(np.arange(DRAWS))
    return np.asarray(jax.jit(jax.vmap(lambda key: draw(key, points, size, step)))(keys))


@pytest.mark.parametrize(
    ("draw", "points", "size"), [(independent, 3, 3), (distinct, 5, 3), (of_epoch, 4, 4), (of_epoch, 7, 2)]
)
def test_every_ordered_draw_is_as_likely(draw, points, size):
    """Chi-squared over all ordered draws; Floyd's algorithm is uniform over sets only. p < 1e-4 fails."""
    found = _drawn(draw, points, size)
    if draw is distinct:
        found = np.sort(found, axis=1)
        cells = list(itertools.combinations(range(points), size))
    elif draw is independent:
        cells = list(itertools.product(range(points), repeat=size))
    else:
        cells = list(itertools.permutations(range(points), size))
    place = {cell: number for number, cell in enumerate(cells)}
    counts = np.bincount([place[tuple(row)] for row in found.tolist()], minlength=len(cells))
    assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(("points", "size"), [(3, 3), (9, 7), (64, 16), (130, 128), (10**6, 33)])
def test_different_points_are_those_of_floyds_algorithm(points, size):
    """One after the other, by hand: the candidate, or the last point where it was drawn before."""
    for number in range(20):
        key, chosen = jax.random.key(number, impl="threefry2x32"), []
        for place, word in enumerate(np.asarray(words(key, size)[0]).tolist()):
            last = points - size + place
            candidate = word * (last + 1) >> 32
            chosen.append(last if candidate in chosen else candidate)
        np.testing.assert_array_equal(distinct(key, points, size, 0), chosen)


def test_a_large_batch_holds_no_point_twice():
    assert len(set(np.asarray(distinct(jax.random.key(3), 1000, 400, 0)).tolist())) == 400


@pytest.mark.parametrize(("points", "size"), [(6, 2), (7, 3)])
def test_an_epoch_is_every_point_once(points, size):
    key = jax.random.key(5)
    rows = np.concatenate([np.asarray(of_epoch(key, points, size, step)) for step in range(points)])
    epochs = rows.reshape(size, points)  # so many epochs in as many steps as there are points
    assert np.array_equal(np.sort(epochs, axis=1), np.tile(np.arange(points), (size, 1)))
    assert not np.array_equal(epochs[0], epochs[1])


@pytest.mark.parametrize("sampling", ["without replacement", "with replacement", "epochs"])
def test_paths_do_not_depend_on_chunk_or_pause(sampling):
    method, init = Minibatch(GradientDescent(0.02), 2, sampling), eq.initial.Gaussian(0.5)
    settings = {"seed": 2, "progress": False, "record": eq.Record(4)}
    whole = eq.simulate(PROBLEM, method, init, steps=8, replicates=3, **settings)
    parts = eq.simulate(PROBLEM, method, init, steps=8, replicates=3, chunk=2, **settings)
    half = eq.simulate(PROBLEM, method, init, steps=4, replicates=3, **settings)
    rest = eq.simulate(PROBLEM, method, resume=half, steps=4, progress=False)
    for other in (parts, rest):
        np.testing.assert_allclose(other.theta[0], whole.theta[0], rtol=1e-12)
    assert len(np.unique(whole.theta[0].reshape(3, -1), axis=0)) == 3


def test_another_sampling_is_refused():
    with pytest.raises(eq.InputError, match="sampling is 'shuffled'; it must be one of 'without replacement'"):
        Minibatch(GradientDescent(0.1), 2, "shuffled")
