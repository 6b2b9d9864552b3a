import gzip
import os

import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix


def _message(path, **options) -> str:
    with pytest.raises(InputError) as caught:
        read_matrix(path, **options)
    return str(caught.value)


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.csv"
    assert _message(path) == f"There is no file {path}; correct the path."


def test_a_path_that_no_file_can_have():
    assert _message("a\0b.csv") == r"There is no file 'a\x00b.csv'; correct the path."
    assert _message("x" * 999 + ".csv").endswith("File name too long; check its permissions.")


def test_a_folder(tmp_path):
    assert _message(tmp_path) == f"{tmp_path} is a folder; give a file in it."


def test_a_pipe(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    assert _message(path) == f"{path} is not a regular file; copy its content to one."


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_bytes(b"1,2\n")

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert _message(path) == f"Cannot open {path}: Permission denied; check its permissions."


@pytest.mark.parametrize("name", ["table.doc", "table", "table.npy.gz", "csv"])
def test_an_unknown_extension(refusal, name):
    assert refusal(name, b"1,2\n").startswith(f"{name} has no known extension; use one of .npy, .npz, .csv[.gz], ")


def test_options_that_mean_nothing_there(refusal):
    assert refusal("x.csv", b"1\n", key="a").startswith("key= is only for .npz, .mat, ")
    assert refusal("x.mtx", b"", header=False).startswith("header= is only for .csv, .tsv, ")
    assert refusal("x.npy", b"", layer="X") == "layer= is only for .h5ad files, not for x.npy; leave it out."


@pytest.mark.parametrize("name", ["x.csv.gz", "x.tsv.gz", "x.mtx.gz"])
def test_broken_gzip(refusal, name):
    packed = gzip.compress(b"1,2\n" * 99)
    advice = "compress it again, or remove .gz from its name if it is not compressed."
    truncated = "Compressed file ended before the end-of-stream marker was reached"
    assert refusal(name, packed[:-9]) == f"{name} is not a complete gzip file ({truncated}); {advice}"
    plain = "Not a gzipped file (b'1,')"
    assert refusal(name, b"1,2\n") == f"{name} is not a complete gzip file ({plain}); {advice}"
    assert "is not a complete gzip file (" in refusal(name, packed[:14] + b"\xff\xff" + packed[16:])


def test_a_path_with_a_line_break_stays_on_one_line(tmp_path):
    path = tmp_path / "two\nlines.csv"
    path.write_bytes(b"")
    assert _message(path) == f"{str(path)!r} is empty; give it a table of numbers."
