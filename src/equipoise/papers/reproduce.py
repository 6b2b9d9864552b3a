"""A paper again: run or load each entry, check it, draw it, and report."""

import contextlib
import dataclasses
import json
import time
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from equipoise.core.checks import whole_number
from equipoise.core.files import writable_folder
from equipoise.papers.entry import Data, Entry
from equipoise.papers.form import Form
from equipoise.papers.interrupt import Interrupted, interruptible
from equipoise.papers.paper import Paper
from equipoise.papers.progress import Tell, entries_progress
from equipoise.papers.report import Outcome, Report
from equipoise.papers.storage import load_data, save_data
from equipoise.papers.workers import default_jobs, run_in_workers
from equipoise.plots import save_figure, styled

LARGEST_SEED = 2**62
"""Below what `simulate` takes, since entries add numbers of their own."""

HOW_MADE = {
    "entry_made",
    "entry_seed",
    "entry_seconds",
    "entry_parts",
    "quick",
    "entry",
    "paper",
    "versions",
    "created",
    "seconds",
}


def reproduce(
    paper: Paper,
    *,
    figures: Sequence[str] | None = None,
    quick: bool = False,
    seed: int | None = None,
    out: Path,
    redraw: bool = False,
    jobs: int | None = 1,
    progress: bool | None = None,
    command: str = "",
) -> Report:
    """Run, check and draw the entries `figures` (all of them for None) into the folder `out`.

    Writes out/data/<entry>.<name>.nc, out/figures/<entry>.png and .pdf, and, after every entry, out/claims.json and
    out/index.html, each whole or not at all. `quick` runs the entries in their short form. `seed` is the paper's own
    for None. With `redraw` nothing is run: the data is read from out/data, and keeps the seed it was made with.

    With more `jobs` than one, as many entries are run at once, each in a process of its own, so that a script must
    guard its main part by `if __name__ == "__main__"`; None for one on each core, at most 4. An entry is checked and
    drawn beside the runs of those after it. Ctrl-C ends the runs at work; the entries whose runs were finished before
    are kept and reported. `progress` tells on stderr what is at work, by default only on a terminal. `command` is
    quoted in the report.
    Raises `InputError` for an unknown entry, for a seed or a number of jobs that is no whole number or out of range,
    for data that is not there, and for a folder that cannot be written.
    """
    chosen = paper.select(figures)
    seed = paper.seed if seed is None else whole_number("The seed", seed, 0, LARGEST_SEED)
    jobs = default_jobs(chosen) if jobs is None else whole_number("The number of jobs", jobs, 1)
    form = Form(writable_folder(out), quick, seed, None if seed == paper.seed else seed)
    for entry in chosen:
        if entry.prepare and not redraw:
            entry.prepare(quick)
    interrupted = False
    with ThreadPoolExecutor(1, "equipoise-draw") as beside:
        reported = beside.submit(Report, paper, form.out, len(chosen), command=command)
        try:
            with interruptible(), entries_progress(len(chosen), progress) as tell:
                with contextlib.closing(_runs(chosen, form, redraw, jobs, tell)) as runs:
                    for entry, run in runs:
                        reported = beside.submit(_report, reported, entry, run, form, tell)
                        _raise_if_failed(reported)
                reported.result()
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
    report = dataclasses.replace(reported.result(), interrupted=interrupted)
    report.write()
    return report


class _Ran(NamedTuple):
    """What an entry's run gave, and the seconds it took."""

    data: Data
    seconds: float


def _runs(
    chosen: Sequence[Entry], form: Form, redraw: bool, jobs: int, tell: Tell
) -> Generator[tuple[Entry, _Ran | None]]:
    """Each entry once it is run, with its data unless this lies in its files by now."""
    if jobs > 1 and len(chosen) > 1 and not redraw:
        with contextlib.closing(run_in_workers(chosen, form, jobs, lambda now: tell(now, ""))) as finished:
            for entry in finished:
                yield entry, None
        return
    for entry in chosen:
        tell(entry.id, "")
        yield entry, None if redraw else _run(entry, form)


def _run(entry: Entry, form: Form) -> _Ran:
    begin = time.perf_counter()
    data = entry.run(form.quick, form.seed)
    return _Ran(data, time.perf_counter() - begin)


def _raise_if_failed(reported: "Future[Report]") -> None:
    """Raise what checking or drawing has raised by now."""
    if reported.done():
        reported.result()


def _report(before: "Future[Report]", entry: Entry, run: _Ran | None, form: Form, tell: Tell) -> Report:
    """The report `before`, with one more entry, written; if that failed, this fails alike."""
    report = before.result()
    outcome = _outcome(entry, run, form)
    order = [entry.id for entry in report.paper.entries]
    outcomes = sorted((*report.outcomes, outcome), key=lambda outcome: order.index(outcome.entry.id))
    report = dataclasses.replace(report, outcomes=tuple(outcomes))
    report.write()
    tell("", f"{entry.id} {'holds' if outcome.holds else 'FAILS'} ({outcome.seconds:.1f} s)")
    return report


def _outcome(entry: Entry, run: _Ran | None, form: Form) -> Outcome:
    """One entry from its data to its figure. All that is checked and drawn is read back from the files."""
    if run is not None:
        save_data(entry, run.data, form.folder, quick=form.quick, seed=form.seed, seconds=run.seconds)
    stored = load_data(entry, form.folder, command=form.command(entry))
    verdict = entry.verdict(stored.data)
    stem = form.out / "figures" / entry.id
    figures = save_figure(styled(entry.draw)(stored.data), stem, draft=stored.quick) if entry.draw else ()
    settings = {name: _settings(dataset) for name, dataset in stored.data.items()}
    return Outcome(entry, verdict, figures, stored.files, stored.quick, stored.seed, stored.seconds, settings)


def _settings(dataset: xr.Dataset) -> dict[str, Any]:
    """The attributes that say what was run, with the settings that `simulate` keeps as JSON unpacked."""
    kept = {str(name): value for name, value in dataset.attrs.items() if name not in HOW_MADE}
    return {**kept, "settings": json.loads(kept["settings"])} if "settings" in kept else kept
