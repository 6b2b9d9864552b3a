"""Random ingredients of instances: their laws, and what is asked for in vain."""

import numpy as np
import pytest
import scipy.stats

import equipoise as eq
from equipoise.problems import gaussian_measurements, random_entries

FALSE_ALARM = 1e-6


def test_gaussian_measurements_are_symmetric_and_drawn_by_their_seed():
    drawn = gaussian_measurements(4, 7, seed=1)
    assert drawn.shape == (7, 4, 4)
    np.testing.assert_array_equal(drawn, drawn.transpose(0, 2, 1))
    np.testing.assert_array_equal(drawn, gaussian_measurements(4, 7, seed=1))
    assert np.all(drawn != gaussian_measurements(4, 7, seed=2))


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_measurements_keep_norms_on_average(seed):
    """⟨A_i, W⟩ = N(0, ‖W‖²/m) for symmetric W, so that m ‖A(W)‖²/‖W‖² is χ² of m degrees; false alarm 1e-6 a seed."""
    m = 4000
    w = np.random.default_rng(9).standard_normal((5, 5))
    w = w + w.T
    found = m * np.sum(np.einsum("mij,ij->m", gaussian_measurements(5, m, seed=seed), w) ** 2) / np.sum(w**2)
    low, high = scipy.stats.chi2(m).ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2])
    assert low < found < high
    assert high / low < 1.3  # a factor of 2 in the scale could not pass


@pytest.mark.parametrize(("size", "count"), [(0, 3), (3, 0)])
def test_measurements_of_impossible_sizes(size, count):
    with pytest.raises(eq.InputError, match=r"must be a whole number, 1 or greater\.$"):
        gaussian_measurements(size, count, seed=0)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("exponent", [0.0, 2.0])
def test_entries_are_distinct_and_inside(symmetric, exponent):
    rows, columns = random_entries((9, 9), 40, seed=3, exponent=exponent, symmetric=symmetric)
    assert rows.shape == columns.shape == (40,)
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == 40
    assert min(rows.min(), columns.min()) >= 0
    assert max(rows.max(), columns.max()) <= 8
    assert np.all(columns <= rows) == symmetric


def test_all_entries_can_be_asked_for():
    rows, columns = random_entries((3, 4), 12, seed=0, exponent=1.0)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(i, j) for i in range(3) for j in range(4)]
    assert random_entries((4, 4), 10, seed=0, symmetric=True)[0].shape == (10,)


def test_the_first_entry_has_the_probability_of_its_weight():
    """One entry of 2 x 2 with weights 1, ½, ½, ¼; false alarm 1e-6."""
    draws = 4000
    seen = np.zeros((2, 2))
    for seed in range(draws):
        i, j = random_entries((2, 2), 1, seed=seed, exponent=1.0)
        seen[i[0], j[0]] += 1
    weights = np.array([[1.0, 0.5], [0.5, 0.25]])
    assert scipy.stats.chisquare(seen.ravel(), (draws * weights / weights.sum()).ravel()).pvalue > FALSE_ALARM
    assert scipy.stats.chisquare(seen.ravel()).pvalue < FALSE_ALARM


def test_a_power_law_favours_small_indices():
    uniform, steep = (random_entries((50, 50), 300, seed=1, exponent=e) for e in (0.0, 1.0))
    assert np.unique(steep[0]).size < np.unique(uniform[0]).size
    assert steep[0].mean() < 0.6 * uniform[0].mean()


@pytest.mark.parametrize(("count", "symmetric", "there"), [(13, False, 12), (7, True, 6)])
def test_more_entries_than_there_are(count, symmetric, there):
    shape = (3, 3) if symmetric else (3, 4)
    said = rf"^{count} different entries are asked for, but there are only {there}; ask for fewer\.$"
    with pytest.raises(eq.InputError, match=said):
        random_entries(shape, count, seed=0, symmetric=symmetric)


def test_other_arguments_out_of_range():
    with pytest.raises(eq.InputError, match=r"^The number of entries is 0; it must be a whole number, 1 or greater\.$"):
        random_entries((3, 3), 0, seed=0)
    with pytest.raises(eq.InputError, match=r"^The exponent is nan; it must be finite\.$"):
        random_entries((3, 3), 2, seed=0, exponent=np.nan)
