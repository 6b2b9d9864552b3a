"""Saving and loading: exact, whole or not at all, and with a sentence where it cannot be done."""

import contextlib
import gc
import json
import tempfile

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import equipoise as eq
from equipoise.results import load_dataset, save_dataset


@pytest.fixture(scope="module")
def run(problem, perturbed, start):
    """With several axes, a diverged replicate's NaN, and more than 1000 numbers, which are compressed."""
    record = eq.Record(every=1, observables=("loss", "balance", "singular_values", "projections"))
    starts = eq.simulate(problem, perturbed, start, seed=0, steps=0, replicates=3).theta
    starts[0][1] = 1e160
    init = eq.initial.Given(starts)
    return eq.simulate(problem, perturbed, init, seed=4, steps=400, replicates=3, record=record)


def _identical(one, other):
    assert one.dataset.identical(other.dataset)
    assert one.dataset.attrs == other.dataset.attrs
    assert one.status == other.status
    assert len(one.theta) == len(other.theta)
    for first, second in zip(one.theta, other.theta, strict=True):
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    for name in one.dataset.variables:
        if name != "status":  # text, whose type is the reader's choice
            assert one.dataset[name].dtype == other.dataset[name].dtype
        assert one.dataset[name].attrs == other.dataset[name].attrs


def test_a_run_comes_back_exactly(run, tmp_path):
    path = run.save(tmp_path / "run.nc")
    assert path == tmp_path / "run.nc"
    assert eq.Status.diverged in run.status
    assert run.dataset["loss"].size > 1000
    _identical(eq.load(path), run)


def test_saving_leaves_the_run_as_it_was(run, tmp_path):
    before = run.dataset.copy(deep=True)
    run.save(tmp_path / "run.nc")
    assert run.dataset.identical(before)


def test_a_loaded_run_can_be_saved_again_and_taken_up(run, problem, perturbed, tmp_path):
    first = eq.load(run.save(tmp_path / "one.nc"))
    second = eq.load(str(first.save(str(tmp_path / "two.nc"))))
    _identical(second, run)
    more = eq.simulate(problem, perturbed, resume=second, steps=1)
    assert more.dataset["step"].values.tolist() == list(range(402))


def test_the_file_is_plain_netcdf(run, tmp_path):
    """Readable without the package."""
    with xr.open_dataset(run.save(tmp_path / "run.nc"), engine="h5netcdf") as data:
        assert json.loads(data.attrs["settings"])["steps"] == 400
        np.testing.assert_array_equal(data["loss"], run.dataset["loss"])
        np.testing.assert_array_equal(data["final_theta_0"], run.theta[0])


def test_many_factors_keep_their_order(run, tmp_path):
    """Eleven and more, whose numbers do not sort as names do."""
    theta = tuple(np.full((3, 1), float(i)) for i in range(12))
    loaded = eq.load(eq.Run(run.dataset, theta, run.status).save(tmp_path / "deep.nc"))
    assert [w[0, 0] for w in loaded.theta] == list(range(12))
    assert loaded.dataset.identical(run.dataset)


shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
kinds = st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_])
names = st.text("abcxyzαβ_", min_size=1, max_size=8).filter(lambda name: name.isidentifier())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@given(st.data())
def test_odd_shapes_and_types_come_back_exactly(folder, data):
    replicates = data.draw(st.integers(1, 3))

    def array(elements_of_shape):
        kind = np.dtype(data.draw(kinds))
        return data.draw(hnp.arrays(kind, (replicates, *elements_of_shape)))

    variables = {
        name: (("replicate", *(f"{name}_{i}" for i in range(len(shape)))), array(shape))
        for name, shape in data.draw(st.dictionaries(names, shapes, max_size=3)).items()
    }
    variables["status"] = (("replicate",), np.array(["completed"] * replicates, dtype=object))
    attributes = {"text": data.draw(st.text(max_size=20).filter(lambda t: "\0" not in t and t.isprintable()))}
    dataset = xr.Dataset(variables, {"replicate": np.arange(replicates)}, attributes)
    theta = tuple(array(data.draw(shapes)) for _ in range(data.draw(st.integers(1, 3))))
    run = eq.Run(dataset, theta, (eq.Status.completed,) * replicates)
    _identical(eq.load(run.save(folder / "odd.nc")), run)


def _left_behind(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("no")])
def test_a_write_that_fails_leaves_the_old_file_whole(run, tmp_path, monkeypatch, error):
    path = run.save(tmp_path / "run.nc")
    before = path.read_bytes()

    def failing(self, content):
        with self.open("wb") as stream:
            stream.write(content[: len(content) // 2])
        raise error

    monkeypatch.setattr(type(path), "write_bytes", failing)
    with pytest.raises((type(error), eq.InputError)):
        run.save(path)
    assert path.read_bytes() == before
    assert _left_behind(tmp_path) == ["run.nc"]


def test_a_write_replaces_the_old_file(run, tmp_path):
    path = tmp_path / "run.nc"
    path.write_text("something else")
    _identical(eq.load(run.save(path)), run)
    assert _left_behind(tmp_path) == ["run.nc"]


def test_folders_are_made(run, tmp_path):
    _identical(eq.load(run.save(tmp_path / "new" / "folder" / "run.nc")), run)


def test_where_nothing_can_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(eq.InputError, match=r"^Cannot write to .*file.*; choose another folder\.$"):
        run.save(tmp_path / "file" / "run.nc")
    (tmp_path / "folder").mkdir()
    with pytest.raises(eq.InputError, match=r"^Cannot write .*folder.*; choose another name\.$"):
        run.save(tmp_path / "folder")
    assert _left_behind(tmp_path) == ["file", "folder"]


def test_a_folder_without_permission(run, tmp_path, monkeypatch):
    """Told by the system's own refusal, which root never hears; so it is played."""

    def refused(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(eq.InputError, match="Permission denied; choose another folder"):
        run.save(tmp_path / "run.nc")


def _refusal(path):
    with pytest.raises(eq.InputError) as caught:
        eq.load(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_missing_file(tmp_path):
    assert "There is no file" in _refusal(tmp_path / "nothing.nc")
    assert "There is no file" in _refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89HDF\r\n\x1a\n", b"CDF\x01", bytes(range(256)) * 20])
def test_a_file_that_is_no_netcdf(tmp_path, content):
    path = tmp_path / "file.nc"
    path.write_bytes(content)
    assert "cannot be read as netCDF" in _refusal(path)
    gc.collect()  # a half-opened file would complain now


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file(run, tmp_path, seed):
    """It is refused, or only numbers were hit, which netCDF does not check."""
    path, generator = run.save(tmp_path / "run.nc"), np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    for place in generator.integers(0, len(content) // 4, size=8):
        content[place] ^= int(generator.integers(1, 256))
    path.write_bytes(content)
    with contextlib.suppress(eq.InputError):
        assert len(eq.load(path).theta) == 2
    gc.collect()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(run, tmp_path, share):
    path = run.save(tmp_path / "run.nc")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "cannot be read as netCDF" in _refusal(path)


def test_a_file_of_something_else(run, tmp_path):
    path = tmp_path / "other.nc"
    save_dataset(xr.Dataset({"loss": ("x", [1.0])}), path)
    assert "not a saved run" in _refusal(path)
    save_dataset(run.dataset, path)  # θ is missing
    assert "not a saved run" in _refusal(path)
    odd = eq.Run(run.dataset.assign(status=("replicate", ["finished"] * 3)), run.theta, run.status)
    assert "not a saved run" in _refusal(odd.save(path))
    with h5py.File(path, "w") as file:
        file.create_group("group").create_dataset("numbers", data=[1, 2])
    _refusal(path)


def test_a_dataset_alone_comes_back_exactly(run, tmp_path):
    path = save_dataset(run.dataset, tmp_path / "dataset.nc")
    assert load_dataset(path).identical(run.dataset)
