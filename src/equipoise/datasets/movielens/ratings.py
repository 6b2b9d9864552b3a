"""MovieLens 100K: 943 users' 100 000 ratings of 1682 films, found on this machine or downloaded, and always verified.

F. M. Harper and J. A. Konstan, The MovieLens datasets: history and context, ACM TiiS 5(4), 2015,
https://doi.org/10.1145/2827872
"""

import functools
import hashlib
import os
import sys
from typing import Literal

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.datasets.entries.numbering import numbered
from equipoise.datasets.entries.splits import split_by_position
from equipoise.datasets.entries.triplets import Triplets, with_source
from equipoise.datasets.movielens.sources import MOVIELENS_100K, PAGE, Published, find
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.text.reading import table_of_text
from equipoise.datasets.tables.to_entries import entries_of
from equipoise.datasets.user_file import one_sentence

_HELD_OUT = {"ua": (0, 10), "ub": (10, 20)}


def movielens_100k(path: str | os.PathLike[str] | None = None) -> Triplets:
    """Return MovieLens 100K in the order of u.data: users as rows, films as columns, ratings 1 to 5, (943, 1682).

    - `path`: u.data, or ml-100k.zip, or a folder with the content of either. By default the copy in the package
      neighbors is taken if that package is installed (its code is not run), else a download by pooch, if installed,
      into its cache.

    Timestamps are in seconds since 1970. The ratings have the SHA-256 of u.data as published, and `source` says so; for
    a table without timestamps its three columns are compared. The terms of use are printed to stderr, once.

    Raises `InputError` if the data set cannot be found, downloaded or read, or is not MovieLens 100K. Source: Harper
    and Konstan, https://doi.org/10.1145/2827872, https://grouplens.org/datasets/movielens/100k/
    """
    return verified(path, MOVIELENS_100K)


def movielens_split(ratings: Triplets, which: Literal["ua", "ub"]) -> tuple[Triplets, Triplets]:
    """Split into (training, test) in the same way as the files ua and ub of MovieLens.

    - `ratings`: the result of `movielens_100k`, in its order.
    - `which`: "ua" to put the first ten ratings of every user into the test, "ub" the second ten.

    Both parts keep order, shape and ids. Raises `InputError` for any other `which`, and if a user has too few ratings.
    Source: mku.sh and allbut.pl of ml-100k.
    """
    if which not in _HELD_OUT:
        raise InputError(f"which is {which!r}; it must be 'ua' (each user's first ten) or 'ub' (the second ten).")
    return split_by_position(ratings, np.arange(len(ratings)), *_HELD_OUT[which])


def verified(path: str | os.PathLike[str] | None, published: Published) -> Triplets:
    """Return the ratings at `path`, or by default those that are found; raise `InputError` unless they are `published`.

    They are compared by their SHA-256; for a table without timestamps its three columns are compared. The terms of use
    are printed to stderr, once.
    """
    with one_sentence("MovieLens 100K" if path is None else shown_path(path), "table"):
        content, name, delimiter = find(path, published)
        table = table_of_text(content, name, delimiter, True, ReadOptions(separator=delimiter))
        ratings = numbered(entries_of(table, None), "last")
        stamped = ratings.timestamps is not None
        expected = published.sha256 if stamped else published.sha256_without_timestamps
        digest = hashlib.sha256(_as_published(ratings)).hexdigest()
        if digest != expected:
            found = f"has {len(ratings)} ratings instead of {published.ratings}"
            if len(ratings) == published.ratings:
                differs = f"SHA-256 {digest[:8]}…, not {expected[:8]}…"
                found = f"differs from u.data as published, in content or order ({differs})"
            raise InputError(f"{name} {found}, so it is not MovieLens 100K; get ml-100k.zip again from {PAGE}.")
    _say_once(published.terms)
    compared = "ids, ratings, timestamps" if stamped else "ids, ratings"
    said = f"{name} ({compared} and order are those of u.data as published, by SHA-256 {digest[:8]}…)"
    return with_source(ratings, said)


def _as_published(ratings: Triplets) -> bytes:
    """Return the lines of u.data: user, item, rating and, if present, timestamp, separated by tabs."""
    values = [int(value) if value.is_integer() else value for value in ratings.values.tolist()]
    columns = [ratings.users.tolist(), ratings.items.tolist(), values]
    if ratings.timestamps is not None:
        columns.append(ratings.timestamps.tolist())
    return "".join("\t".join(map(str, row)) + "\n" for row in zip(*columns, strict=True)).encode()


@functools.cache
def _say_once(terms: str) -> None:
    sys.stderr.write(terms)
