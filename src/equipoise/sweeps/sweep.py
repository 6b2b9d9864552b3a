"""The function that runs a study and keeps it in a store."""

import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.machine import versions
from equipoise.sweeps.blocks import Block, Size
from equipoise.sweeps.drive import drive
from equipoise.sweeps.executors.choice import check_choice, engaged
from equipoise.sweeps.executors.here import Here
from equipoise.sweeps.making import Survey, survey
from equipoise.sweeps.plan import Plan, bytes_of, check_room, fingerprint_of, new_plan, wider_plan
from equipoise.sweeps.progress import blocks_progress
from equipoise.sweeps.source import keep_source
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.arrays import Arrays, open_group
from equipoise.sweeps.store.journal import Journal
from equipoise.sweeps.store.lock import locked
from equipoise.sweeps.store.places import beside, sweep_up
from equipoise.sweeps.store.reading import read
from equipoise.sweeps.study import Study
from equipoise.sweeps.work import Orders, Part, Result, computed, packed, run_block


def sweep(
    study: Study,
    store: str | Path,
    executor: Executor | None = None,
    *,
    scheduler: str | None = None,
    jobs: int | None = None,
    block: tuple[int, int] | None = None,
    progress: bool | None = None,
    other_versions: bool = False,
) -> xr.Dataset:
    """Run a study, keep it in a store, and return its dataset; what the store has already is not run again.

    Each point has the random numbers that belong to its values, so a wider study, with more points, more replicates or
    more steps, adds to the store of a narrower one. After Ctrl-C, after `kill -9`, or on another day, the same call
    goes on where it was.

    - `study`: the study.
    - `store`: the folder of the store, such as "study.zarr"; made if it is missing.
    - `executor`: runs the blocks; any executor of `concurrent.futures`. By default processes on this machine.
    - `scheduler`: the address of a Dask scheduler, in place of an executor: "tcp://…".
    - `jobs`: the number of processes on this machine; by default one per core. 1 runs everything in this process.
    - `block`: the numbers of points and of replicates in a block of a new store; by default as the study needs.
    - `progress`: whether to show a progress bar on stderr; by default only on a terminal.
    - `other_versions`: whether to add to a store that was made by other versions of the packages; False by default.

    Returns the dataset of the study's points (`equipoise.sweeps.load` says what it holds), also after Ctrl-C, when the
    attribute `interrupted` is 1. A point whose `make` or run fails has the status "failed", and `error` says why; the
    others run on.

    Raises `InputError` for a store of another study or other versions, or in use by another sweep; for a study that
    does not fit on the disk; and for a scheduler that cannot be reached, or workers of other versions. The store stays
    whole.
    """
    check_choice(executor, scheduler, jobs)
    size = None if block is None else Size(*(max(1, int(count)) for count in block))
    folder = Path(store)
    with _prepared(folder), locked(folder):
        surveyed = survey(study)
        plan = _planned(study, surveyed, folder, size, other_versions=other_versions)
        interrupted = _filled(study, plan, folder, executor, scheduler, jobs, progress)
        values = study.values if study.design.is_grid else None
        dataset = read(folder, plan.manifest, plan.rows, study.replicates, values)
    return dataset.assign_attrs(interrupted=int(interrupted))


@contextlib.contextmanager
def _prepared(folder: Path) -> Iterator[None]:
    """Make the folder of a store; remove it again if it was made here and holds no store at the end."""
    is_new = not folder.exists()
    was_killed_early = beside(folder).is_dir()
    if not (is_new or manifests.exists(folder) or was_killed_early or (folder.is_dir() and not any(folder.iterdir()))):
        raise InputError(f"{shown_path(folder)} exists and is not the store of a sweep; choose another name.")
    try:
        beside(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Cannot write to {shown_path(folder)}: {error.strerror}; choose another folder.") from error
    try:
        yield
    finally:
        if is_new and not manifests.exists(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _planned(study: Study, surveyed: Survey, folder: Path, size: Size | None, *, other_versions: bool) -> Plan:
    """The plan, after a check that it fits the store and the disk."""
    if manifests.exists(folder):
        before = manifests.read(folder)
        plan = wider_plan(study, surveyed, before, folder, other_versions=other_versions)
        state = Journal(folder).state(len(plan.manifest.rows), plan.manifest.replicates)
        share = sum(block.paths for block in plan.blocks(state, study)) / (len(study.points) * study.replicates)
        check_room(round(share * bytes_of(study, surveyed)), folder)
        return plan
    check_room(bytes_of(study, surveyed), folder)
    return new_plan(study, surveyed, size)


def _filled(
    study: Study,
    plan: Plan,
    folder: Path,
    executor: Executor | None,
    scheduler: str | None,
    jobs: int | None,
    progress: bool | None,
) -> bool:
    """Run the blocks that are missing, and write them; return whether Ctrl-C ended it."""
    journal, manifest = Journal(folder), plan.manifest
    journal.mend()
    sweep_up(folder)
    blocks = plan.blocks(journal.state(len(manifest.rows), manifest.replicates), study)
    with engaged(executor, scheduler, jobs, len(blocks)) as at_work:
        group = open_group(folder, make=True)
        manifest.write(folder)
        keep_source(folder, study)
        arrays = Arrays(group, manifest, manifests.looks(study.record, study.steps, manifest.ends))
        arrays.write_coordinates()
        _note_failures(journal, plan, study)
        orders = Orders(study, manifest.record(study.record), versions())
        steps = sum(block.paths * (study.steps - max(block.done, 0)) for block in blocks)
        sender = _Sender(orders, plan, arrays, journal, at_work.executor)
        try:
            with (
                blocks_progress(len(blocks), steps, progress) as tell,
                contextlib.closing(drive(blocks, sender.send, at_work.width)) as ended,
            ):
                for block, found in ended:
                    failed = _write(block, found, arrays, journal, study.steps)
                    tell(block.paths * (study.steps - max(block.done, 0)), failed)
        except KeyboardInterrupt:
            return True
    return False


class _Sender:
    """Sends blocks to an executor: as they are within this process, and as bytes to others."""

    def __init__(self, orders: Orders, plan: Plan, arrays: Arrays, journal: Journal, executor: Executor) -> None:
        self._orders, self._plan, self._arrays = orders, plan, arrays
        self._journal, self._executor = journal, executor
        self._packed = b"" if isinstance(executor, Here) else packed(orders)

    def send(self, block: Block) -> "Future[Any]":
        """The future of the result of a block."""
        rows, manifest = range(*block.rows), self._plan.manifest
        earlier = self._arrays.earlier(block) if block.done >= 0 else ()
        prints = tuple(fingerprint_of(manifest, row) for row in rows)
        part = Part(tuple(manifest.rows[row].point for row in rows), prints, block.replicates, block.done, earlier)
        self._journal.begun(block)
        if not self._packed:
            return self._executor.submit(computed, self._orders, part)
        return self._executor.submit(run_block, self._packed, packed(part))


def _note_failures(journal: Journal, plan: Plan, study: Study) -> None:
    """Note the points that could not be made."""
    for row, said in plan.failures.items():
        journal.failed(Block((row, row + 1), (0, study.replicates)), said)


def _write(block: Block, found: Result | str, arrays: Arrays, journal: Journal, steps: int) -> int:
    """Write the result of a block, and then that it is done; return how many of its points failed."""
    if isinstance(found, str):
        journal.failed(block, found)
        return block.rows[1] - block.rows[0]
    if block.done >= 0:
        journal.rewriting(block)
    arrays.write(block, found)
    failed = {block.rows[0] + i: said for i, said in found.failed.items()}
    journal.done(block, steps, failed, found.seconds, found.engine)
    return len(failed)
