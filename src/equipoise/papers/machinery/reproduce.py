"""Reproduction of a paper: run or load each claim, check it, draw it, and report."""

import contextlib
import dataclasses
import time
from collections.abc import Generator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from equipoise.core.checks import whole_number
from equipoise.core.files import output_folder
from equipoise.machine.interrupt import Interrupted, interruptible
from equipoise.papers.machinery.check import Data
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.form import Form
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.machinery.progress import Tell, claims_progress
from equipoise.papers.machinery.report import Outcome, Report
from equipoise.papers.machinery.storage import load_data, save_data
from equipoise.papers.machinery.workers import default_jobs, run_in_workers
from equipoise.plots import save_figure, styled

LARGEST_SEED = 2**62
"""Below the limit of `simulate`, since claims add numbers of their own."""


def reproduce(
    paper: Paper,
    *,
    claims: Sequence[str] | None = None,
    quick: bool = False,
    seed: int | None = None,
    out: Path,
    redraw: bool = False,
    jobs: int | None = 1,
    scheduler: str | None = None,
    executor: Executor | None = None,
    progress: bool | None = None,
    command: str = "",
) -> Report:
    """Run, check and draw the claims of a paper.

    Writes `out/data/<claim>.<name>.nc`, `out/figures/<claim>.png` and, unless `quick`, `.pdf`, and, after every claim,
    `out/claims.json` and `out/index.html`, each whole or not at all. A claim is checked and drawn while the next claims
    run. Ctrl-C ends the current runs; the claims whose runs were finished before are kept and reported.

    - `paper`: the paper, as found by `equipoise.papers.paper`.
    - `claims`: the ids of the claims to run; by default all of them.
    - `quick`: whether to run a shorter form with fewer replicates; False by default.
    - `seed`: the seed of all random numbers, a whole number from 0 to 2⁶²; by default the paper's own.
    - `out`: the folder to write to, created if needed.
    - `redraw`: whether to run nothing, and only check and draw the data in `out`, which keeps its seed; False by
      default.
    - `jobs`: the number of claims to run at once; None for one per core, at most 4; 1 by default. With more than one,
      each runs in its own process.
    - `scheduler`: the address of a Dask scheduler, on whose workers the claims run in place of `jobs` processes; they
      must see `out` under the same path. None by default.
    - `executor`: processes to run the claims in, in place of `jobs`; they are not shut down. None by default.
    - `progress`: whether to show progress on stderr; by default only on a terminal.
    - `command`: a command line to quote in the report; none by default.

    Raises `InputError` for an unknown claim, for a seed or a number of jobs that is not a whole number or out of range,
    for missing data, and for a folder that cannot be written.
    """
    chosen = paper.select(claims)
    seed = paper.seed if seed is None else whole_number("The seed", seed, 0, LARGEST_SEED)
    jobs = default_jobs(chosen) if jobs is None else whole_number("The number of jobs", jobs, 1)
    with output_folder(out) as folder:
        form = Form(paper.id, folder, quick, seed, None if seed == paper.seed else seed)
        for claim in chosen:
            if claim.prepare and not redraw:
                claim.prepare(quick)
        where = _Where(jobs, scheduler, executor)
        empty = Report(paper, folder, len(chosen), command=command)
        return _reported(empty, chosen, form, where, redraw=redraw, progress=progress)


class _Where(NamedTuple):
    """Where claims run: in so many processes, on the workers of a Dask scheduler, or by an executor."""

    jobs: int
    scheduler: str | None
    executor: Executor | None

    def is_here(self, claims: int) -> bool:
        """Whether so many claims run in this process."""
        return not (self.scheduler or self.executor or (self.jobs > 1 and claims > 1))


def _reported(
    empty: Report,
    chosen: Sequence[Claim],
    form: Form,
    where: _Where,
    *,
    redraw: bool,
    progress: bool | None,
) -> Report:
    """The report on all claims, or on those finished before Ctrl-C; a thread draws it during the runs."""
    interrupted = False
    with ThreadPoolExecutor(1, "equipoise-draw") as beside:
        reported = beside.submit(lambda: empty)
        try:
            with interruptible(), claims_progress(len(chosen), progress) as tell:
                with contextlib.closing(_runs(chosen, form, redraw, where, tell)) as runs:
                    for claim, run in runs:
                        reported = beside.submit(_report, reported, claim, run, form, tell)
                        _raise_if_failed(reported)
                reported.result()
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
    report = dataclasses.replace(reported.result(), interrupted=interrupted)
    report.write()
    return report


class _Ran(NamedTuple):
    """The data of a claim's run, and its time in seconds."""

    data: Data
    seconds: float


def _runs(
    chosen: Sequence[Claim], form: Form, redraw: bool, where: _Where, tell: Tell
) -> Generator[tuple[Claim, _Ran | None]]:
    """Each claim after its run, with its data, or with None if the data is already in its files."""
    if not redraw and not where.is_here(len(chosen)):
        at_work = run_in_workers(chosen, form, where.jobs, lambda now: tell(now, ""), where.scheduler, where.executor)
        with contextlib.closing(at_work) as finished:
            for claim in finished:
                yield claim, None
        return
    for claim in chosen:
        tell(claim.id, "")
        yield claim, None if redraw else _run(claim, form)


def _run(claim: Claim, form: Form) -> _Ran:
    begin = time.perf_counter()
    data = claim.run(form.quick, form.seed)
    return _Ran(data, time.perf_counter() - begin)


def _raise_if_failed(reported: "Future[Report]") -> None:
    """Raise any error that checking or drawing has raised so far."""
    if reported.done():
        reported.result()


def _report(before: "Future[Report]", claim: Claim, run: _Ran | None, form: Form, tell: Tell) -> Report:
    """The report `before` with one more claim, written to disk; it fails if `before` failed."""
    report = before.result()
    outcome = _outcome(report.paper, claim, run, form)
    order = [each.id for each in report.paper.claims]
    outcomes = sorted((*report.outcomes, outcome), key=lambda outcome: order.index(outcome.claim.id))
    report = dataclasses.replace(report, outcomes=tuple(outcomes))
    report.write()
    ours = "holds" if outcome.holds else "FAILS"
    tell("", f"{claim.id} {ours}; as printed: {outcome.printed['verdict']} ({outcome.seconds:.1f} s)")
    return report


def _outcome(paper: Paper, claim: Claim, run: _Ran | None, form: Form) -> Outcome:
    """The outcome of one claim; checks and figure use the data as read back from the files."""
    if run is not None:
        save_data(claim, run.data, form, seconds=run.seconds)
    stored = load_data(claim, form)
    how = {"quick": stored.quick, "seed": stored.seed, "seconds": round(stored.seconds, 3)}
    verdict = {**paper.about(claim), **claim.verdict(stored.data), **how}
    stem = form.out / "figures" / claim.id
    figures = save_figure(styled(claim.draw)(stored.data), stem, draft=stored.quick) if claim.draw else ()
    return Outcome(claim, verdict, figures, stored.files, stored.settings)
