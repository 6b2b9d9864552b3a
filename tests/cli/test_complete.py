"""`equipoise complete`: what goes to stdout, what into the folder, and what it says to a mistake."""

import csv
import gzip
import io
import json
import re
import sys

import numpy as np
import pytest

import equipoise as eq
from equipoise.cli import main
from equipoise.cli.complete_input import read
from equipoise.cli.reading import Reading
from equipoise.datasets import read_labelled_matrix
from equipoise.datasets.formats import holding

QUICK = ["--steps", "60"]


@pytest.fixture(scope="module")
def matrix():
    rng = np.random.default_rng(1)
    made = rng.standard_normal((14, 2)) @ rng.standard_normal((2, 9))
    made[rng.random(made.shape) < 0.25] = np.nan
    return made


@pytest.fixture
def ratings(matrix, tmp_path):
    path = tmp_path / "ratings.csv"
    lines = [f"u{i},film {j},{matrix[i, j]!r}" for i, j in zip(*np.nonzero(~np.isnan(matrix)), strict=True)]
    path.write_text("\n".join(["user,item,rating", *(line.replace("np.float64(", "").rstrip(")") for line in lines)]))
    return str(path)


@pytest.fixture
def holes(matrix, tmp_path):
    path = tmp_path / "matrix.npy"
    np.save(path, matrix)
    return str(path)


@pytest.mark.drawn
def test_json_is_all_that_stdout_holds(ratings, tmp_path, capsys):
    folder = tmp_path / "made"
    options = ["--by", "small-init", "noise", "nuclear-norm", "--test", "0.1", "--all", "--out", str(folder), "--json"]
    assert main(["complete", ratings, *options, *QUICK]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "small-init" in err
    assert "Held out" in err
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == found
    assert {str(path) for path in folder.iterdir()} == set(found["files"].values())
    assert {re.sub("model-[0-9a-f]{12}", "model-HASH", path.name) for path in folder.iterdir()} == {
        *("predictions.csv", "factors.npz", "run-small-init.nc", "run-noise.nc", "certificate.json"),
        *("completed.npy", "completed.csv", "errors.png", "errors.pdf", "answer.png", "answer.pdf"),
        *("summary.json", "model.json", "model-HASH.npz"),
    }
    assert found["read_as"] == "triplets, as --format auto finds"
    table = read_labelled_matrix(folder / "completed.csv")
    np.testing.assert_array_equal(table.matrix, np.load(folder / "completed.npy"))
    assert (table.row_labels[0], table.column_labels[0]) == ("u0", "film 0")
    assert sum(found["entries"].values()) == np.load(folder / "completed.npy").size - 29 == 97
    assert set(eq.load(folder / "run-noise.nc").dataset) >= {"training_rmse", "held_out_rmse"}


def test_predictions_have_the_ids_and_the_error_of_the_summary(ratings, tmp_path, capsys):
    folder = tmp_path / "made"
    assert main(["complete", ratings, "--out", str(folder), "--json", *QUICK]) == 0
    found = json.loads(capsys.readouterr().out)
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == found["entries"]["held_out"]
    assert all(row["row"].startswith("u") and row["column"].startswith("film ") for row in rows)
    error = np.sqrt(np.mean([(float(row["value"]) - float(row["prediction"])) ** 2 for row in rows]))
    assert error == pytest.approx(found["held_out_rmse"])
    assert (folder / "run.nc").exists()


def test_a_table_for_people(holes, tmp_path, capsys):
    assert main(["complete", holes, "--hold-out-per-row", "1", "--out", str(tmp_path / "made"), *QUICK]) == 0
    out, _ = capsys.readouterr()
    assert "read as a matrix" in out
    assert "14 held out" in out
    assert "row+column" in out
    assert max(map(len, out.split("note")[0].splitlines()[1:])) <= 80


def test_nothing_held_out(holes, tmp_path, capsys):
    assert main(["complete", holes, "--hold-out", "0", "--out", str(tmp_path / "made"), *QUICK]) == 0
    out, _ = capsys.readouterr()
    assert "Held out" not in out
    assert "Nothing is held out" in out
    assert (tmp_path / "made" / "predictions.csv").read_text() == "row,column,part,value,prediction\n"


@pytest.mark.parametrize(
    ("name", "content", "form", "said"),
    [
        ("t.csv", "0,0,1\n0,1,2\n1,0,2\n1,1,5", "auto", "triplets, as"),
        ("t.csv", "0,0,1,\n0,1,2,3\n1,0,2,4\n1,1,5,6", "auto", "a matrix, as"),
        ("t.csv", "1,nan,3\n4,5,6\n7,8,9", "auto", "a matrix, as"),
        ("t.csv", "1,2,3\n4,5,6\n7,8,9", "matrix", "a matrix"),
        ("t.csv", "1;2;3,5\n4;5;6\n7;8;9", "matrix", "a matrix, separated by semicolons, decimal commas"),
        ("t.tsv", "1\t2\n4\t5\n7\t8\n1\t1", "auto", "a matrix, as"),
        ("u.data", "1\t1\t3\t0\n1\t2\t4\t0\n2\t1\t5\t0\n2\t2\t4\t0", "auto", "triplets, as"),
    ],
)
def test_what_a_file_is_read_as(name, content, form, said, tmp_path):
    (tmp_path / name).write_text(content)
    assert read(tmp_path / name, Reading(format=form)).said.startswith(said)


def test_a_compressed_table(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,x,1\na,y,2\nb,x,2\nb,y,4\n"))
    source = read(tmp_path / "t.csv.gz", Reading())
    assert source.said == "triplets, as --format auto finds"
    assert source.entries.shape == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "magic"], "no method 'magic'"),
        (["--hold-out", "1"], "--hold-out is 1"),
        (["--hold-out", "0.1", "--hold-out-per-row", "2"], "give one of them"),
        (["--hold-out-per-row", "99"], "at least 100 are needed"),
        (["--hold-out", "0.000001"], "holds out 0"),
        (["--test", "-0.5"], "--test is -0.5"),
        (["--depth", "1"], "depth is 1"),
        (["--width", "0"], "width is 0"),
        (["--steps", "1.5"], "not a whole number"),
        (["--step-size", "1e9"], "smaller step size"),
        (["--format", "picture"], "There is no format 'picture'"),
        (["--key", "a"], "--key is only for .npz, .mat, .h5, "),
        (["--format", "matrix", "--no-labels"], "not a number"),
        (["--format", "cvs"], "did you mean 'csv'?"),
        (["--seperator", ";"], "--separator"),
        (["--separator", "semicolons"], "semicolon"),
        (["--decimal", ";"], "--decimal is ';'"),
        (["--layer", "X"], "--layer is only for .h5ad files"),
        (["--labels"], "--labels is for a matrix"),
        (["--columns", "user", "item", "stars"], "stars"),
        (["--seed", "-1"], "seed is -1"),
        (["--max-seconds", "0"], "max_seconds is 0"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_leaves_nothing(ratings, arguments, said, tmp_path, capsys):
    folder = tmp_path / "made"
    assert main(["complete", ratings, *arguments, "--out", str(folder), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "There is no file"),
        ("m.doc", b"", "no known extension"),
        ("m.pkl", b"", "convert it: numpy.save"),
        ("empty.csv", b"", "is empty"),
        ("twice.csv", b"a,x,1\na,x,2\n", "pass --duplicates mean, last or sum"),
        ("bad.npy", b"rubbish", "bad.npy"),
        ("bad.csv.gz", b"rubbish", "not a complete gzip file"),
        ("binary.csv", b"a,\x00\xe9,1\n", "not UTF-8"),
        ("both.csv", b"1,2,3\n4,5,6\n7,8,9\n", "pass --format triplets or --format matrix."),
    ],
)
def test_files_that_cannot_be_completed(name, content, said, tmp_path, capsys):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    options = ["--hold-out", "0", "--out", str(tmp_path / "made")]
    assert main(["complete", str(tmp_path / name), *options]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert not (tmp_path / "made").exists()


def test_weights_of_what_has_no_further_column_are_refused(tmp_path, capsys):
    np.save(tmp_path / "m.npy", np.outer(np.arange(1.0, 6.0), [1.0, 2.0, np.nan]))
    for what in ("movielens-100k", str(tmp_path / "m.npy")):
        assert main(["complete", what, "--weights", "trust", "--out", str(tmp_path / "made")]) == 2
        assert "--weights is for a table of triplets" in capsys.readouterr().err


def test_of_a_few_entries_none_are_held_out_by_default(tmp_path, capsys):
    (tmp_path / "few.csv").write_text("u;i;r\n1;2;3,5\n2;2;4,0\n")
    assert main(["complete", str(tmp_path / "few.csv"), "--out", str(tmp_path / "made"), *QUICK]) == 0
    out, _ = capsys.readouterr()
    assert "2 entries for training" in " ".join(out.split())
    assert "Nothing is held out" in " ".join(out.split())


def test_standard_input(matrix, tmp_path, capsys, monkeypatch):
    text = io.StringIO()
    np.savetxt(text, matrix, delimiter=";")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.getvalue().encode())))
    assert main(["complete", "-", "--out", str(tmp_path / "made"), "--json", *QUICK]) == 0
    assert json.loads(capsys.readouterr().out)["shape"] == list(matrix.shape)


def test_duplicates_can_be_averaged(tmp_path, capsys):
    (tmp_path / "twice.csv").write_text("a,x,1\na,x,3\na,y,2\nb,x,2\nb,y,4\n")
    options = ["--duplicates", "mean", "--hold-out", "0", "--steps", "5", "--out", str(tmp_path / "made"), "--json"]
    assert main(["complete", str(tmp_path / "twice.csv"), *options]) == 0
    assert json.loads(capsys.readouterr().out)["entries"]["training"] == 4


def test_a_column_of_weights(tmp_path, capsys):
    rng = np.random.default_rng(0)
    rows = [f"{i},{j},{i % 3 + j % 2},{w}" for i in range(8) for j in range(6) if (w := rng.integers(1, 4)) < 4]
    path = tmp_path / "weighted.csv"
    path.write_text("\n".join(["user,item,rating,trust", *rows]))
    options = ["--center", "--json", "--out", str(tmp_path / "made"), *QUICK]
    assert main(["complete", str(path), "--weights", "trust", *options]) == 0
    assert json.loads(capsys.readouterr().out)["shape"] == [8, 6]
    weighted = read(path, Reading(), "trust").entries
    np.testing.assert_array_equal(weighted.weights, [float(row.rsplit(",", 1)[1]) for row in rows])
    for title, said in (("belief", "no column 'belief'"), ("rating", "both the weights and the values")):
        assert main(["complete", str(path), "--weights", title, *options]) == 2
        assert said in capsys.readouterr().err


def test_interruption_writes_what_was_reached(holes, tmp_path, capsys, interrupt):
    interrupt(at=4)
    assert main(["complete", holes, "--json", "--out", str(tmp_path / "made")]) == 130
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["steps"]) == ("interrupted", 15)
    assert (tmp_path / "made" / "run.nc").exists()


def test_a_second_result_in_a_folder_leaves_no_file_of_the_first(holes, tmp_path, capsys):
    folder = tmp_path / "made"
    for options in (["--by", "small-init", "nuclear-norm", "--all"], ["--by", "noise"]):
        assert main(["complete", holes, *options, "--out", str(folder), "--json", *QUICK]) == 0
        found = json.loads(capsys.readouterr().out)
        assert {str(path) for path in folder.iterdir()} == set(found["files"].values())


@pytest.mark.parametrize("name", ["--center", "--centre"])
def test_either_spelling_subtracts_the_means(name, holes, tmp_path, capsys):
    assert main(["complete", holes, name, "--out", str(tmp_path / "made"), "--json", *QUICK]) == 0
    assert json.loads(capsys.readouterr().out)["centered"] is True


def test_help(capsys):
    assert main(["complete", "--help"]) == 0
    out, _ = capsys.readouterr()
    for option in ("--by", "--depth", "--hold-out-per-row", "--center", "--all", "--no-header", "--out", "--json"):
        assert option in out


def test_the_help_lists_every_format(capsys):
    assert main(["complete", "--help"]) == 0
    out, _ = capsys.readouterr()
    assert [each for each in holding("auto") if not all(name in out for name in each.extensions)] == []
