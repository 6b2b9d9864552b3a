"""The penalized fit: which solution it tends to, which law of balance its steps keep, and its fit to all entries."""

import dataclasses
import signal

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators import complete
from equipoise.estimators.complete.penalized import descent, fit
from equipoise.estimators.complete.penalized.descent import DTYPE, fit_penalized
from equipoise.estimators.complete.penalized.settings import choose_penalized, scales
from equipoise.estimators.complete.settings import Wishes
from equipoise.estimators.complete.starts import start_of
from equipoise.estimators.complete.target import target_of
from equipoise.problems.observed import Known

SHAPE = (60, 40)
WISHES = Wishes(depth=2, width=None, steps=None, step_size=None, start_norm=None, seed=0)


def table(seed=0, count=900, noise=0.3):
    """Entries of a matrix of rank 3 with means and noise; rows and columns have very different counts."""
    generator = np.random.default_rng(seed)
    share = np.outer(generator.lognormal(0, 0.7, SHAPE[0]), generator.lognormal(0, 0.7, SHAPE[1])).ravel()
    places = generator.choice(share.size, count, replace=False, p=share / share.sum())
    true = generator.standard_normal((SHAPE[0], 3)) @ generator.standard_normal((3, SHAPE[1]))
    true += generator.standard_normal(SHAPE[0])[:, None] + 5.0
    rows, columns = places // SHAPE[1], places % SHAPE[1]
    values = true[rows, columns] + noise * generator.standard_normal(count)
    return Triplets(rows, columns, values, np.arange(SHAPE[0]), np.arange(SHAPE[1]))


def settings(target, **changes):
    return choose_penalized(target, WISHES)._replace(**changes)


def path_of(target, given, **options):
    """The path of a fit without means and held-out entries."""
    known = Known(target.orders, target.values, SHAPE, DTYPE)
    x, _, y = start_of(target.training, width=given.width, depth=2, norm=given.start_norm, seed=given.seed)
    return fit_penalized(known, None, (x, y), None, given, False, **options)


def test_without_held_out_entries_it_ends_at_the_solution_of_the_convex_problem():
    target = target_of((table(), None, None), center=False)
    unit = float(np.sqrt(np.mean(target.values**2)))
    chosen = settings(target, steps=4000)
    entries = target.training.rows, target.training.columns, target.values
    path = path_of(target, chosen)
    assert unit < 100  # of order 1, as single precision asks
    best = path.best
    misfit = np.zeros(SHAPE)
    rows, columns, values = entries
    misfit[rows, columns] = (best.left @ best.right.T)[rows, columns] - values
    # W minimizes ½‖P(W − M)‖² + λ‖W‖_* if ‖P(W − M)‖ ≤ λ and ⟨P(W − M), W⟩ = −λ‖W‖_*
    nuclear = np.linalg.svd(best.left @ best.right.T, compute_uv=False).sum()
    assert np.linalg.norm(misfit, 2) <= 1.01 * chosen.penalty
    assert np.sum(misfit * (best.left @ best.right.T)) == pytest.approx(-chosen.penalty * nuclear, rel=0.01)


def test_steps_too_large_are_halved_on_the_way_to_the_same_solution():
    target = target_of((table(), None, None), center=False)
    usual = settings(target, steps=4000)
    large = usual._replace(step_size=12 * usual.step_size)
    small, halved = (path_of(target, chosen) for chosen in (usual, large))
    assert small.halved_after == []
    assert len(halved.halved_after) >= 2
    assert np.all(np.diff(halved.steps) > 0)  # the looks that were taken back are not among them
    first, second = (path.best.left @ path.best.right.T for path in (small, halved))
    assert np.linalg.norm(first - second) < 1e-2 * np.linalg.norm(first)
    # and the same steps are halved again, without a look back, as in the fit to all entries
    again = path_of(target, large._replace(halved_after=tuple(halved.halved_after)))
    assert again.halved_after == halved.halved_after
    np.testing.assert_array_equal(again.best.left, halved.best.left)


def test_a_step_size_of_the_user_is_not_halved():
    target = target_of((table(), None, None), center=False)
    usual = settings(target, steps=4000)
    path = path_of(target, usual._replace(step_size=12 * usual.step_size), chosen=True)
    assert path.status == "diverged"
    assert path.halved_after == []


def test_halved_steps_are_told(found, monkeypatch):
    usual = fit.fit_penalized
    monkeypatch.setattr(  # steps that are too large
        fit,
        "fit_penalized",
        lambda k, h, x, m, s, *a, **b: usual(k, h, x, m, s._replace(step_size=12 * s.step_size), *a, **b),
    )
    done = complete(found.training, found.held_out, by="penalized", center=True, progress=False)
    assert done.fit.settings.halvings == len(done.fit.settings.halved_after) > 0
    assert any("halved its step size" in note for note in done.notes)
    assert done.fit.judged is not None  # and it was fitted to all entries


def test_without_penalty_the_steps_keep_the_weighted_balance():
    target = target_of((table(), None, None), center=False)
    known = Known(target.orders, target.values, SHAPE, DTYPE)
    roots = [np.sqrt(np.maximum(counts, 1)) for counts in known.counts]

    def drift(fraction):
        """How much XᵀD₁⁻¹X − YᵀD₂⁻¹Y moves in the same time by steps of this fraction, relative to XᵀD₁⁻¹X."""
        usual = settings(target)
        chosen = usual._replace(
            penalty=0.0, start_norm=3.0, step_size=usual.step_size * fraction, steps=round(40 / fraction)
        )
        ends = [path_of(target, chosen._replace(steps=n)).best for n in (1, chosen.steps)]
        first, last = (
            (e.left.T @ (roots[0][:, None] * e.left), e.right.T @ (roots[1][:, None] * e.right)) for e in ends
        )
        moved = np.linalg.norm((last[0] - last[1]) - (first[0] - first[1]))
        return moved / np.linalg.norm(last[0])

    coarse, fine = drift(0.2), drift(0.05)
    assert fine < 0.05
    assert fine < 0.35 * coarse  # in proportion to the step


def test_scales_are_singular_values_to_a_few_per_cent():
    target = target_of((table(), None, None), center=True)
    rows, columns, values = target.fitted
    dense = np.zeros(SHAPE)
    dense[rows, columns] = values
    counts = [np.maximum((dense != 0).sum(axis=axis), 1) ** -0.25 for axis in (1, 0)]
    top, noise = scales(target, seed=0)
    assert top == pytest.approx(np.linalg.norm(counts[0][:, None] * dense * counts[1], 2), rel=0.03)
    assert 0.5 * np.linalg.norm(dense, 2) < noise < np.linalg.norm(dense, 2)


@pytest.fixture(scope="module")
def found():
    rest, test = hold_out_fraction(table(), 0.1, seed=1)
    training, held_out = hold_out_fraction(rest, 0.1, seed=0)
    return complete(training, held_out, test=test, by="penalized", center=True, progress=False)


def test_it_is_better_than_the_means_and_fits_the_held_out_entries_afterwards(found):
    method, means, _ = found.scores
    assert method.test_rmse < 0.8 * means.test_rmse
    assert "was fitted again" in " ".join(found.notes)
    part = found.held_out
    judged = found.judged.at(part.rows, part.columns) - part.values
    final = found.at(part.rows, part.columns) - part.values
    assert method.held_out_rmse == pytest.approx(np.sqrt(np.mean(judged**2)))
    assert np.mean(final**2) < 0.5 * np.mean(judged**2)  # it has seen them now


def test_recorded_errors_are_those_of_the_position_at_their_step(found):
    fit = found.fit.judged
    errors = fit.run.dataset.sel(replicate=0, step=fit.best_step)
    assert float(errors["training_rmse"]) == pytest.approx(found.score.training_rmse, rel=1e-4)
    assert float(errors["held_out_rmse"]) == pytest.approx(found.score.held_out_rmse, rel=1e-4)


def test_held_out_predictions_are_written_as_they_were_judged(found, tmp_path):
    found.save(tmp_path)
    lines = (tmp_path / "predictions.csv").read_text().splitlines()[1:]
    held = [line.split(",") for line in lines if ",held out," in line]
    errors = [float(cells[4]) - float(cells[3]) for cells in held]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(found.score.held_out_rmse)
    assert {"run.nc", "errors.png", "factors.npz"} <= {path.name for path in tmp_path.iterdir()}


def test_a_multiple_of_the_table_gives_the_same_multiple(found):
    parts = [dataclasses.replace(part, values=part.values * 2.0**60) for part in found.parts]
    large = complete(*parts[:2], test=parts[2], by="penalized", center=True, progress=False)
    assert large.fit.best_step == found.fit.best_step
    assert large.score.test_rmse == pytest.approx(2.0**60 * found.score.test_rmse, rel=1e-4)


def test_the_same_without_the_compiled_module(found, monkeypatch):
    from equipoise.problems.observed import known

    monkeypatch.setattr(known, "missing", lambda: "is left out")
    again = complete(found.training, found.held_out, test=found.test, by="penalized", center=True, progress=False)
    assert again.score.test_rmse == pytest.approx(found.score.test_rmse, rel=1e-3)


def test_ctrl_c_keeps_the_best_look(monkeypatch, found):
    looks = []
    look = descent._see

    def press(*arguments):
        looks.append(look(*arguments))
        if len(looks) == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(descent, "_see", press)
    stopped = complete(found.training, found.held_out, by="penalized", center=True, progress=False)
    assert stopped.interrupted
    assert stopped.fit.steps == 4
    assert stopped.fit.judged is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"depth": 3}, "needs two factors"),
        ({"step_size": 1e3}, "diverged within"),
        ({"width": 0}, "width"),
        ({"start_norm": -1.0}, "start_norm"),
    ],
)
def test_what_it_cannot_do_is_said(found, options, said):
    with pytest.raises(InputError, match=said):
        complete(found.training, found.held_out, by="penalized", progress=False, **options)
