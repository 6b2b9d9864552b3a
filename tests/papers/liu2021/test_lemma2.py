"""Lemma 2: the claim holds, and would not if the lemma were false."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from equipoise.papers.liu2021.lemma2 import CLAIM


@pytest.fixture(scope="module")
def data(quick):
    return quick(CLAIM.id)


@pytest.mark.parametrize(
    "variable", ["eigenvalues", "sharpness_lanczos", "condition_lanczos", "sharpness_expected", "condition_expected"]
)
def test_one_part_in_a_million_would_fail(data, variable):
    changed = {name: d.assign({variable: d[variable] * (1 + 1e-6)}) for name, d in data.items()}
    assert not all(c.holds for c in CLAIM.check(changed))


@pytest.mark.parametrize("variable", ["eigenvalues", "sharpness_lanczos", "condition_lanczos"])
def test_a_single_nan_fails(data, variable):
    values = data["axes"][variable].copy(deep=True)
    values[0, ...] = np.nan
    assert not all(c.holds for c in CLAIM.check({**data, "axes": data["axes"].assign({variable: values})}))


def test_a_second_zero_eigenvalue_would_fail(data):
    def flattened(dataset):
        return dataset.assign(eigenvalues=dataset["eigenvalues"].where(dataset["index"] != 1, 0.0))

    changed = {name: flattened(d.assign_coords(index=range(d.sizes["index"]))) for name, d in data.items()}
    failed = {c.name for c in CLAIM.check(changed) if not c.holds}
    assert "axes: most zero eigenvalues" in failed


def test_the_figure_shows_lines_and_dots(data):
    figure = CLAIM.draw(data)
    assert isinstance(figure, Figure)
    for panel in figure.axes:
        assert panel.get_xlabel()
        assert panel.get_ylabel()
        assert len(panel.get_lines()) == 2
