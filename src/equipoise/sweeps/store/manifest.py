"""The manifest of a store: which study it holds, by what versions, and the point of each row."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from equipoise.core.describe import describe
from equipoise.core.differences import differences
from equipoise.core.errors import InputError
from equipoise.core.files import write_json
from equipoise.core.messages import shown_path
from equipoise.machine import versions
from equipoise.results.dataset import recording_settings
from equipoise.simulation import Record
from equipoise.simulation.plan import Schedule
from equipoise.sweeps.blocks import Size
from equipoise.sweeps.fingerprints import Fingerprint, hash_of
from equipoise.sweeps.points import Point, Value, in_words, point_key
from equipoise.sweeps.store.places import beside
from equipoise.sweeps.study import Study

NAME = "study.json"
FORMAT = 1
_MOST_PARTS = 5000
"""The number of descriptions that are kept, so that a difference can be named; of the others there is only the hash."""


class Row(NamedTuple):
    """The point of a row, and its fingerprint; None if `make` has always failed there."""

    point: Point
    fingerprint: Fingerprint | None


class Manifest(NamedTuple):
    """What a store holds.

    - `settings`: the seed, the recording, the stop rules and the engine, which never change.
    - `versions`: the versions of the packages that made it.
    - `axes`, `units`, `is_grid`: the names of the axes and their units, and whether their values are dims.
    - `values`: the values of each axis in order.
    - `rows`: the point of each row, in the order in which they came.
    - `size`: the size of a block.
    - `steps`, `replicates`: how long the runs are, and how many replicates there are.
    - `ends`: the numbers of steps at which the runs ended before they were continued.
    - `parts`: descriptions by their hash.
    """

    settings: dict[str, Any]
    versions: dict[str, str]
    axes: tuple[str, ...]
    units: dict[str, str]
    is_grid: bool
    values: dict[str, list[Value]]
    rows: tuple[Row, ...]
    size: Size
    steps: int
    replicates: int
    ends: tuple[int, ...] = ()
    parts: dict[str, Any] = {}  # noqa: RUF012

    def write(self, folder: Path) -> None:
        """Write it into the folder of the store, whole or not at all."""
        rows = [{"point": row.point, "made": row.fingerprint} for row in self.rows]
        whole = {"format": FORMAT, **self._asdict(), "rows": rows}
        write_json(beside(folder) / NAME, whole)

    def record(self, record: Record) -> Record:
        """The recording of the study with the steps at which the runs ended before."""
        if not self.ends:
            return record
        chosen = None if record.by_default else record.observables
        return Record(record.every, chosen, at=(*record.at, *self.ends), growth=record.growth)


def looks(record: Record, steps: int, ends: tuple[int, ...] = ()) -> list[int]:
    """The steps of all recordings of runs of so many steps, also at those at which they ended before."""
    schedule = Schedule(0, steps, record, ends)
    found = [0]
    while found[-1] < steps:
        found.append(schedule.after(found[-1]))
    return found


def settings_of(study: Study) -> dict[str, Any]:
    """The settings of a study that a store keeps for good."""
    engine = study.engine if isinstance(study.engine, str) else study.engine.name
    return {
        "seed": study.seed,
        "record": recording_settings(study.record, study.record.observables),
        "stop": describe(study.stop),
        "engine": engine,
    }


def exists(folder: Path) -> bool:
    """Whether there is a store in the folder."""
    return (beside(folder) / NAME).is_file()


def read(folder: Path) -> Manifest:
    """The manifest of the store in the folder; raises `InputError` if there is none that can be read."""
    shown = shown_path(folder)
    try:
        found = json.loads((beside(folder) / NAME).read_text(encoding="utf-8"))
        version = found.pop("format")
        if version != FORMAT:
            raise InputError(f"{shown} is a store of format {version}, but this is format {FORMAT}; use a new store.")
        rows = tuple(Row(row["point"], Fingerprint(*row["made"]) if row["made"] else None) for row in found["rows"])
        given = {**found, "rows": rows, "size": Size(*found["size"])}
        return Manifest(**{**given, "axes": tuple(found["axes"]), "ends": tuple(found["ends"])})
    except (OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise InputError(f"{shown} is not the store of a sweep; check the path, or choose a new one.") from error


def check_same(manifest: Manifest, study: Study, folder: Path, *, other_versions: bool) -> None:
    """Raise `InputError`, with the first difference, unless the store can hold the study."""
    shown = shown_path(folder)
    found = differences(settings_of(study), manifest.settings)
    if found:
        raise InputError(f"The store {shown} was made by another study: {found[0]}; use a new store.")
    if set(study.axes) != set(manifest.axes):
        raise InputError(
            f"The store {shown} has the axes {', '.join(manifest.axes)}, but the study {', '.join(study.axes)}; "
            "use a new store."
        )
    if study.steps < manifest.steps:
        raise InputError(
            f"The store {shown} has runs of {manifest.steps} steps, but the study asks for {study.steps}; "
            f"ask for at least {manifest.steps}, or use a new store."
        )
    found = differences(versions(), manifest.versions)
    if found and not other_versions:
        raise InputError(
            f"The store {shown} was made by other versions: {found[0]}; install those, use a new store, or accept it "
            "by other_versions=True."
        )


def check_row(manifest: Manifest, row: Row, made: Fingerprint, described: dict[str, Any], folder: Path) -> None:
    """Raise `InputError`, with the difference, if `make` gives something else at a point than when it was stored."""
    if row.fingerprint is None or row.fingerprint == made:
        return
    name = next(n for n, a, b in zip(made._fields, made, row.fingerprint, strict=True) if a != b)
    before = manifest.parts.get(getattr(row.fingerprint, name))
    said = differences(described[name], before)[0] if before is not None else "it is described otherwise"
    where = f"{name} at {in_words(row.point)}"
    raise InputError(f"The store {shown_path(folder)} was made with another {where}: {said}; use a new store.")


def with_parts(parts: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """The descriptions with those of one more point, as long as there are not too many."""
    for part in described.values():
        if len(parts) < _MOST_PARTS:
            parts.setdefault(hash_of(part), part)
    return parts


def numbers_of(rows: tuple[Row, ...]) -> dict[str, int]:
    """The number of the row of each point, by its key."""
    return {point_key(row.point): i for i, row in enumerate(rows)}
