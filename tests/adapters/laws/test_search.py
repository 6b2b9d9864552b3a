"""The search alone: sums that obey known laws, and numbers that obey none."""

import numpy as np
import pytest

from equipoise.adapters.laws.columns import Column, kept_axes, sums_along, whole
from equipoise.adapters.laws.null import as_whole, null_laws
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.search import find_laws

RANDOM = np.random.default_rng(0)


def samples_of(sums, shapes, **options):
    """Samples with given sums along single axes, the rest random."""
    samples = Samples(shapes, rounding=1e-7, **options)
    passes = len(next(iter(sums.values())))
    for k in range(passes):
        rows = {}
        for name, shape in samples.shapes.items():
            for axes in samples.axes[name]:
                size = int(np.prod([shape[a] for a in axes]))
                x = sums[name, axes][k] if (name, axes) in sums else RANDOM.standard_normal(size)
                rows[name, axes] = (x, np.ones(size))
        samples.add(rows)
    return samples


def test_random_sums_obey_no_law():
    shapes = {"a.weight": (6, 4), "a.bias": (6,), "b.weight": (3, 6), "c.weight": (12, 3)}
    laws = find_laws(samples_of({("a.bias", (0,)): RANDOM.standard_normal((8, 6))}, shapes))
    assert laws.laws == ()
    assert laws.dimension == 0
    assert laws.status.startswith("No law is found")


def test_coefficients_are_whole_numbers():
    """With a squared activation the first layer counts once and the second twice."""
    x = RANDOM.standard_normal((8, 6))
    laws = find_laws(samples_of({("a.w", (0,)): 2 * x, ("b.w", (1,)): x}, {"a.w": (6, 4), "b.w": (3, 6)}))
    (law,) = laws.laws
    assert law.coefficients == (1, -2)
    assert law.formula(laws.shapes) == "‖a.w[i, :]‖² − 2 ‖b.w[:, i]‖²"
    assert laws.gap > 1e3


def test_a_law_of_two_is_found_beside_a_joint_one():
    x, y, z = RANDOM.standard_normal((3, 8, 6))
    sums = {("a.w", (0,)): x, ("b.w", (0,)): y, ("c.w", (1,)): x, ("d.w", (1,)): x + y, ("e.w", (0,)): z}
    shapes = {"a.w": (6, 4), "b.w": (6, 5), "c.w": (3, 6), "d.w": (2, 6), "e.w": (6, 7)}
    found = {
        frozenset(zip(law.coefficients, law.parameters, strict=True))
        for law in find_laws(samples_of(sums, shapes)).laws
    }
    assert found in (
        {frozenset({(1, "a.w"), (-1, "c.w")}), frozenset({(1, "b.w"), (1, "c.w"), (-1, "d.w")})},
        {frozenset({(1, "a.w"), (-1, "c.w")}), frozenset({(1, "a.w"), (1, "b.w"), (-1, "d.w")})},
    )


def test_too_few_passes_are_told():
    shapes = {f"{name}.w": (2, 7) for name in "abcdefgh"}
    laws = find_laws(samples_of({("a.w", (0,)): RANDOM.standard_normal((3, 2))}, shapes))
    assert laws.undecided == (2, 7) or 2 in laws.undecided
    assert "too few passes" in laws.status or not laws.laws


def test_a_column_without_gradient_spoils_nothing():
    """The bias of keys has a gradient of rounding errors alone; laws beside it are read without it."""
    x = RANDOM.standard_normal((40, 1))
    sums = np.hstack([x, x, 1e-9 * RANDOM.standard_normal((40, 1))])
    squares = np.hstack([np.ones((40, 2)), np.full((40, 1), 1e-18)])
    found = null_laws(sums, squares, 1e-6)
    np.testing.assert_array_equal(abs(found.coefficients), [[1, 1, 0]])


def test_other_numbers_are_not_read():
    assert as_whole(np.array([1.0, -0.37]), np.zeros(2)) is None
    np.testing.assert_array_equal(as_whole(np.array([-0.5, 0.25]), np.zeros(2)), [2, -1])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("w", (0,), 0, (2, 3, 2), (0, 2)), [0 + 2 + 4, 1 + 3 + 5, 6 + 8 + 10, 7 + 9 + 11]),
        (Column("w", (0,), 6, (6,), (0,)), [6, 7, 8, 9, 10, 11]),
        (Column("w", (0,), 0, (2, 3, 2), (0, 2), (1, 2)), [4, 5, 10, 11]),
    ],
)
def test_a_column_adds_up_its_channels(column, expected):
    assert column.folded(np.arange(12.0)[None]).tolist() == [expected]
    assert column.width == len(expected)


def test_axes_of_channels():
    assert kept_axes((8, 3, 3, 3)) == [(0,), (1,)]
    assert kept_axes((3, 3, 5, 8), window_first=True) == [(2,), (3,)]
    assert (0, 1) in kept_axes((8, 2, 3, 3), groups=4)
    array = RANDOM.standard_normal((3, 4, 5))
    np.testing.assert_allclose(sums_along(array, (0, 2)), array.sum(1).ravel())
    assert whole("w", (3, 4, 5), (0, 2)).width == 15
