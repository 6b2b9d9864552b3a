"""`equipoise reproduce`."""

import shlex
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from equipoise.cli.options import AsJson, Flag, Folder, OptionalWholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table
from equipoise.cli.threads import one_thread
from equipoise.core.errors import InputError

if TYPE_CHECKING:
    from equipoise.papers import Paper, Report

_ALL = "all"
_PAPERS = f'The ids of papers, as "equipoise claims" lists them; {_ALL} for every one.'

ClaimIds = Annotated[
    list[str] | None, Parameter(name=("--claim", "--figure"), metavar="ID...", consume_multiple=(1, None))
]
"""Ids of claims; `--figure` is another name for the option."""


def reproduce(
    *papers: Annotated[str, Parameter(metavar="PAPER", help=_PAPERS)],
    claim: ClaimIds = None,
    quick: Flag = False,
    seed: OptionalWholeNumber = None,
    out: Folder = Path("out"),
    redraw: Flag = False,
    jobs: OptionalWholeNumber = None,
    scheduler: Annotated[str | None, Parameter(metavar="ADDRESS")] = None,
    as_json: AsJson = False,
) -> int:
    """Run the experiments of papers: figures, data, and two verdicts on every claim.

    One verdict is on our checks, the other on what the paper prints. Writes DIR/index.html, DIR/claims.json,
    DIR/figures and DIR/data; for several papers into DIR/PAPER each. The exit code follows our checks: it is 1 if one
    fails, and 130 after Ctrl-C, which keeps the finished claims.

    Parameters
    ----------
    claim
        The claims to run, such as figure2 lemma1; all of them by default.
    quick
        Run a shorter form, with fewer replicates.
    seed
        The seed of all random numbers; by default that of the published results.
    out
        The folder to write into.
    redraw
        Run nothing; check and draw the data in the folder.
    jobs
        The number of claims to run at once, each in its own process; by default one per core, at most 4.
    scheduler
        Run on the workers of this Dask scheduler, which must see DIR under the same path.
    as_json
        Print one JSON document on stdout, and everything else on stderr; for several papers it lists them.
    """
    from equipoise.papers import reproduce as run

    chosen = _chosen(papers, claim)
    reports: list[Report] = []
    with _processes(list(chosen.values()), jobs, scheduler, redraw) as processes:
        for name, paper in chosen.items():
            folder = out if len(chosen) == 1 else out / paper.id
            command = _command(name, claim, quick, seed, folder, redraw)
            with only_results_on_stdout(), one_thread(quick):
                report = run(
                    paper,
                    claims=claim,
                    quick=quick,
                    seed=seed,
                    out=folder,
                    redraw=redraw,
                    jobs=jobs,
                    scheduler=scheduler,
                    executor=processes,
                    command=command,
                )
            reports.append(report)
            _print_verdicts(report, to_stderr=as_json)
            print_line(_ending(report), to_stderr=as_json)
            if report.interrupted:
                break
    if as_json:
        documents = [_document(report) for report in reports]
        print_json(documents[0] if len(chosen) == 1 else {"papers": documents})
    if reports[-1].interrupted:
        return 130
    return 0 if all(report.holds for report in reports) else 1


def _chosen(names: tuple[str, ...], claim: list[str] | None) -> "dict[str, Paper]":
    """The papers by the names given, each once; claims can be chosen of one paper alone."""
    from equipoise.papers import known, paper

    names = known() if names == (_ALL,) else names
    if not names:
        raise InputError(f'No paper is named; give the ids of papers, as "equipoise claims" lists them, or {_ALL}.')
    if len(names) > 1 and claim:
        raise InputError(f"--claim chooses among the claims of one paper, and {len(names)} are named; name one.")
    found = [paper(name) for name in names]
    ids = [each.id for each in found]
    if twice := [name for number, name in enumerate(ids) if name in ids[:number]]:
        raise InputError(f"The paper {twice[0]} is named twice; name each paper once.")
    return dict(zip(names, found, strict=True))


def _processes(
    chosen: "list[Paper]", jobs: int | None, scheduler: str | None, redraw: bool
) -> "AbstractContextManager[Executor | None]":
    """Processes for several papers; one paper starts its own, and none are needed on a cluster or to draw again."""
    from equipoise.papers import shared_processes

    return nullcontext() if len(chosen) == 1 or scheduler or redraw else shared_processes(chosen, jobs)


def _document(report: "Report") -> dict[str, object]:
    return {
        "paper": report.paper.id,
        "quick": report.quick,
        "out": report.out,
        "holds": report.holds,
        "interrupted": report.interrupted,
        "claims": report.verdicts,
    }


def _ending(report: "Report") -> str:
    done = f"{len(report.outcomes)} of {report.chosen} claims" if report.interrupted else "everything"
    stopped = "interrupted; " if report.interrupted else ""
    return f"{stopped}{done} written to {report.out / 'index.html'}"


def _print_verdicts(report: "Report", *, to_stderr: bool) -> None:
    """The table of both verdicts, the reason where what is printed does not hold or is not decided, and the summary."""
    from equipoise.papers.machinery.summary import checked, judged_as

    if not report.outcomes:
        return
    rows = [
        (o.claim.id, o.claim.source, checked(o.holds), judged_as(o.printed["verdict"]), f"{o.seconds:.1f} s")
        for o in report.outcomes
    ]
    columns = ("Claim", "Source", "Our checks", "As printed", "Time")
    print_table(columns, rows, title=report.paper.citation, to_stderr=to_stderr)
    for outcome in report.outcomes:
        if outcome.printed["verdict"] != "holds":
            said = f"{outcome.claim.id}, as printed: {outcome.printed['verdict']}. {outcome.printed['because']}"
            print_line(said, to_stderr=to_stderr)
    print_line(f"{report.summary}.", to_stderr=to_stderr)


def _command(paper: str, claim: list[str] | None, quick: bool, seed: int | None, out: Path, redraw: bool) -> str:
    """The command line that does the same."""
    words = ["equipoise", "reproduce", paper, *(["--claim", *claim] if claim else [])]
    words += (
        ["--quick"] * quick
        + ([] if seed is None else ["--seed", str(seed)])
        + ["--redraw"] * redraw
        + ["--out", str(out)]
    )
    return shlex.join(words)
