"""A file is written whole or not at all."""

import os
import stat

import pytest

from equipoise.core.errors import InputError
from equipoise.core.files import output_folder, remove_others, whole_file, whole_folder, write_text


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_text_is_written_in_utf8_and_replaced(tmp_path):
    path = tmp_path / "new" / "text.txt"
    write_text(path, "first")
    write_text(path, "γ")
    assert path.read_bytes() == "γ".encode()
    assert _names(path.parent) == ["text.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "text.txt"
    path.write_text("old")

    def write_half():
        with whole_file(path) as temporary:
            temporary.write_text("half")
            assert path.read_text() == "old"
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["text.txt"]


def test_the_temporary_name_keeps_the_suffix_and_the_folder(tmp_path):
    with whole_file(tmp_path / "run.nc") as temporary:
        assert temporary.suffix == ".nc"
        assert temporary.parent == tmp_path
        temporary.write_text("")


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_permissions_are_those_of_an_ordinary_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "text.txt", "")
        assert stat.S_IMODE((tmp_path / "text.txt").stat().st_mode) == 0o666 & ~mask
    finally:
        assert os.umask(before) == mask


def test_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"^Cannot write to .*file: .*; choose another folder\.$"):
        write_text(tmp_path / "file" / "text.txt", "")
    with pytest.raises(InputError, match=r"; choose another name\.$"):
        write_text(tmp_path, "")
    refused = pytest.raises(InputError, match=r"^Cannot write to the output folder .*file: .*; choose another\.$")
    with refused, output_folder(tmp_path / "file"):
        raise AssertionError("the block must not begin")
    assert _names(tmp_path) == ["file"]


def test_an_output_folder_is_made_and_stays(tmp_path):
    with output_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
        assert _names(folder) == []
    assert folder.is_dir()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_where_the_work_fails_the_folder_is_gone_again_and_all_else_is_left(tmp_path, error):
    (tmp_path / "old").mkdir()
    for inner in ("old", "old/new", "a/b"):
        with pytest.raises(error), output_folder(tmp_path / inner):
            raise error
    assert _names(tmp_path) == ["old"]

    def write_and_fail():
        with output_folder(tmp_path / "half") as folder:
            write_text(folder / "done.txt", "")
            raise error

    with pytest.raises(error):
        write_and_fail()
    assert _names(tmp_path / "half") == ["done.txt"]


def test_files_of_an_earlier_result_are_removed_and_no_others(tmp_path):
    for name in ("run.nc", "run-noise.nc", "mine.nc", "summary.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "run-folder.nc").mkdir()
    remove_others(tmp_path, ("run.nc", "run-*.nc", "summary.json"), [tmp_path / "summary.json"])
    assert _names(tmp_path) == ["mine.nc", "run-folder.nc", "summary.json"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_folder_is_there_as_a_set_or_not_at_all(tmp_path, error):
    def write(fails):
        with whole_folder(tmp_path / "made") as temporary:
            (temporary / "a").write_text("1")
            if fails:
                raise error
            (temporary / "b").write_text("2")
            assert not (tmp_path / "made").exists()

    with pytest.raises(error):
        write(fails=True)
    assert _names(tmp_path) == []
    write(fails=False)
    assert _names(tmp_path) == ["made"]
    assert _names(tmp_path / "made") == ["a", "b"]
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) & 0o700 == 0o700


def test_a_folder_takes_the_place_of_an_empty_one_only(tmp_path):
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "mine").write_text("")
    with whole_folder(tmp_path / "empty") as temporary:
        (temporary / "a").write_text("1")
    with pytest.raises(InputError, match="choose another name"), whole_folder(tmp_path / "full") as temporary:
        (temporary / "a").write_text("1")
    assert (_names(tmp_path / "empty"), _names(tmp_path / "full")) == (["a"], ["mine"])
