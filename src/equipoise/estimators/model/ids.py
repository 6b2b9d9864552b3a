"""Ids that a user gives, found among those of a model; and ids as arrays without objects, for a file."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import shown_id
from equipoise.datasets.tables.ids import texts_of

UNKNOWN = -1
"""The place of an id that a model does not know."""


def given_ids(given: Any) -> list[Any]:
    """One id, a sequence of them, an array or a column of a data frame, as a list."""
    if isinstance(given, str | bytes) or not hasattr(given, "__iter__"):
        return given_ids(given.tolist()) if isinstance(given, np.ndarray) else [_plain(given)]
    return given.tolist() if hasattr(given, "tolist") else [_plain(identity) for identity in given]


def _plain(identity: Any) -> Any:
    return identity.item() if isinstance(identity, np.generic) else identity


def places_of(
    given: Sequence[Any], index: Mapping[Any, int], known: Shaped[np.ndarray, " ids"], which: str
) -> Int64[np.ndarray, " given"]:
    """The places of ids among those known, from 0; `UNKNOWN` for an id that is not there.

    Raises `InputError` for an id of another type than theirs.
    """
    whole = known.dtype.kind in "iu"
    for identity in given:
        if isinstance(identity, bool) or not isinstance(identity, int if whole else str):
            kind = "whole numbers" if whole else "text"
            raise InputError(
                f"The {which} id {shown_id(identity)} is {_kind(identity)}, but the {which} ids of the model are "
                f"{kind}, such as {shown_id(known[0])}; give ids of that type."
            )
    return np.fromiter((index.get(identity, UNKNOWN) for identity in given), np.int64, len(given))


def _kind(identity: Any) -> str:
    if isinstance(identity, str):
        return "text"
    whole = isinstance(identity, int) and not isinstance(identity, bool)
    return "a whole number" if whole else f"of the type {type(identity).__name__}"


def of_kind(ids: Shaped[np.ndarray, " ids"], known: Shaped[np.ndarray, " known"]) -> Shaped[np.ndarray, " ids"]:
    """The same ids, as text if they are whole numbers and those known are text.

    A table whose ids happen to be whole numbers is read as such. Without plus sign and leading zeros, as the readers
    take care of, each is the text that stands there.
    """
    if ids.dtype.kind in "iu" and known.dtype.kind not in "iu":
        return texts_of([str(identity) for identity in ids.tolist()])
    return ids


def like(entries: Triplets, known: Triplets) -> tuple[list[Any], list[Any]]:
    """The row id and the column id of every entry, in the types of the known ones."""
    rows, columns = of_kind(entries.row_ids, known.row_ids), of_kind(entries.column_ids, known.column_ids)
    return rows[entries.rows].tolist(), columns[entries.columns].tolist()


def with_new(
    known: Shaped[np.ndarray, " ids"], given: Sequence[Any], places: Int64[np.ndarray, " given"]
) -> Shaped[np.ndarray, " more"]:
    """The ids that are known, and below them those given whose places are `UNKNOWN`, each once."""
    new = list(dict.fromkeys(given[k] for k in np.flatnonzero(places == UNKNOWN).tolist()))
    if known.dtype.kind in "iu":
        return np.concatenate([known, np.array(new, known.dtype)])
    return texts_of([*known.tolist(), *new])


def stored(ids: Shaped[np.ndarray, " ids"], name: str) -> dict[str, np.ndarray]:
    """Ids as arrays: whole numbers as they are; text as UTF-8, joined, with the length of each in bytes."""
    if ids.dtype.kind in "iu":
        return {name: ids}
    texts = [str(identity).encode("utf-8", "surrogatepass") for identity in ids.tolist()]
    return {
        f"{name}_text": np.frombuffer(b"".join(texts), np.uint8),
        f"{name}_lengths": np.array([len(text) for text in texts], np.int64),
    }


def restored(arrays: Mapping[str, np.ndarray], name: str) -> Shaped[np.ndarray, " ids"]:
    """The ids that `stored` wrote; raises `ValueError` or `KeyError` if the arrays hold none."""
    if name in arrays:
        if arrays[name].dtype.kind not in "iu":
            raise ValueError(f"{name} holds no whole numbers")
        return arrays[name]
    text, lengths = arrays[f"{name}_text"], arrays[f"{name}_lengths"]
    if text.dtype != np.uint8 or lengths.dtype != np.int64 or text.ndim != 1 or lengths.ndim != 1:
        raise ValueError(f"{name} holds no text")
    if (lengths < 0).any() or int(lengths.sum()) != text.size:
        raise ValueError(f"the lengths of {name} do not add up")
    content, ends = text.tobytes(), [0, *np.cumsum(lengths).tolist()]
    return texts_of([content[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(ends)])
