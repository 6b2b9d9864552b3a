"""`equipoise complete --model`: what a saved model answers, in which form, and what it says to a mistake."""

import csv
import io
import json
import shutil

import numpy as np
import pytest

import equipoise as eq
from equipoise.cli import main


def table(user="{:03d}", film="film {}"):
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((14, 2)) @ rng.standard_normal((2, 9))
    places = zip(*np.nonzero(rng.random(matrix.shape) < 0.75), strict=True)
    lines = [f"{user.format(i)},{film.format(j)},{float(matrix[i, j])!r}" for i, j in places]
    return "\n".join(["user,film,rating", *lines, ""])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "ratings.csv").write_text(table(), "utf-8")
    assert main(["complete", str(folder / "ratings.csv"), "--by", "penalized", "--out", str(folder / "out")]) == 0
    return folder


@pytest.fixture(scope="module")
def numbered(made):
    """A model whose ids are whole numbers: the same entries, by other ids."""
    model = eq.load_model(made / "out")
    entries = eq.datasets.Triplets(
        *(getattr(model.known, name) for name in ("rows", "columns", "values")), np.arange(1, 15), np.arange(9)
    )
    folder = made / "numbered"
    found = eq.estimators.complete(entries, by="penalized", steps=20)
    eq.estimators.CompletionModel.of(found, titles=("user", "film", "rating")).save(folder)
    return folder


@pytest.fixture
def ask(made, tmp_path, capsys):
    """A function that calls the program on the model; it writes the given files first."""

    def asked(*options, model=made / "out", **files):
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content, "utf-8")
        words = [str(tmp_path / f"{word}.csv") if word in files else str(word) for word in options]
        capsys.readouterr()
        code = main(["complete", "--model", str(model), *words])
        return code, *capsys.readouterr()

    return asked


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_completion_writes_its_model_with_its_other_files(made):
    summary = json.loads((made / "out" / "summary.json").read_text("utf-8"))
    assert {str(path) for path in (made / "out").iterdir()} == set(summary["files"].values())
    model = eq.load_model(made / "out")
    assert model.titles == ("user", "film", "rating")
    assert model.row_ids[7] == "007"
    assert model.summary["read_as"] == summary["read_as"]


@pytest.mark.parametrize(
    "pairs",
    [
        "film,user\nfilm 2,001\nfilm 3,007\n",  # in another order, and of text alone
        "user,film,rating\n001,film 2,4\n007,film 3,5\n",
        "001;film 2\n007;film 3\n",
        "customer_id\tproduct_id\n001\tfilm 2\n007\tfilm 3\n",
    ],
)
def test_pairs_are_predicted_by_their_ids(ask, made, pairs):
    if "customer" in pairs:
        pairs = pairs.replace("\n001", "\t n\n001").replace("film 2", "film 2\t1").replace("film 3", "film 3\t2")
    code, out, err = ask("--predict", "pairs", pairs=pairs)
    assert (code, err) == (0, "")
    assert out.startswith("user,film,prediction\n")
    model = eq.load_model(made / "out")
    expected = model.predict(["001", "007"], ["film 2", "film 3"]).values.tolist()
    assert [float(row["prediction"]) for row in rows_of(out)] == expected


def test_the_file_of_predictions_can_be_predicted_again(ask, made):
    path = made / "out" / "predictions.csv"
    code, out, _ = ask("--predict", path, "--columns", "row", "column", "value")
    assert code == 0
    assert len(rows_of(out)) == len(path.read_text().splitlines()) - 1


def test_unknown_ids_are_counted_on_stderr(ask):
    files = {"pairs": "user,film\n001,film 99\n999,film 2\n"}
    code, out, err = ask("--predict", "pairs", **files)
    assert (code, len(rows_of(out))) == (0, 2)
    assert err.splitlines() == [
        "note: 1 row id is unknown to the model ('999'); means are predicted there.",
        "note: 1 column id is unknown to the model ('film 99'); means are predicted there.",
    ]
    code, out, err = ask("--predict", "pairs", "--unknown", "error", **files)
    assert (code, out) == (2, "")
    assert "'999'" in err


def test_recommendations_leave_out_what_is_known(ask, made):
    code, out, _ = ask("--recommend", "003,004", "--top", "2")
    rows = rows_of(out)
    assert code == 0
    assert [(row["user"], row["rank"]) for row in rows] == [("003", "1"), ("003", "2"), ("004", "1"), ("004", "2")]
    known = set(zip(eq.load_model(made / "out").known.users, eq.load_model(made / "out").known.items, strict=True))
    assert not {(row["user"], row["film"]) for row in rows} & known
    assert ask("--recommend", "users", "--top", "2", users="user\n003\n004\n")[1] == out


def test_a_row_with_too_few_columns_left_is_told(ask):
    for row, many in (("003", "Only 4"), ("005", "No")):
        code, out, err = ask("--recommend", row)
        assert code == 0
        assert len(rows_of(out)) == {"003": 4, "005": 0}[row]
        assert err == f"note: {many} columns are left for the row '{row}'; the model knows its entries in the others.\n"


def test_json_is_all_that_stdout_holds(ask, tmp_path):
    code, out, err = ask("--recommend", "003", "--top", "1", "--json", "--out", tmp_path / "best.csv")
    found = json.loads(out)
    assert code == 0
    assert "written to" in err
    assert rows_of((tmp_path / "best.csv").read_text())[0]["film"] == found["answers"][0]["film"]


def test_entries_are_folded_in(ask, made, tmp_path):
    new = "rating,film,user\n1,film 1,050\n2,film 2,050\n3,film 99,001\n"
    code, out, err = ask("--fold-in", "new", "--out", tmp_path / "more", new=new)
    assert code == 0
    assert out.startswith("15 rows with ")
    assert "1 column id is unknown to the model ('film 99'); entries there are left out" in err
    code, predicted, _ = ask("--predict", "pairs", model=tmp_path / "more", pairs="user,film\n050,film 3\n")
    at_once = ask("--fold-in", "new", "--predict", "pairs", new=new, pairs="user,film\n050,film 3\n")[1]
    assert predicted == at_once
    assert eq.load_model(made / "out").row_ids.size == 14
    shutil.copytree(made / "out", tmp_path / "copy")
    assert ask("--fold-in", "new", model=tmp_path / "copy", new=new)[0] == 0
    assert eq.load_model(tmp_path / "copy").row_ids.size == 15


def test_whole_numbers_stay_whole_numbers(ask, numbered):
    code, out, _ = ask("--recommend", "3", "--top", "1", model=numbered)
    assert code == 0
    assert rows_of(out)[0]["user"] == "3"
    code, _, err = ask("--predict", "pairs", model=numbered, pairs="user,film\n3,2\n007,3\n")
    assert code == 2
    assert "Row 3, column 1 ('user')" in err
    assert "'007', but the row ids of the model are whole numbers" in err
    code, _, err = ask("--recommend", "3,x", model=numbered)
    assert code == 2
    assert "'x' is neither a file nor a row id" in err


def test_a_table_that_has_changed_is_told(made, ask):
    path = made / "ratings.csv"
    path.write_text(table() + "000,film 20,1\n", "utf-8")
    try:
        code, _, err = ask("--recommend", "003")
        assert code == 0
        assert f"note: {path} has changed since the model was made from it" in err
    finally:
        path.write_text(table(), "utf-8")
    assert ask("--recommend", "003", "--top", "1")[2] == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Say what the model is to do"),
        (["--recommend", "003", "--by", "noise"], "--by is for a new completion"),
        (["--recommend", "003", "--all"], "--all is for a new completion"),
        (["--predict", "pairs", "--recommend", "003"], "exclude each other"),
        (["--predict", "pairs", "--top", "3"], "--top is for --recommend"),
        (["--recommend", "003", "--top", "0"], "must be a whole number, 1 or greater"),
        (["--recommend", "003,,005"], "with an empty id"),
        (["--recommend", "users.csv"], "neither a file nor a row id"),
        (["--predict", "nowhere.csv"], "There is no file nowhere.csv"),
        (["--predict", "pairs"], "needed: row id and column id"),
        (["--predict", "others"], "and none is 'user' and 'film'; rename them"),
        (["--predict", "strangers"], "The model knows no id in"),
        (["--predict", "empty"], "is empty"),
        (["--fold-in", "others"], "is not a number"),
    ],
)
def test_a_mistake_gets_a_sentence(ask, options, said):
    files = {
        "pairs": "user\n003\n005\n",
        "others": "x,y,z\na,b,c\nd,e,1\n",
        "strangers": "user,film\nA,B\n",
        "empty": "",
    }
    code, out, err = ask(*options, **files)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "There is nothing to complete"),
        (["ratings.csv", "--predict", "pairs.csv"], "--predict is for a saved model"),
        (["ratings.csv", "--model", "out"], "exclude each other"),
        (["--model", "nowhere", "--recommend", "1"], "There is no folder nowhere"),
    ],
)
def test_what_does_not_go_together(words, said, capsys):
    assert main(["complete", *words]) == 2
    assert said in capsys.readouterr().err
