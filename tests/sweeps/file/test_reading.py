"""Studies in files."""

from pathlib import Path

import numpy as np
import pytest

import equipoise as eq
from equipoise.sweeps.file.reading import parse_study

ROOT = Path(__file__).parents[3]

PLAIN = """
steps = 40
replicates = 3
seed = 5

[problem]
kind = "planted"
shape = [6, 5]
rank = "$rank"

[noise]
kind = "Gaussian"
std = "$std"

[method]
kind = "PerturbedGD"
step_size = ["$step_size", 0.02]

[start]
kind = "Gaussian"
std = 0.1

[grid]
rank = [1, 2]
step_size = { from = 0.01, to = 0.04, count = 3, scale = "log" }

[zip]
std = [0.01, 0.1]

[record]
every = 10
observables = ["loss"]
"""


def _parsed(text, folder=Path()):
    return parse_study(text, "study.toml", folder)


def test_a_file_says_what_python_would():
    study, store = _parsed(PLAIN, Path("there"))
    assert store == Path("there/study.zarr")
    assert study.axes == ("rank", "step_size", "std")
    assert len(study.points) == 12
    assert [p["step_size"] for p in study.points[:6:2]] == pytest.approx([0.01, 0.02, 0.04])
    problem, dynamics, init, _ = study.case(rank=2, step_size=0.03, std=0.2)
    assert problem.shapes == ((6, 2), (5, 2))
    assert [float(v) for v in dynamics.step_size.values] == [0.03, 0.02]
    assert float(dynamics.noise.std.values[0]) == 0.2
    assert float(init.std.values[0]) == 0.1
    assert (study.steps, study.replicates, study.seed, study.record.every) == (40, 3, 5, 10)


def test_a_matrix_is_read_beside_the_file(tmp_path):
    np.save(tmp_path / "m.npy", np.arange(12.0).reshape(4, 3))
    text = PLAIN.replace('kind = "planted"\nshape = [6, 5]', 'kind = "factorization"\nmatrix = {file = "m.npy"}')
    problem = _parsed(text, tmp_path).study.case(rank=1, step_size=0.1, std=0.1).problem
    assert problem.shapes == ((4, 1), (3, 1))


def test_random_points_and_stop_rules():
    text = PLAIN.split("[grid]")[0] + (
        '[random]\ncount = 5\nseed = 1\nstd = {from = 0.01, to = 1, scale = "log"}\nstep_size = {from = 0, to = 1}\n'
        'rank = {from = 1, to = 3, scale = "whole"}\n[stop]\nvariable = "loss"\nbelow = 0.1\n'
    )
    study = _parsed(text).study
    assert len(study.points) == 5
    assert study.stop == (eq.StopWhen("loss", below=0.1),)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "steps = 40",
            "stps = 40",
            r"^study.toml has the unknown key stps \(did you mean steps\?\); it may have steps",
        ),
        ("steps = 40", "", r"^study.toml has no steps; add it\.$"),
        ("steps = 40", "steps = -1", r"^steps is -1; it must be a whole number, 0 or greater\.$"),
        ("steps = 40", "steps = ", r"^study.toml is not TOML \(.*\); mend it there\.$"),
        (
            "shape = [6, 5]",
            "shap = [6, 5]",
            r"^\[problem\] of study.toml has the unknown key shap \(did you mean shape",
        ),
        (
            '"planted"',
            '"plantd"',
            r"^\[problem\] of study.toml has the kind 'plantd' \(did you mean planted\?\); choose",
        ),
        ('kind = "planted"', "", r"^\[problem\] of study.toml has no kind; choose factorization, planted"),
        (
            '"PerturbedGD"',
            '"GradientDescent"',
            r"^The method GradientDescent takes no noise, but there is a table \[noise",
        ),
        ('"$rank"', '"$rnk"', r"^study.toml uses \$rnk, which is no axis; give its values in \[grid\]\.$"),
        ('"$rank"', "1", r'^study.toml has the axis rank, which nothing uses; write "\$rank" where its value belongs'),
        ("rank = [1, 2]", "rank = []", "^The axis rank is empty"),
        ("rank = [1, 2]", "rank = 3", r"^rank in \[grid\] of study.toml is 3; give a list, or a range"),
        ("count = 3", "cont = 3", r"^rank in|^step_size in \[grid\] of study.toml has the unknown key cont"),
        ('"log"', '"lg"', r"^scale of step_size in \[grid\] of study.toml is 'lg'; choose linear, or log"),
        ("every = 10", "evry = 10", r"^\[record\] of study.toml has the unknown key evry \(did you mean every\?\)"),
        ('["loss"]', '["los"]', "los"),
    ],
)
def test_every_key_is_checked(before, after, sentence):
    assert before in PLAIN
    with pytest.raises(eq.InputError, match=sentence):
        _parsed(PLAIN.replace(before, after))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(eq.InputError, match=r"none.toml cannot be read \(.*\); check the path\.$"):
        eq.sweeps.read_study(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "studies").glob("*.toml")), ids=lambda path: path.stem)
def test_the_studies_of_the_examples_can_be_read(path):
    study = eq.sweeps.read_study(path).study
    assert study.case(**study.points[0])


def test_the_study_of_the_page_can_be_read():
    text = (ROOT / "docs" / "sweeps.md").read_text("utf-8").split("```toml\n")[1].split("```")[0]
    assert len(_parsed(text).study.points) == 60
