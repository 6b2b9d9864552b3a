"""A paper again: run or load each entry, check it, draw it, and report."""

import dataclasses
import json
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from equipoise.core.checks import whole_number
from equipoise.core.files import writable_folder
from equipoise.papers.entry import Data, Entry
from equipoise.papers.interrupt import Interrupted, interruptible
from equipoise.papers.paper import Paper
from equipoise.papers.progress import Tell, entries_progress
from equipoise.papers.report import Outcome, Report
from equipoise.papers.storage import load_data, save_data
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
    progress: bool | None = None,
    command: str = "",
) -> Report:
    """Run, check and draw the entries `figures` (all of them for None) into the folder `out`.

    Writes out/data/<entry>.<name>.nc, out/figures/<entry>.png and .pdf, and, after every entry, out/claims.json and
    out/index.html, each whole or not at all. `quick` runs the entries in their short form. `seed` is the paper's own
    for None. With `redraw` nothing is run: the data is read from out/data, and keeps the seed it was made with. An
    entry is checked and drawn beside the run of the next one. Ctrl-C ends the run at work; the entries whose runs were
    finished before are kept and reported. `progress` tells on stderr which entry is at work, by default only on a
    terminal. `command` is quoted in the report.
    Raises `InputError` for an unknown entry, for a seed that is negative or no whole number, for data that is not
    there, and for a folder that cannot be written.
    """
    chosen = paper.select(figures)
    seed = paper.seed if seed is None else whole_number("The seed", seed, 0, LARGEST_SEED)
    form = _Form(writable_folder(out), quick, seed, None if seed == paper.seed else seed)
    for entry in chosen:
        if entry.prepare and not redraw:
            entry.prepare(quick)
    interrupted = False
    with ThreadPoolExecutor(1, "equipoise-draw") as beside:
        reported = beside.submit(Report, paper, form.out, len(chosen), command=command)
        try:
            with interruptible(), entries_progress(len(chosen), progress) as tell:
                for entry in chosen:
                    tell(entry.id, "")
                    run = None if redraw else _run(entry, form)
                    reported = beside.submit(_report, reported, entry, run, form, tell)
                    _raise_if_failed(reported)
                reported.result()
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
    report = dataclasses.replace(reported.result(), interrupted=interrupted)
    report.write()
    return report


class _Form(NamedTuple):
    """How all entries are run, and where to; `seed_asked` is None if the seed is the paper's own."""

    out: Path
    quick: bool
    seed: int
    seed_asked: int | None

    def command(self, entry: Entry) -> str:
        seed = "" if self.seed_asked is None else f" --seed {self.seed_asked}"
        quick = " --quick" if self.quick else ""
        return f"equipoise reproduce {entry.paper} --figure {entry.id}{quick}{seed} --out {self.out}"


class _Ran(NamedTuple):
    """What an entry's run gave, and the seconds it took."""

    data: Data
    seconds: float


def _run(entry: Entry, form: _Form) -> _Ran:
    begin = time.perf_counter()
    data = entry.run(form.quick, form.seed)
    return _Ran(data, time.perf_counter() - begin)


def _raise_if_failed(reported: "Future[Report]") -> None:
    """Raise what checking or drawing has raised by now."""
    if reported.done():
        reported.result()


def _report(before: "Future[Report]", entry: Entry, run: _Ran | None, form: _Form, tell: Tell) -> Report:
    """The report `before`, with one more entry, written; if that failed, this fails alike."""
    report = before.result()
    outcome = _outcome(entry, run, form)
    report = dataclasses.replace(report, outcomes=(*report.outcomes, outcome))
    report.write()
    tell("", f"{entry.id} {'holds' if outcome.holds else 'FAILS'} ({outcome.seconds:.1f} s)")
    return report


def _outcome(entry: Entry, run: _Ran | None, form: _Form) -> Outcome:
    """One entry from its data to its figure. All that is checked and drawn is read back from the files."""
    folder = form.out / "data"
    if run is not None:
        save_data(entry, run.data, folder, quick=form.quick, seed=form.seed, seconds=run.seconds)
    stored = load_data(entry, folder, command=form.command(entry))
    verdict = entry.verdict(stored.data)
    stem = form.out / "figures" / entry.id
    figures = save_figure(styled(entry.draw)(stored.data), stem, draft=stored.quick) if entry.draw else ()
    settings = {name: _settings(dataset) for name, dataset in stored.data.items()}
    return Outcome(entry, verdict, figures, stored.files, stored.quick, stored.seed, stored.seconds, settings)


def _settings(dataset: xr.Dataset) -> dict[str, Any]:
    """The attributes that say what was run, with the settings that `simulate` keeps as JSON unpacked."""
    kept = {str(name): value for name, value in dataset.attrs.items() if name not in HOW_MADE}
    return {**kept, "settings": json.loads(kept["settings"])} if "settings" in kept else kept
