"""A paper again: run or load each entry, check it, draw it, and report."""

import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from equipoise.core.files import writable_folder
from equipoise.papers.entry import Entry
from equipoise.papers.interrupt import Interrupted, interruptible
from equipoise.papers.paper import Paper
from equipoise.papers.progress import entries_progress
from equipoise.papers.report import Outcome, Report
from equipoise.papers.storage import load_data, save_data
from equipoise.plots import save_figure, styled

HOW_MADE = {"entry_made", "entry_seconds", "entry_parts", "quick", "entry", "paper", "versions", "created", "seconds"}


def reproduce(
    paper: Paper,
    *,
    figures: Sequence[str] | None = None,
    quick: bool = False,
    out: Path,
    redraw: bool = False,
    progress: bool | None = None,
    command: str = "",
) -> Report:
    """Run, check and draw the entries `figures` (all of them for None) into the folder `out`.

    Writes out/data/<entry>.<name>.nc, out/figures/<entry>.png and .pdf, and, after every entry, out/claims.json and
    out/index.html, each whole or not at all. `quick` runs the entries in their short form. With `redraw` nothing is
    run: the data is read from out/data. Ctrl-C ends the entry at work; what was finished before is kept and reported.
    `progress` tells on stderr which entry is at work, by default only on a terminal. `command` is quoted in the report.
    Raises `InputError` for an unknown entry, for data that is not there, and for a folder that cannot be written.
    """
    chosen = paper.select(figures)
    report = Report(paper, writable_folder(out), len(chosen), command=command)
    try:
        with interruptible(), entries_progress(len(chosen), progress) as tell:
            for done, entry in enumerate(chosen):
                tell(done, entry.id, "")
                outcome = _outcome(entry, report.out, quick=quick, redraw=redraw)
                report = dataclasses.replace(report, outcomes=(*report.outcomes, outcome))
                report.write()
                tell(done + 1, "", f"{entry.id} {'holds' if outcome.holds else 'FAILS'} ({outcome.seconds:.1f} s)")
    except (Interrupted, KeyboardInterrupt):
        report = dataclasses.replace(report, interrupted=True)
    report.write()
    return report


def _outcome(entry: Entry, out: Path, *, quick: bool, redraw: bool) -> Outcome:
    """One entry from its run, or its data, to its figure. All that is checked and drawn is read back from the files."""
    folder = out / "data"
    if not redraw:
        begin = time.perf_counter()
        data = entry.run(quick)
        save_data(entry, data, folder, quick=quick, seconds=time.perf_counter() - begin)
    stored = load_data(entry, folder, command=_command(entry, out, quick))
    verdict = entry.verdict(stored.data)
    figures = save_figure(styled(entry.draw)(stored.data), out / "figures" / entry.id) if entry.draw else ()
    settings = {name: _settings(dataset) for name, dataset in stored.data.items()}
    return Outcome(entry, verdict, figures, stored.files, stored.quick, stored.seconds, settings)


def _settings(dataset: xr.Dataset) -> dict[str, Any]:
    """The attributes that say what was run, with the settings that `simulate` keeps as JSON unpacked."""
    kept = {str(name): value for name, value in dataset.attrs.items() if name not in HOW_MADE}
    return {**kept, "settings": json.loads(kept["settings"])} if "settings" in kept else kept


def _command(entry: Entry, out: Path, quick: bool) -> str:
    return f"equipoise reproduce {entry.paper} --figure {entry.id}{' --quick' if quick else ''} --out {out}"
