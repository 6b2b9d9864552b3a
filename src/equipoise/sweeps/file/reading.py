"""A study from a TOML file."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from equipoise.core.errors import InputError
from equipoise.core.messages import reason, shown_path
from equipoise.datasets import read_matrix
from equipoise.simulation import Record, StopWhen
from equipoise.sweeps.file.designs import design_in
from equipoise.sweeps.file.keys import Place, check_keys, table_of
from equipoise.sweeps.file.parts import NOISE, FileMake, axes_in, checked_part
from equipoise.sweeps.study import Study

_PARTS = ("problem", NOISE, "method", "start")
_DESIGN = ("grid", "zip", "random")
_KEYS = ("steps", "replicates", "seed", "engine", "store", *_PARTS, *_DESIGN, "record", "stop", "units")
_RECORD = ("every", "observables", "at", "growth")


class StudyFile(NamedTuple):
    """What a study's file says: the study, and the folder of its store."""

    study: Study
    store: Path


def read_study(path: str | Path) -> StudyFile:
    """The study in a TOML file; paths in it are relative to its folder.

    Raises `InputError` if the file cannot be read, and for an unknown key (with the nearest known one), a missing one,
    or a value that does not fit.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown_path(path)} cannot be read ({reason(error)}); check the path.") from error
    return parse_study(text, path.name, path.parent)


def parse_study(text: str, name: str, folder: Path) -> StudyFile:
    """The study in the text of a file of this name in a folder."""
    place = Place(name)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not TOML ({reason(error)}); mend it there.") from error
    check_keys(document, _KEYS, ("steps", "seed", "problem", "method", "start"), place)
    tables = {part: table_of(document, part, place) for part in _PARTS if part in document}
    checked = {
        part: checked_part(
            part, _with_file(table, folder, place.within(part)), place.within(part), noise=NOISE in tables
        )
        for part, table in tables.items()
    }
    design = design_in(document, place)
    _check_axes(checked, design.axes, name)
    given = {key: document[key] for key in ("replicates", "engine") if key in document}
    study = Study(
        FileMake(checked),
        design,
        steps=document["steps"],
        seed=document["seed"],
        record=_record(table_of(document, "record", place), place.within("record")),
        stop=_stop(document.get("stop", []), place),
        units=table_of(document, "units", place),
        **given,
    )
    study.source = {"name": name, "folder": str(folder.absolute()), "text": text}
    return StudyFile(study, folder / str(document.get("store", f"{Path(name).stem}.zarr")))


def _with_file(table: dict[str, Any], folder: Path, place: Place) -> dict[str, Any]:
    """The table with the matrix in place of `matrix = {file = "PATH"}`."""
    matrix = table.get("matrix")
    if not isinstance(matrix, dict):
        return table
    check_keys(matrix, ("file",), ("file",), Place(place.file, f"matrix in {place.table}"))
    return {**table, "matrix": read_matrix(folder / str(matrix["file"]))}


def _check_axes(tables: dict[str, dict[str, Any]], axes: tuple[str, ...], name: str) -> None:
    """Raise `InputError` for "$name" that is no axis, and for an axis that nothing uses."""
    used = axes_in(tables)
    for axis in sorted(used - set(axes)):
        raise InputError(f"{name} uses ${axis}, which is no axis; give its values in [grid].")
    for axis in axes:
        if axis not in used:
            raise InputError(
                f'{name} has the axis {axis}, which nothing uses; write "${axis}" where its value belongs.'
            )


def _record(table: dict[str, Any], place: Place) -> Record | None:
    check_keys(table, _RECORD, (), place)
    return Record(**{**table, "at": table.get("at", ())}) if table else None


def _stop(given: Any, place: Place) -> tuple[StopWhen, ...]:
    rules = given if isinstance(given, list) else [given]
    for rule in rules:
        if not isinstance(rule, dict):
            raise InputError(f"stop of {place} is {rule!r}; make it a table: [stop].")
        check_keys(rule, ("variable", "below", "above"), ("variable",), place.within("stop"))
    return tuple(StopWhen(**rule) for rule in rules)
