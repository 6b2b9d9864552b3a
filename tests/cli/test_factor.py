"""`equipoise factor`: what goes to stdout, what into the folder, and what it says to a mistake."""

import json

import numpy as np
import pytest

import equipoise as eq
from equipoise.cli import main
from equipoise.datasets.formats import holding

WRITTEN = {"factors.npz", "run.nc", "gradient_descent.nc", "summary.json", "path.png", "path.pdf"}


@pytest.fixture(scope="module")
def matrix():
    return np.random.default_rng(1).standard_normal((12, 8))


@pytest.fixture
def file(matrix, tmp_path):
    path = tmp_path / "matrix.npy"
    np.save(path, matrix)
    return str(path)


@pytest.mark.drawn
def test_json_is_all_that_stdout_holds(file, matrix, tmp_path, capsys):
    folder = tmp_path / "made"
    assert main(["factor", file, "--rank", "3", "--gamma", "2", "--out", str(folder), "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "Perturbed GD" in err
    assert found["file"] == file
    assert (found["shape"], found["rank"], found["gamma"], found["seed"]) == ([12, 8], 3, 2.0, 0)
    values = np.linalg.svd(matrix, compute_uv=False)
    assert found["eckart_young_error"] == pytest.approx(np.sqrt(np.sum(values[3:] ** 2) / np.sum(values**2)))
    assert found["excess_error"] <= 0.01
    assert found["predicted"]["relative_error"] == pytest.approx(found["eckart_young_error"])
    assert found["predicted"]["balance"] == pytest.approx(2.0)
    assert found["predicted"]["sharpness"] == pytest.approx(2.5 * values[0])
    assert found["predicted"]["condition_number"] == pytest.approx(found["condition_number"], rel=0.01)
    assert found["balance"] == pytest.approx(2.0, rel=0.01)
    assert found["sharpness"] == pytest.approx(2.5 * values[0], rel=0.01)
    assert found["nuclear_norm"] == pytest.approx(values[:3].sum(), rel=0.01)
    assert [row["method"] for row in found["comparison"]] == [
        *("GD", "Perturbed GD", "Perturbed GD, polished", "truncated SVD")
    ]
    assert (found["status"], found["converged"], found["notes"]) == ("completed", True, [])
    assert {path.name for path in folder.iterdir()} == WRITTEN
    assert {str(path) for path in folder.iterdir()} == set(found["files"].values())
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == found
    with np.load(folder / "factors.npz", allow_pickle=False) as factors:
        error = np.linalg.norm(factors["x"] @ factors["y"].T - matrix) / np.linalg.norm(matrix)
        assert np.linalg.norm(factors["x"]) / np.linalg.norm(factors["y"]) == pytest.approx(found["balance"])
    assert error == pytest.approx(found["relative_error"])
    assert set(eq.load(folder / "run.nc").dataset) >= {"loss", "balance", "sharpness", "nuclear_norm", "norm_x"}


def test_a_table_for_people(file, tmp_path, capsys):
    options = ["--rank", "3", "--steps", "60", "--replicates", "2", "--out", str(tmp_path / "made")]
    assert main(["factor", file, *options]) == 0
    out, _ = capsys.readouterr()
    assert "Perturbed GD" in out
    assert "2 replicates" in out
    assert "  predicted" in out
    assert str(tmp_path / "made") in out.replace("\n", "")


def test_a_header_can_be_named(matrix, tmp_path, capsys):
    file = tmp_path / "matrix.csv"
    np.savetxt(file, np.vstack([np.arange(8.0), matrix]), delimiter=",")
    options = ["--rank", "3", "--steps", "60", "--json", "--out", str(tmp_path / "made")]
    for flag, rows in (("--header", 12), ("--no-header", 13)):
        assert main(["factor", str(file), flag, *options]) == 0
        assert json.loads(capsys.readouterr().out)["shape"] == [rows, 8]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rank", "0"], "The rank is 0"),
        (["--rank", "9"], "between 1 and 8"),
        (["--rank", "two"], "'two' is not a whole number"),
        (["--rank", "1.5"], "'1.5' is not a whole number"),
        (["--rank", "3", "--seed", "1.5"], "'1.5' is not a whole number"),
        (["--rank", "3", "--steps", "60.5"], "'60.5' is not a whole number"),
        (["--rank", "3", "--replicates", "1e2"], "'1e2' is not a whole number"),
        ([], "--rank"),
        (["--rank", "3", "--gamma", "0"], "gamma is 0"),
        (["--rank", "3", "--noise", "-1"], "noise is -1"),
        (["--rank", "3", "--step-size", "10"], "the largest stable step size here is"),
        (["--rank", "3", "--steps", "0"], "number of steps is 0"),
        (["--rank", "3", "--key", "a"], "--key is only for .npz, .mat, "),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr(file, arguments, said, tmp_path, capsys):
    assert main(["factor", file, *arguments, "--out", str(tmp_path / "made"), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1


def test_labels_come_back(matrix, tmp_path, capsys):
    file, folder = tmp_path / "m.csv", tmp_path / "made"
    lines = [f"row {k};" + ";".join(f"{x:.17g}".replace(".", ",") for x in row) for k, row in enumerate(matrix)]
    file.write_text("\n".join([";".join(f"c{k}" for k in range(8)), *lines]))  # one title less, as R writes it
    assert main(["factor", str(file), "--rank", "3", "--steps", "60", "--json", "--out", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["shape"] == [12, 8]
    assert found["read_as"] == ["separated by semicolons", "decimal commas", "row labels from column 1"]
    with np.load(folder / "factors.npz", allow_pickle=False) as factors:
        assert factors["row_labels"].tolist() == [f"row {k}" for k in range(12)]
        assert factors["column_labels"].tolist() == [f"c{k}" for k in range(8)]


def test_columns_of_unlike_size_are_told_and_scaled(matrix, tmp_path, capsys):
    file, made = tmp_path / "m.npy", tmp_path / "made"
    np.save(file, matrix * np.r_[1e6, np.ones(7)])
    options = ["--rank", "3", "--steps", "60", "--out", str(made)]
    assert main(["factor", str(file), *options]) == 0
    assert "pass --center and --scale if" in capsys.readouterr().out
    assert main(["factor", str(file), *options, "--centre", "--scale"]) == 0
    assert "--scale" not in capsys.readouterr().out
    with np.load(made / "factors.npz", allow_pickle=False) as factors:
        assert factors["means"].shape == factors["scales"].shape == (8,)


def test_entries_are_no_matrix(tmp_path, capsys):
    (tmp_path / "ratings.csv").write_text("user,item,rating\n1,2,3\n1,3,4\n2,2,1\n")
    arguments = ["factor", str(tmp_path / "ratings.csv"), "--rank", "1", "--out", str(tmp_path / "made")]
    assert main(arguments) == 2
    assert "complete it by equipoise complete, or add --format matrix." in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_before_the_work(file, tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["factor", file, "--rank", "3", "--out", str(tmp_path / "taken" / "made")]) == 2
    assert "Cannot write" in capsys.readouterr().err


def test_a_matrix_with_nan(tmp_path, capsys):
    np.save(tmp_path / "bad.npy", np.array([[1.0, np.nan]]))
    assert main(["factor", str(tmp_path / "bad.npy"), "--rank", "1", "--out", str(tmp_path / "made")]) == 2
    assert "NaN" in capsys.readouterr().err


def test_interruption_writes_what_was_reached(file, tmp_path, capsys, interrupt):
    interrupt(at=2)
    options = ["--rank", "3", "--steps", "5000", "--json", "--out", str(tmp_path / "made")]
    assert main(["factor", file, *options]) == 130
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "interrupted"
    assert 0 < found["steps_taken"] < found["steps"] == 5000
    assert {path.name for path in (tmp_path / "made").iterdir()} == WRITTEN - {"gradient_descent.nc"}


def test_help(capsys):
    assert main(["factor", "--help"]) == 0
    out, _ = capsys.readouterr()
    for option in ("--rank", "--gamma", "--start-balance", "--no-header", "--out", "--json"):
        assert option in out


def test_the_help_lists_every_format(capsys):
    assert main(["factor", "--help"]) == 0
    out, _ = capsys.readouterr()
    assert [each for each in holding("matrix") if not all(name in out for name in each.extensions)] == []
