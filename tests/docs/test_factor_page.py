"""The page on `equipoise factor` names every option, and quotes errors as they are."""

import dataclasses
import inspect
from pathlib import Path

import numpy as np
import pytest

import equipoise as eq
import equipoise.cli.factor
from equipoise.cli.reading import Reading
from equipoise.cli.sentences import as_typed

PAGE = (Path(__file__).parents[2] / "docs" / "factor.md").read_text(encoding="utf-8")
GOOD = np.arange(12.0).reshape(4, 3) ** 2
TEXTS = {
    "missing.npy": None,
    "gaps.csv": "user,a,b\n1,2,\n3,4,5\n",
    "words.csv": "a,b\n1,x\n",
    "ragged.csv": "1,2,3\n4,5\n",
    "nan.csv": "1,nan\n2,3\n",
    "comma.csv": 'a,b\n"1,234","2"\n',
    "m.pkl": "x",
}


def quoted(error) -> bool:
    """Whether the page has this sentence as a cell of a table."""
    return f"| {as_typed(str(error.value), ['factor'])} |" in PAGE


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_of_a_file_is_quoted(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if TEXTS[name] is not None:
        Path(name).write_text(TEXTS[name], encoding="utf-8")
    with pytest.raises(eq.InputError) as error:
        eq.datasets.read_matrix(name)
    assert quoted(error)


def test_what_is_said_of_an_array_is_quoted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("t.npy", np.ones((2, 2, 2)))
    with pytest.raises(eq.InputError) as error:
        eq.datasets.read_matrix("t.npy")
    assert quoted(error)


@pytest.mark.parametrize(("matrix", "rank"), [(GOOD, 9), (0 * GOOD, 1)])
def test_what_is_said_of_a_matrix_is_quoted(matrix, rank):
    with pytest.raises(eq.InputError) as error:
        eq.estimators.factor(matrix, rank)
    assert quoted(error)


def test_every_option_is_in_the_table():
    parameters = inspect.signature(equipoise.cli.factor.factor).parameters.values()
    options = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name != "reading"]
    options += [field.name for field in dataclasses.fields(Reading)]
    names = ["--json" if name == "as_json" else "--" + name.replace("_", "-") for name in options]
    assert [name for name in names if f"| `{name}`" not in PAGE] == []
