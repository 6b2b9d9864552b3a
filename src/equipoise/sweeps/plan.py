"""What a store is to hold after a sweep, and the blocks that are missing for it."""

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.machine import versions
from equipoise.sweeps.blocks import Block, Size, block_size, blocks_to_do
from equipoise.sweeps.fingerprints import Fingerprint
from equipoise.sweeps.making import Made, Survey
from equipoise.sweeps.points import Value, point_key
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.journal import State
from equipoise.sweeps.store.manifest import Manifest, Row, check_row, check_same, numbers_of, settings_of, with_parts
from equipoise.sweeps.study import Study


class Plan(NamedTuple):
    """A store as it is to be: its manifest, the rows of the study's points, and their programs (−1 for none)."""

    manifest: Manifest
    rows: list[int]
    programs: dict[int, int]
    failures: dict[int, str]

    def blocks(self, state: State, study: Study) -> list[Block]:
        """The blocks that are missing for the study."""
        wanted = np.full(state.reached.shape, study.steps)
        picked = [row for row in self.rows if row not in self.failures]
        wanted[picked, : study.replicates] = state.reached[picked, : study.replicates]
        programs = [self.programs.get(row, -1) for row in range(len(self.manifest.rows))]
        return list(blocks_to_do(wanted, programs, study.steps, self.manifest.size))


def new_plan(study: Study, surveyed: Survey, size: Size | None) -> Plan:
    """The plan of a new store, whose rows are sorted by program."""
    made = sorted(surveyed.made, key=lambda each: each.program)
    parts: dict[str, object] = {}
    for each in made:
        with_parts(parts, each.described)
    manifest = Manifest(
        settings=settings_of(study),
        versions=versions(),
        axes=study.axes,
        units=study.units,
        is_grid=study.design.is_grid,
        values=study.values,
        rows=tuple(Row(each.point, each.fingerprint) for each in made),
        size=size or _usual_size(study, surveyed),
        steps=study.steps,
        replicates=study.replicates,
        parts=parts,
    )
    return _plan(manifest, surveyed)


def wider_plan(study: Study, surveyed: Survey, before: Manifest, folder: Path, *, other_versions: bool) -> Plan:
    """The plan of a store that exists, with what is new in the study; `InputError` if it cannot hold the study."""
    check_same(before, study, folder, other_versions=other_versions)
    rows, parts = list(before.rows), dict(before.parts)
    numbers = numbers_of(before.rows)
    for each in sorted(surveyed.made, key=lambda each: each.program):
        with_parts(parts, each.described)
        number = numbers.get(point_key(each.point))
        if number is None:
            rows.append(Row(each.point, each.fingerprint))
        elif each.fingerprint is not None:
            check_row(before, rows[number], each.fingerprint, each.described, folder)
            rows[number] = Row(rows[number].point, each.fingerprint)
    manifest = before._replace(
        rows=tuple(rows),
        parts=parts,
        units={**before.units, **study.units},
        is_grid=before.is_grid and study.design.is_grid,
        values={axis: _joined(study.values[axis], before.values[axis]) for axis in before.axes},
        steps=study.steps,
        replicates=max(study.replicates, before.replicates),
        ends=(*before.ends, before.steps) if study.steps > before.steps else before.ends,
    )
    return _plan(manifest, surveyed)


def bytes_of(study: Study, surveyed: Survey) -> int:
    """The bytes of all that a study gives, before they are compressed."""
    looks = len(manifests.looks(study.record, study.steps))
    return sum(
        study.replicates * surveyed.forms[each.program].bytes(looks) for each in surveyed.made if each.program >= 0
    )


def check_room(needed: int, folder: Path) -> None:
    """Raise `InputError` if so many bytes do not fit on the disk of a folder that may not exist yet."""
    place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise InputError(
            f"The sweep needs up to {in_gigabytes(needed)} on the disk of {shown_path(folder)}, which has "
            f"{in_gigabytes(free)} free; record less often, or fewer observables, or choose another disk."
        )


def in_gigabytes(count: int) -> str:
    """A number of bytes in words."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"


def _usual_size(study: Study, surveyed: Survey) -> Size:
    looks = len(manifests.looks(study.record, study.steps))
    return block_size(len(study.points), study.replicates, study.steps, surveyed.largest.bytes(looks))


def _plan(manifest: Manifest, surveyed: Survey) -> Plan:
    numbers = numbers_of(manifest.rows)
    rows = {point_key(each.point): numbers[point_key(each.point)] for each in surveyed.made}
    by_row: dict[int, Made] = {rows[point_key(each.point)]: each for each in surveyed.made}
    programs = {row: each.program for row, each in by_row.items()}
    failures = {row: each.failure for row, each in by_row.items() if each.failure}
    return Plan(manifest, list(rows.values()), programs, failures)


def _joined(first: list[Value], second: list[Value]) -> list[Value]:
    """The values of both, each once."""
    return list(dict.fromkeys([*first, *second]))


def fingerprint_of(manifest: Manifest, row: int) -> Fingerprint:
    """The fingerprint of a row that did not fail."""
    found = manifest.rows[row].fingerprint
    assert found is not None
    return found
