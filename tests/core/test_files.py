"""A file is written whole or not at all."""

import os
import stat

import pytest

from equipoise.core.errors import InputError
from equipoise.core.files import whole_file, writable_folder, write_text


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
    with pytest.raises(InputError, match=r"^Cannot write to the output folder .*file: .*; choose another\.$"):
        writable_folder(tmp_path / "file")
    assert _names(tmp_path) == ["file"]


def test_a_writable_folder_is_made_and_left_empty(tmp_path):
    folder = writable_folder(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert _names(folder) == []
