"""A sweep: what it gives, and how its store grows."""

import sys

import numpy as np
import pytest
import xarray as xr

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.sweeps.store.journal import Journal
from equipoise.sweeps.work import computed

RECORDED = ("loss", "balance", "norm_x", "norm_y")


def _blocks(store):
    """The number of blocks that were run so far."""
    return len(Journal(store).state(50, 50).seconds)


def test_a_sweep_has_the_runs_of_its_points(study, here):
    grid = study()
    data = here(grid)
    assert data["loss"].dims == ("step_size", "std", "replicate", "step")
    assert data.sizes == {"step_size": 3, "std": 2, "replicate": 4, "step": 4}
    assert data["step_size"].values.tolist() == [0.02, 0.05, 2.0]
    assert data["std"].attrs == {"long_name": "std", "units": "1"}
    assert data["loss"].attrs["units"] == "[M]²"
    for point in grid.points:
        run, stored = grid.run(progress=False, **point), data.sel(point)
        assert stored["status"].values.tolist() == [status.name for status in run.status]
        assert (stored["end_step"] == run.dataset["end_step"]).all()
        for name in RECORDED:
            own = run.dataset[name].reindex(step=data["step"], method="ffill")
            np.testing.assert_allclose(stored[name], own, rtol=1e-9)


def test_what_has_no_value_says_why(study, here):
    data = here(study())
    assert (data["status"].sel(step_size=2.0) == "diverged").all()
    assert (data["status"].sel(step_size=0.02) == "completed").all()
    missing = data["balance"].isnull().any("step")
    assert (missing == (data["status"] == "diverged")).all()


def test_points_do_not_depend_on_the_others(study, here, tmp_path):
    one = here(study({"step_size": [0.05], "std": [0.1]}), store=tmp_path / "one")
    many = here(study({"std": [0.2, 0.1, 0.01], "step_size": [0.02, 0.05]}), store=tmp_path / "many")
    for name in RECORDED:
        np.testing.assert_allclose(one[name].squeeze(), many[name].sel(step_size=0.05, std=0.1), rtol=1e-9)
    assert not np.allclose(many["loss"].isel(std=0), many["loss"].isel(std=1))


def test_the_same_call_runs_nothing_again(study, here, store):
    first = here(study())
    ran = _blocks(store)
    assert ran > 0
    assert here(study()).identical(first)
    assert _blocks(store) == ran
    assert first.attrs.pop("interrupted") == 0
    assert eq.sweeps.load(store).identical(first)


@pytest.mark.parametrize(
    "wider",
    [
        {"over": {"step_size": [0.01, 0.02, 0.05, 2.0], "std": [0.01, 0.05, 0.1]}},
        {"replicates": 7},
        {"steps": 130},
        {"replicates": 6, "steps": 75, "over": {"step_size": [0.05, 2.0, 0.1], "std": [0.1, 0.01]}},
    ],
    ids=["points", "replicates", "steps", "all"],
)
def test_a_wider_study_adds_to_the_store(study, here, store, tmp_path, wider):
    narrow = here(study())
    grown = here(study(**wider))
    assert (grown["status"] != "to_do").all()
    afresh = here(study(**wider), store=tmp_path / "afresh")
    for name in (*RECORDED, "end_step"):
        both = grown[name]
        if "step" in both.dims:
            both = both.sel(step=afresh["step"])
        xr.testing.assert_allclose(both, afresh[name], rtol=1e-9)
    assert (grown["status"] == afresh["status"]).all()
    shared = {axis: [v for v in narrow[axis].values if v in grown[axis]] for axis in ("step_size", "std")}
    old = narrow.sel(shared)
    assert old["loss"].equals(grown["loss"].sel(shared).isel(replicate=slice(4)).sel(step=old["step"]))


def test_only_what_is_new_is_run(study, here, store):
    made = []

    def counted(step_size, std):
        made.append((step_size, std))
        return study().make(step_size, std)

    here(study(make=counted))
    made.clear()
    here(study({"step_size": [0.02, 0.05, 2.0], "std": [0.01, 0.1, 0.3]}, make=counted))
    once = {(step_size, 0.01) for step_size in (0.02, 0.05, 2.0)} | {
        (step_size, 0.1) for step_size in (0.02, 0.05, 2.0)
    }
    assert all(made.count(point) == 1 for point in once)  # looked at, but not run
    assert all(made.count((step_size, 0.3)) == 2 for step_size in (0.02, 0.05, 2.0))


def test_a_narrower_study_gets_its_part(study, here, store):
    whole = here(study())
    part = here(study({"step_size": [0.05], "std": [0.1, 0.01]}, replicates=2))
    same = whole.sel(step_size=[0.05], std=[0.1, 0.01]).isel(replicate=slice(2))
    assert part.drop_attrs().equals(same.drop_attrs())


def test_other_designs_have_the_dim_point(study, here):
    data = here(study([{"rank": [1, 2]}, eq.sweeps.Zipped(step_size=[0.02, 0.05], std=[0.01, 0.1])]))
    assert data["loss"].dims == ("point", "replicate", "step")
    assert data["rank"].values.tolist() == [1, 2, 1, 2] or data["rank"].values.tolist() == [1, 1, 2, 2]
    assert set(zip(data["step_size"].values, data["std"].values, strict=True)) == {(0.02, 0.01), (0.05, 0.1)}


def test_text_and_truth_values_are_axes(study, here, store):
    def make(law, large):
        noise = {"gaussian": eq.noise.Gaussian, "uniform": eq.noise.Uniform}[law](0.1 if large else 0.01)
        problem = eq.problems.planted((6, 5), 1)
        return problem, eq.dynamics.PerturbedGD((0.02, 0.02), noise), eq.initial.Gaussian(0.1)

    data = here(study({"law": ["gaussian", "uniform"], "large": [True, False]}, make=make))
    assert data["law"].values.tolist() == ["gaussian", "uniform"]
    assert data["large"].dtype == bool
    assert (data["status"] == "completed").all()
    assert eq.sweeps.load(store)["law"].values.tolist() == ["gaussian", "uniform"]


def test_shapes_that_differ_are_padded_and_counted(study, here):
    record = eq.Record(every=20, observables=("singular_values",))
    data = here(study({"rank": [3, 1, 2]}, record=record, steps=40))
    assert data["singular_value_count"].values.tolist() == [3, 1, 2]
    empty = data["singular_values"].isnull().all(("replicate", "step"))
    assert empty.sum("singular_value").values.tolist() == [0, 2, 1]
    assert data["singular_values"].isnull().any(("replicate", "step")).equals(empty)
    wider = here(study({"rank": [3, 1, 2, 4]}, record=record, steps=40))
    assert wider["singular_value_count"].values.tolist() == [3, 1, 2, 4]
    assert wider["singular_values"].isel(rank=slice(3), singular_value=slice(3)).equals(data["singular_values"])


def test_the_state_of_a_method_is_kept_for_more_steps(study, here, tmp_path):
    import optax

    def make(momentum):
        problem = eq.problems.planted((6, 5), 1)
        return problem, eq.dynamics.Optax(optax.sgd(0.02, momentum=momentum)), eq.initial.Gaussian(0.1)

    here(study({"momentum": [0.5, 0.9]}, make=make))
    grown = here(study({"momentum": [0.5, 0.9]}, make=make, steps=120))
    afresh = here(study({"momentum": [0.5, 0.9]}, make=make, steps=120), store=tmp_path / "afresh")
    xr.testing.assert_allclose(grown["loss"], afresh["loss"], rtol=1e-9)


def test_a_point_that_fails_lets_the_others_run(study, here, store):
    def make(step_size, std):
        if std == 0.1 and step_size > 0.03:
            raise ValueError("no such noise")
        return study().make(step_size, std)

    data = here(study(make=make))
    failed = (data["status"] == "failed").all("replicate")
    assert failed.values.tolist() == [[False, False], [False, True], [False, True]]
    assert data["error"].where(failed, "").values[1, 1] == "ValueError: no such noise."
    assert data["loss"].where(~failed).sel(step_size=0.02).notnull().all()
    progress = eq.sweeps.status(store)
    assert progress.failed == 8
    assert progress.failures == {"ValueError: no such noise.": 2}
    mended = here(study())
    assert (mended["status"] != "failed").all()
    assert (mended["error"] == "").all()
    assert eq.sweeps.status(store).failures == {}


def test_a_run_that_fails_is_told_apart_from_the_others(study, here):
    def make(step_size, std):
        problem, dynamics, init = study().make(step_size, std)
        if std == 0.1:
            init = eq.initial.Given(tuple(np.zeros((2, *shape)) for shape in problem.shapes))
        return problem, dynamics, init

    data = here(study({"step_size": [0.02], "std": [0.01, 0.1]}, make=make))
    assert (data["status"].sel(std=0.01) == "completed").all()
    assert (data["status"].sel(std=0.1) == "failed").all()
    assert "The start is given for 2 replicates, but 4 are asked for" in str(data["error"].sel(std=0.1).item())


def test_left_out_points_are_told_from_those_to_do(study, here):
    data = here(study(where=lambda step_size, std: step_size < 1 or std == 0.1))
    assert (data["status"].sel(step_size=2.0, std=0.01) == "left_out").all()
    assert ((data["status"] == "left_out").sum() == 4).all()


def test_xarray_reads_the_store_by_itself(study, here, store):
    data = here(study())
    with xr.open_zarr(store, consolidated=False, chunks=None) as opened:
        assert opened["loss"].dims == ("point", "replicate", "step")
        point = opened.isel(point=int(((opened["std"] == 0.1) & (opened["step_size"] == 0.05)).argmax("point")))
        assert point["loss"].load().values.tolist() == data["loss"].sel(std=0.1, step_size=0.05).values.tolist()
        assert "completed" in opened["status"].attrs["flag_meanings"]


def test_a_stop_rule_ends_replicates_before(study, here):
    data = here(study(stop=eq.StopWhen("loss", below=0.4), steps=400))
    assert "stopped" in data["status"].values
    assert not data["loss"].where(data["status"] == "stopped", 0).isnull().any()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": 4}, "was made by another study: seed was 3 and is now 4; use a new store"),
        ({"record": eq.Record(every=10, observables=("loss", "balance"))}, "record.every was 20 and is now 10"),
        ({"stop": eq.StopWhen("loss", below=1e-9)}, "was made by another study: stop"),
        ({"steps": 40}, "has runs of 60 steps, but the study asks for 40; ask for at least 60"),
        ({"over": {"step_size": [0.02]}}, "has the axes step_size, std, but the study step_size"),
        ({"engine": "xla"}, 'engine was "auto" and is now "xla"'),
    ],
)
def test_a_store_of_another_study_is_refused(study, here, store, changes, sentence):
    before = here(study())
    with pytest.raises(InputError, match=sentence):
        here(study(**changes))
    assert eq.sweeps.load(store)["loss"].equals(before["loss"])


def test_a_changed_make_is_refused_with_the_difference(study, here):
    def make(step_size, std):
        return (*study().make(step_size, std)[:2], eq.initial.Gaussian(0.2))

    here(study())
    with pytest.raises(InputError, match=r"another start at step_size=0.02, std=0.01: std was 0.1 and is now 0.2; use"):
        here(study(make=make))


def test_other_versions_are_refused_unless_accepted(study, here, store, monkeypatch):
    here(study())
    now = eq.results.versions()
    monkeypatch.setattr("equipoise.sweeps.store.manifest.versions", lambda: {**now, "jax": "99.0"})
    with pytest.raises(InputError, match=r"was made by other versions: jax was \S+ and is now \S+; install those"):
        here(study())
    assert (here(study(), other_versions=True)["status"] != "to_do").all()


def test_what_is_no_store_is_refused(study, here, store, tmp_path):
    store.mkdir()
    (store / "diary.txt").write_text("dear")
    with pytest.raises(InputError, match="exists and is not the store of a sweep; choose another name"):
        here(study())
    assert [path.name for path in store.iterdir()] == ["diary.txt"]
    for read in (eq.sweeps.load, eq.sweeps.status):
        with pytest.raises(InputError, match="There is no store of a sweep in"):
            read(store)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="exists and is not the store of a sweep"):
        here(study(), store=tmp_path / "file")


def test_a_study_that_does_not_fit_on_the_disk_is_refused(study, here, store):
    with pytest.raises(
        InputError, match=r"^The sweep needs up to \S+ TB on the disk of .*, which has \S+ .B free; record"
    ):
        here(study(replicates=10**9, steps=10**6))
    assert not store.exists()


def test_a_store_in_use_is_refused(study, here, store):
    from equipoise.sweeps.store.lock import locked

    here(study())
    with locked(store):
        assert eq.sweeps.status(store).running
        with pytest.raises(InputError, match="is in use by another sweep; wait for it to end, or use another store"):
            here(study(replicates=5))
    assert not eq.sweeps.status(store).running


def test_ctrl_c_keeps_what_is_done_and_the_same_call_goes_on(study, here, store, tmp_path):
    whole = here(study(), store=tmp_path / "whole", block=(1, 4))
    calls = []

    def pressed(orders, part):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return computed(orders, part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["equipoise.sweeps.sweep"], "computed", pressed)
        data = here(study(), block=(1, 4))
    assert data.attrs["interrupted"] == 1
    assert (data["status"] == "to_do").all("replicate").sum() == 4
    assert data["loss"].isnull().all(("replicate", "step")).sum() >= 4
    progress = eq.sweeps.status(store)
    assert (progress.done, progress.interrupted, progress.to_do) == (8, 4, 12)
    after = here(study())
    assert after.attrs["interrupted"] == 0
    assert after.drop_attrs().equals(whole.drop_attrs())


def test_a_torn_journal_is_mended(study, here, store):
    before = here(study())
    journal = Journal(store).path
    with journal.open("ab") as stream:
        stream.write(b'{"event": "done", "rows": [0, ')
    assert eq.sweeps.load(store)["loss"].equals(before["loss"])
    assert here(study(replicates=5))["loss"].notnull().sel(step_size=0.02).all()
    assert b"[0, {" not in journal.read_bytes()


def test_half_written_arrays_count_as_nothing(study, here, store):
    """A block is stored when the journal says so."""
    whole = here(study())
    journal = Journal(store).path
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(line for line in lines if b'"done"' not in line))
    data = eq.sweeps.load(store)
    assert (data["status"] == "to_do").all()
    assert data["loss"].isnull().all()
    assert here(study())["loss"].equals(whole["loss"])
