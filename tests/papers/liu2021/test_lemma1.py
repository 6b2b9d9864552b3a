"""Lemma 1: the claim holds, and would not if the lemma were false."""

import numpy as np
import pytest

from equipoise.papers.liu2021.lemma1 import CLAIM


@pytest.fixture(scope="module")
def data(quick):
    return quick(CLAIM.id)


@pytest.mark.parametrize(
    ("part", "variable", "change"),
    [
        ("minima", "gradient_norm", 1e-6),
        ("minima", "loss", 1e-6),
        ("minima", "smallest_eigenvalue", -1e-3),
        ("saddles", "gradient_norm", 1e-6),
        ("saddles", "smallest_eigenvalue", 0.1),
        ("saddles", "smallest_eigenvalue", 1e-6),
        ("search", "gradient_norm", 1e-6),
        ("search", "to_saddles", 0.1),
        ("search", "smallest_eigenvalue", 3.0),
    ],
)
def test_another_measurement_would_fail(data, part, variable, change):
    changed = {**data, part: data[part].assign({variable: data[part][variable] + change})}
    assert not all(c.holds for c in CLAIM.check(changed))


@pytest.mark.parametrize(
    ("part", "variable"),
    [
        ("minima", "gradient_norm"),
        ("minima", "smallest_eigenvalue"),
        ("saddles", "gradient_norm"),
        ("saddles", "smallest_eigenvalue"),
        ("search", "gradient_norm"),
        ("search", "smallest_eigenvalue"),
    ],
)
def test_a_single_nan_fails(data, part, variable):
    values = data[part][variable].copy(deep=True)
    values[..., 0] = np.nan
    assert not all(c.holds for c in CLAIM.check({**data, part: data[part].assign({variable: values})}))
