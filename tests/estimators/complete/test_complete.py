"""Filling in a matrix: what the methods find on an instance whose answer is known, and how they are scored."""

import json

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, hold_out_fraction, triplets_from_matrix
from equipoise.estimators import complete
from equipoise.estimators.complete.means import SHRINKAGE, means_of
from equipoise.estimators.complete.settings import METHODS, usual_width

ENTRY = ("rows", "columns", "values")
TRUE = np.random.default_rng(3).standard_normal((24, 2)) @ np.random.default_rng(4).standard_normal((2, 18))


def holes(matrix=TRUE, share=0.35, seed=0):
    seen = np.where(np.random.default_rng(seed).random(matrix.shape) < share, np.nan, matrix)
    return triplets_from_matrix(seen)


@pytest.fixture(scope="module")
def parts():
    rest, test = hold_out_fraction(holes(), 0.1, seed=1)
    return (*hold_out_fraction(rest, 0.1, seed=0), test)


@pytest.fixture(scope="module")
def found(parts):
    training, held_out, test = parts
    return complete(training, held_out, test=test, by=METHODS, gap=1e-3, progress=False)


def test_every_method_is_far_below_the_baselines_on_a_matrix_of_rank_2(found):
    scores = {score.method: score for score in found.scores}
    assert list(scores) == [*METHODS, "row and column means", "global mean"]
    least = min(scores[name].test_rmse for name in ("row and column means", "global mean"))
    for method in METHODS:
        assert scores[method].test_rmse < 0.4 * least


def test_the_kept_method_has_the_least_held_out_error(found):
    assert found.score.held_out_rmse == min(score.held_out_rmse for score in found.scores)
    assert found.fit.method == found.score.method


def test_the_certificate_bounds_the_nuclear_norm_of_what_has_these_entries(found):
    certificate = next(fit.certificate for fit in found.fits if fit.certificate is not None)
    assert certificate.lower <= certificate.upper
    score = found.scores[METHODS.index("nuclear-norm")]
    assert score.nuclear_norm == pytest.approx(certificate.upper, rel=1e-6)
    assert score.training_rmse < 1e-6
    true = np.linalg.svd(TRUE, compute_uv=False).sum()  # has these entries too
    assert certificate.lower <= true


def test_errors_are_those_of_the_predictions(found, parts):
    for score, part in zip((found.score.training_rmse, found.score.held_out_rmse), parts[:2], strict=True):
        predicted = [found.predict(i, j) for i, j in zip(part.users, part.items, strict=True)]
        assert score == pytest.approx(np.sqrt(np.mean((predicted - part.values) ** 2)))


def test_the_recorded_errors_end_in_the_best_look(found):
    fit = found.fits[0]
    errors = fit.run.dataset["held_out_rmse"].sel(replicate=0)
    assert float(errors.min()) == pytest.approx(found.scores[0].held_out_rmse)
    assert int(errors["step"][np.argmin(errors.values)]) == fit.best_step
    x, y = fit.theta
    np.testing.assert_allclose(x @ y.T, fit.left @ fit.right.T, atol=1e-12)
    assert int(errors["step"][-1]) == fit.steps


def test_what_is_known_stays_in_the_completed_matrix(found, parts):
    dense = found.dense()
    for part in parts:
        np.testing.assert_array_equal(dense[part.rows, part.columns], part.values)
    unknown = np.ones(TRUE.shape, bool)
    for part in parts:
        unknown[part.rows, part.columns] = False
    np.testing.assert_allclose(dense[unknown], found.at(*np.nonzero(unknown)))


@pytest.mark.parametrize("factor", [1e-3, 1e4])
def test_a_multiple_of_the_matrix_gives_the_same_multiple(parts, factor):
    scaled = [eq.datasets.triplets_from_matrix(part.dense(np.nan) * factor) for part in parts[:2]]
    first, second = (complete(*given, steps=60, progress=False) for given in (parts[:2], scaled))
    np.testing.assert_allclose(second.fit.left @ second.fit.right.T, factor * first.fit.left @ first.fit.right.T, 1e-6)


def test_a_deep_product(parts):
    training, held_out, _ = parts
    deep = complete(training, held_out, depth=3, progress=False)
    assert deep.score.held_out_rmse < 0.4 * deep.scores[1].held_out_rmse
    assert len(deep.fit.run.theta) == 3


def test_the_same_seed_gives_the_same_numbers(parts):
    one, other = (complete(*parts[:2], by="noise", steps=40, seed=5, progress=False) for _ in range(2))
    np.testing.assert_array_equal(one.fit.left, other.fit.left)


def test_means_are_the_penalized_least_squares_fit():
    entries = holes(TRUE + 3.0)
    means = means_of(entries)
    left = entries.values - means.at(entries.rows, entries.columns)
    of_rows = np.bincount(entries.rows, left, minlength=24)  # half the gradient, less the penalty's
    of_columns = np.bincount(entries.columns, left, minlength=18)
    np.testing.assert_allclose(of_rows, SHRINKAGE * means.rows, atol=1e-7)
    np.testing.assert_allclose(of_columns, SHRINKAGE * means.columns, atol=1e-7)


def test_means_are_predicted_where_nothing_is_known():
    matrix = TRUE.copy()
    matrix[3], matrix[:, 5] = np.nan, np.nan
    entries = triplets_from_matrix(matrix)
    done = complete(entries, steps=40, progress=False)
    assert done.means.unseen == {"rows": 1, "columns": 1}
    assert done.predict(3, 5) == pytest.approx(done.means.mean)
    assert done.predict(3, 2) == pytest.approx(done.means.mean + done.means.columns[2])
    assert done.dense()[3, 2] == pytest.approx(done.predict(3, 2))
    assert any("1 rows and 1 columns have no training entry" in note for note in done.notes)


def test_centering_adds_the_means_back():
    entries = holes(TRUE + np.arange(24.0)[:, None])
    done = complete(*hold_out_fraction(entries, 0.1, seed=0), center=True, progress=False)
    i, j = 4, 7
    expected = done.means.mean + done.means.rows[i] + done.means.columns[j] + done.fit.left[i] @ done.fit.right[j]
    assert done.predict(i, j) == pytest.approx(expected)
    assert done.score.held_out_rmse < 0.6 * done.scores[1].held_out_rmse


def test_ids_may_be_text(tmp_path):
    given = holes()
    names = tuple(np.array([f"{kind}{i:02d}" for i in range(size)], object) for kind, size in (("r", 24), ("c", 18)))
    entries = Triplets(given.rows, given.columns, given.values, *names)
    done = complete(entries, steps=40, progress=False)
    assert np.isfinite(done.predict("r03", "c07"))
    with pytest.raises(InputError, match="no row with the id 'x'"):
        done.predict("x", "c07")
    done.save(tmp_path)
    with np.load(tmp_path / "factors.npz", allow_pickle=False) as arrays:
        assert arrays["row_ids"].tolist() == names[0].tolist()
        assert arrays["left"].shape[0] == 24


def test_the_summary_is_plain(found):
    document = json.loads(json.dumps(found.summary()))
    assert document["kept"] == found.fit.method
    assert document["shape"] == [24, 18]
    assert document["certificate"]["lower"] <= document["certificate"]["upper"]
    assert document["certificate"]["status"] == "converged"
    assert document["certificate"]["detail"].startswith("converged: relative gap")
    assert any("(converged)." in note for note in document["notes"])


def test_the_width_is_bounded_for_large_matrices():
    assert usual_width((24, 18)) == 18
    assert usual_width((900, 500)) == 200
    assert usual_width((943, 1682)) == 63
    assert usual_width((10**5, 10**5)) == 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "magic"}, "There is no method 'magic'; choose among small-init"),
        ({"by": ()}, "No method is named"),
        ({"depth": 1}, "depth is 1"),
        ({"depth": 3, "by": "noise"}, "the method noise needs two factors"),
        ({"width": 0}, "width is 0"),
        ({"steps": 0}, "steps is 0"),
        ({"step_size": -1.0}, "step_size is -1.0"),
        ({"step_size": 1e6}, "diverged within .* take a smaller step size"),
        ({"start_norm": 0.0}, "start_norm is 0.0"),
        ({"gap": 0.0}, "gap is 0.0"),
        ({"max_seconds": float("nan")}, "max_seconds is nan"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_numbers_out_of_range(parts, options, said):
    with pytest.raises(InputError, match=said) as caught:
        complete(parts[0], parts[1], progress=False, **options)
    assert "\n" not in str(caught.value)


def test_parts_that_do_not_belong_together(parts):
    training, held_out, _ = parts
    with pytest.raises(InputError, match="share 5 entries"):
        complete(training, training.select(np.arange(len(training)) < 5))
    with pytest.raises(InputError, match="differ in rows or columns"):
        complete(training, holes(TRUE[:5]))
    with pytest.raises(InputError, match="is empty"):
        complete(training, held_out.select(np.zeros(len(held_out), bool)))


@pytest.mark.parametrize(("first", "second", "shared"), [(0, 1, 5), (0, 2, 5), (1, 2, 3)])
def test_every_two_parts_are_apart(parts, first, second, shared):
    given = list(parts)
    both = given[first].select(np.arange(len(given[first])) < shared)
    mixed = [np.concatenate([getattr(part, side) for part in (given[second], both)]) for side in ENTRY]
    given[second] = Triplets(*mixed, both.row_ids, both.column_ids)
    names = ("training", "held-out", "test")
    with pytest.raises(
        InputError, match=f"The {names[first]} part and the {names[second]} part share {shared} entries;"
    ):
        complete(*given[:2], test=given[2])


def test_a_place_in_all_parts_is_told_of_the_first_two(parts):
    few = parts[0].select(np.arange(len(parts[0])) < 4)
    with pytest.raises(InputError, match="The training part and the held-out part share 4 entries;"):
        complete(parts[0], few, test=few.select(few.values > few.values.min()))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("given", [(TRUE,), (None,), (holes(), TRUE)])
def test_what_is_no_table_of_entries(given):
    with pytest.raises(InputError, match=r"is a (ndarray|NoneType), not a table of entries"):
        complete(*given)


@pytest.mark.parametrize(("value", "center"), [(0.0, None), (2.0, True)])
def test_a_constant_table_is_completed_by_the_constant(value, center):
    table = np.full((4, 3), value)
    table[1, 2] = np.nan
    done = complete(triplets_from_matrix(table), center=center)
    np.testing.assert_allclose(done.dense(), value, atol=1e-12)
    assert any("had nothing to fit" in note for note in done.notes)


def test_entries_too_large_are_to_be_divided():
    with pytest.raises(InputError, match=r"divide the matrix by 1e\+200 first"):
        complete(triplets_from_matrix(np.full((3, 3), 1e200)))


def test_ctrl_c_keeps_what_was_reached(parts, interrupt):
    interrupt(at=4)
    done = complete(*parts[:2], by=("small-init", "noise"), progress=False)
    assert done.interrupted
    assert done.fit.steps == 15
    assert [fit.status for fit in done.fits] == ["interrupted"]
    assert any("noise did not start" in note for note in done.notes)


def test_a_gap_that_is_not_closed_in_time_is_unproven(parts):
    done = complete(*parts[:2], by="nuclear-norm", max_seconds=1e-9, progress=False)
    assert done.fit.status == "unproven"
    assert done.fit.certificate.status is eq.certified.CertificateStatus.time
    assert any("stopped after" in note and "a longer time would narrow it" in note for note in done.notes)


def test_where_the_usual_steps_diverge_they_are_halved(parts):
    done = complete(*parts[:2], steps=20, width=18, start_norm=50.0, progress=False)
    halvings = done.fit.settings.halvings
    assert halvings > 0
    assert any(f"was halved {halvings} times" in note for note in done.notes)
