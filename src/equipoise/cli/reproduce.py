"""`equipoise reproduce`."""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from equipoise.cli.options import AsJson, Flag, Folder, OptionalWholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table
from equipoise.cli.threads import one_thread
from equipoise.core.errors import InputError

if TYPE_CHECKING:
    from equipoise.papers import Report

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
    names = _named(papers, claim)
    how = {"quick": quick, "seed": seed, "redraw": redraw, "jobs": jobs, "scheduler": scheduler}

    def command(paper: str) -> str:
        return _command(paper, claim, quick, seed, out if len(names) == 1 else out / paper, redraw)

    reports = []
    for report in _reports(names, claim, out, how, command):
        reports.append(report)
        _print_verdicts(report, to_stderr=as_json)
        print_line(_ending(report), to_stderr=as_json)
    if as_json:
        documents = [_document(report) for report in reports]
        print_json(documents[0] if len(names) == 1 else {"papers": documents})
    if reports[-1].interrupted:
        return 130
    return 0 if all(report.holds for report in reports) else 1


def _named(papers: tuple[str, ...], claim: list[str] | None) -> list[str]:
    """The ids of the papers, which must be one if claims are chosen."""
    from equipoise.papers import known

    names = list(known()) if papers == (_ALL,) else list(papers)
    if not names:
        raise InputError(f'No paper is named; give the ids of papers, as "equipoise claims" lists them, or {_ALL}.')
    if len(names) > 1 and claim:
        raise InputError(f"--claim chooses among the claims of one paper, and {len(names)} are named; name one.")
    return names


def _reports(
    names: list[str], claim: list[str] | None, out: Path, how: dict[str, Any], command: Callable[[str], str]
) -> "Iterator[Report]":
    """The report of each paper when it is done; what claims print meanwhile does not go to stdout."""
    from equipoise.papers import paper, reproduce, reproduce_several

    if len(names) == 1:
        (name,) = names
        each: Iterator[Report] = (
            reproduce(paper(name), claims=claim, out=out, command=command(name), **how) for _ in range(1)
        )
    else:
        found = [paper(name) for name in names]
        each = reproduce_several(found, out=out, command=lambda one: command(one.id), **how)
    while True:
        with only_results_on_stdout(), one_thread(bool(how["quick"])):
            report = next(each, None)
        if report is None:
            return
        yield report


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
