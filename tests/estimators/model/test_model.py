"""A saved model predicts what its completion predicted, takes in new rows, and is refused if it is not whole."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

import equipoise as eq
from equipoise.datasets import Triplets
from equipoise.estimators import CompletionModel
from equipoise.estimators.model.ids import restored, stored


def entries_of(row_ids, column_ids, seed=1):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((20, 2)) @ rng.standard_normal((2, 12)) + 3
    rows, columns = np.nonzero(rng.random(matrix.shape) < 0.7)
    return Triplets(rows, columns, matrix[rows, columns], row_ids, column_ids), matrix


ROWS = np.array([f"{k:03d}" for k in range(19)] + ["ünknown"], object)
COLUMNS = np.arange(12) * 5


@pytest.fixture(scope="module")
def found():
    training, held_out = eq.datasets.hold_out_fraction(entries_of(ROWS, COLUMNS)[0], 0.1, seed=0)
    return eq.estimators.complete(training, held_out, by="penalized", center=True)


@pytest.fixture(scope="module")
def model(found):
    return CompletionModel.of(found, titles=("user", "film", "stars"))


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "m")
    return tmp_path / "m"


def test_predictions_are_those_of_the_completion_to_the_last_bit(found, saved):
    read = eq.load_model(saved)
    rows, columns = np.repeat(ROWS, 12), np.tile(COLUMNS, 20)
    predicted = read.predict(rows, columns)
    everywhere = np.indices((20, 12)).reshape(2, -1)
    np.testing.assert_array_equal(predicted.values, found.at(*everywhere))
    assert predicted.known.all()
    assert predicted.notes == ()
    assert read.predict("007", 15).values[0] == found.predict("007", 15)


def test_what_is_saved_is_read_again(model, saved):
    read = eq.load_model(saved)
    assert read.row_ids.tolist() == ROWS.tolist()
    assert read.column_ids.dtype == np.int64
    assert read.titles == ("user", "film", "stars")
    assert read.summary["kept"] == model.summary["kept"]
    assert read.ridge.penalty == model.ridge.penalty
    for name in ("rows", "columns", "values"):
        np.testing.assert_array_equal(getattr(read.known, name), getattr(model.known, name))


@pytest.mark.parametrize("ids", [["007", "", "a\x00", "日本", "\ud800"], [-5, 2**62]])
def test_ids_keep_their_type(ids):
    array = np.array(ids, object if isinstance(ids[0], str) else np.int64)
    assert restored(stored(array, "row_ids"), "row_ids").tolist() == ids


def test_units_and_limits_are_kept(tmp_path):
    entries, _ = entries_of(ROWS, COLUMNS)
    scaled = Triplets(entries.rows, entries.columns, entries.values * 10.0 ** (entries.columns % 4), ROWS, COLUMNS)
    found = eq.estimators.complete(scaled, by="penalized", center=True, scale=True, clip=(0, 4000), steps=20)
    CompletionModel.of(found).save(tmp_path)
    read = eq.load_model(tmp_path)
    places = np.indices((20, 12)).reshape(2, -1)
    np.testing.assert_array_equal(read.prediction.at(*places), found.at(*places))
    one = Triplets(np.zeros(12, int), np.arange(12), scaled.dense(500.0)[0], np.array(["new"], object), COLUMNS)
    grown = read.fold_in(one).predict("new", COLUMNS).values
    assert np.isfinite(grown).all()
    assert grown.max() <= 4000
    assert grown.min() >= 0


def test_unknown_ids_get_means_and_are_counted(model):
    means = model.prediction.means
    predicted = model.predict(["001", "zzz", "zzz"], [7, 5, 7])
    expected = [means.mean + means.rows[1], means.mean + means.columns[1], means.mean]
    np.testing.assert_allclose(predicted.values, expected, rtol=1e-14)
    assert predicted.known.tolist() == [False, False, False]
    assert predicted.notes == (
        "1 row id is unknown to the model ('zzz'); means are predicted there.",
        "1 column id is unknown to the model (7); means are predicted there.",
    )
    with pytest.raises(eq.InputError, match="unknown to the model"):
        model.predict("zzz", 5, unknown="error")


@pytest.mark.parametrize(("rows", "columns"), [([1], [5]), (["001"], ["5"]), (["001"], [5.0]), (["001"], [True])])
def test_ids_of_another_type_are_refused(model, rows, columns):
    with pytest.raises(eq.InputError, match="give ids of that type"):
        model.predict(rows, columns)


def test_lists_of_different_lengths_are_refused(model):
    with pytest.raises(eq.InputError, match="2 row ids and 3 column ids"):
        model.predict(["001", "002"], [0, 5, 10])


def test_the_best_columns_are_those_of_the_largest_predictions(model):
    everything = model.predict("003", COLUMNS).values
    best = model.recommend("003", 4, exclude_seen=False)
    assert best.columns.tolist() == COLUMNS[np.argsort(-everything)[:4]].tolist()
    np.testing.assert_array_equal(best.values, np.sort(everything)[::-1][:4])
    seen = COLUMNS[model.known.columns[model.known.rows == 3]]
    others = model.recommend("003", 12).columns
    assert sorted([*others, *seen]) == COLUMNS.tolist()


def test_a_row_folded_in_is_found(model):
    _, matrix = entries_of(ROWS, COLUMNS)
    own = np.arange(9)
    truth = 0.5 * (matrix[0] + matrix[5])
    new = Triplets(np.zeros(9, int), own, truth[own], np.array(["new"], object), COLUMNS)
    grown = model.fold_in(new)
    assert grown.notes == ()
    error = grown.predict("new", COLUMNS[9:]).values - truth[9:]
    assert np.abs(error).max() < 0.5 * np.abs(truth[9:] - model.predict("new", COLUMNS[9:]).values).max()
    np.testing.assert_array_equal(grown.predict("004", COLUMNS).values, model.predict("004", COLUMNS).values)
    again = grown.fold_in(new)
    np.testing.assert_array_equal(again.predict("new", COLUMNS).values, grown.predict("new", COLUMNS).values)
    assert len(again.known) == len(grown.known) == len(model.known) + 9


def test_a_new_value_replaces_the_known_one_and_unknown_columns_are_left_out(model):
    row, column = model.known.rows[0], model.known.columns[0]
    both = np.array([0, 1])
    new = Triplets(both * 0, both, np.array([9.0, 1.0]), ROWS[[row]], np.array([COLUMNS[column], 999]))
    grown = model.fold_in(new)
    here = (grown.known.rows == row) & (grown.known.columns == column)
    assert grown.known.values[here].tolist() == [9.0]
    assert grown.notes == ("1 column id is unknown to the model (999); entries there are left out.",)
    assert grown.predict(ROWS[row], COLUMNS[column]).values > model.predict(ROWS[row], COLUMNS[column]).values


def test_saving_again_replaces_both_files(model, saved):
    zero = np.zeros(1, int)
    new = Triplets(zero, zero, np.ones(1), np.array(["new"], object), COLUMNS[:1])
    model.fold_in(new).save(saved)
    assert len(list(saved.iterdir())) == 2
    assert eq.load_model(saved).row_ids[-1] == "new"


def edited(folder, **changes):
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def rewritten(folder, change):
    """Other arrays, with the right hash."""
    (file,) = folder.glob("model-*.npz")
    with np.load(file) as archive:
        arrays = dict(archive)
    change(arrays)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    replaced(folder, stream.getvalue())


def replaced(folder, content):
    digest = hashlib.sha256(content).hexdigest()
    name = f"model-{digest[:12]}.npz"
    (folder / name).write_bytes(content)
    edited(folder, arrays={"file": name, "sha256": digest})


def packed(folder):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("left.npy", b"\0" * 10**6)
    replaced(folder, stream.getvalue())


def huge(folder):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, archive.open("left.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (2**50, 2**10)})
    replaced(folder, stream.getvalue())


HOSTILE = {
    "no json": lambda m: (m / "model.json").write_text("{"),
    "nested": lambda m: (m / "model.json").write_text("[" * 100_000),
    "another file": lambda m: edited(m, format="a poem"),
    "newer": lambda m: edited(m, version=2),
    "no version": lambda m: edited(m, version="1"),
    "a path": lambda m: edited(m, arrays={"file": "../../etc/passwd", "sha256": ""}),
    "no arrays": lambda m: next(m.glob("*.npz")).unlink(),
    "cut short": lambda m: next(m.glob("*.npz")).write_bytes(next(m.glob("*.npz")).read_bytes()[:-9]),
    "packed": packed,
    "huge": huge,
    "objects": lambda m: rewritten(m, lambda arrays: arrays.update(left=np.array([{}], object))),
    "shapes": lambda m: rewritten(m, lambda arrays: arrays.update(left=arrays["left"][1:])),
    "not finite": lambda m: rewritten(m, lambda arrays: arrays["right"].fill(np.nan)),
    "indices": lambda m: rewritten(m, lambda arrays: arrays["rows"].fill(-1)),
    "lengths": lambda m: rewritten(m, lambda arrays: arrays["row_ids_lengths"].fill(2**62)),
    "a field": lambda m: edited(m, centered="yes"),
    "limits": lambda m: edited(m, limits=[5, 1]),
    "titles": lambda m: edited(m, titles=None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_whole_model_is_refused_in_a_sentence(saved, name):
    HOSTILE[name](saved)
    with pytest.raises(eq.InputError) as error:
        eq.load_model(saved)
    said = str(error.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert {"newer": "update equipoise", "cut short": "SHA-256", "no arrays": "lacks"}.get(name, "") in said


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(eq.InputError, match="holds no model"):
        eq.load_model(tmp_path)
    with pytest.raises(eq.InputError, match="There is no folder"):
        eq.load_model(tmp_path / "nowhere")


def test_new_rows_and_columns_are_taken_in(model):
    column = entries_of(ROWS, COLUMNS)[1] @ np.linspace(-0.5, 0.5, 12) + 3
    half, others = np.arange(0, 20, 2), np.arange(1, 20, 2)
    grown = model.update(Triplets(half, np.zeros(20, int)[half], column[half], ROWS, np.array([999])))
    error = grown.predict(ROWS[others], 999).values - column[others]
    assert error.std() < 0.5 * column[others].std()
    # rows without new entries, and columns too, stay as they are
    before, after = (each.predict(np.repeat(ROWS[others], 12), np.tile(COLUMNS, 10)) for each in (model, grown))
    np.testing.assert_array_equal(after.values, before.values)
    assert grown.recommend(ROWS[0], 12).columns.tolist().count(999) == 0  # it is known
    assert grown.column_ids.tolist() == [*COLUMNS.tolist(), 999]


def test_a_new_row_with_entries_in_a_new_column_alone_gets_the_means(model):
    added = Triplets(
        np.array([0, 1]), np.array([0, 0]), np.array([9.0, 7.0]), np.array(["a", "b"], object), np.array([-3])
    )
    grown = model.update(added)
    mean = model.prediction.means.mean
    assert (grown.predict(["a", "b"], -3).values > mean).all()
    assert grown.predict("a", -3).values[0] > grown.predict("b", -3).values[0]
    np.testing.assert_array_equal(grown.predict(ROWS[3], COLUMNS).values, model.predict(ROWS[3], COLUMNS).values)
