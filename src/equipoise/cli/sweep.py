"""`equipoise sweep`, with its commands `status`, `resume` and `export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

from equipoise.cli.options import AsJson, Flag, OptionalWholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table

if TYPE_CHECKING:
    import xarray as xr

    from equipoise.sweeps import Progress, Study

Scheduler = Annotated[str | None, Parameter(metavar="ADDRESS")]
"""The address of a Dask scheduler."""

Store = Annotated[Path, Parameter(metavar="STORE")]
"""The folder of a store."""

app = cyclopts.App(
    name="sweep",
    help="Run a grid of ensembles, in a store that grows and survives.",
    default_parameter=Parameter(negative=()),
    help_format="plaintext",
)


@app.default
def sweep(
    file: Annotated[Path, Parameter(metavar="STUDY.toml")],
    /,
    *,
    store: Annotated[Path | None, Parameter(metavar="DIR")] = None,
    jobs: OptionalWholeNumber = None,
    scheduler: Scheduler = None,
    dry_run: Flag = False,
    as_json: AsJson = False,
) -> int:
    """Run the study in a file, and keep it in a store; what the store has already is not run again.

    Ctrl-C keeps the finished blocks; the exit code is then 130, and the same command goes on. The exit code is 1 if a
    point failed.

    Parameters
    ----------
    file
        The study, as the page Sweeps of the documentation describes it.
    store
        The folder of the store; by default that in the file, else the name of the file with .zarr.
    jobs
        The number of processes on this machine; by default one per core.
    scheduler
        Run on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.
    dry_run
        Say the points, programs, bytes and time, and run only a part of one block.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    with only_results_on_stdout():
        from equipoise.sweeps import read_study

        found = read_study(file)
    place = store or found.store
    return _say_cost(found.study, place, as_json) if dry_run else _run(found.study, place, jobs, scheduler, as_json)


@app.command
def resume(
    store: Store,
    /,
    *,
    jobs: OptionalWholeNumber = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> int:
    """Go on with a sweep that was made from a file and interrupted; points that failed are tried again.

    Parameters
    ----------
    store
        The folder of the store.
    jobs
        The number of processes on this machine; by default one per core.
    scheduler
        Run on the workers of this Dask scheduler.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    with only_results_on_stdout():
        from equipoise.sweeps import stored_study

        study = stored_study(store)
    return _run(study, store, jobs, scheduler, as_json)


@app.command
def status(store: Store, /, *, as_json: AsJson = False) -> int:
    """Say how far a sweep has come, also while it runs.

    Parameters
    ----------
    store
        The folder of the store.
    as_json
        Print one JSON document on stdout.
    """
    with only_results_on_stdout():
        from equipoise.sweeps import status as read

        progress = read(store)
    if as_json:
        print_json(_document(store, progress))
    else:
        _print_progress(store, progress, to_stderr=False)
    return 0


@app.command
def export(
    store: Store,
    /,
    *,
    to: Literal["nc", "csv", "parquet"] = "nc",
    out: Annotated[Path | None, Parameter(metavar="FILE")] = None,
) -> int:
    """Write the dataset of a store as one file.

    Parameters
    ----------
    store
        The folder of the store.
    to
        nc keeps everything; csv and parquet have a line for each point, replicate and step.
    out
        The file to write; by default the name of the store with the ending of the format.
    """
    with only_results_on_stdout():
        from equipoise.sweeps import export as write

        path = write(store, out or store.with_suffix(f".{to}"), to)
    print_line(f"written to {path}")
    return 0


def _run(study: "Study", store: Path, jobs: int | None, scheduler: str | None, as_json: bool) -> int:
    with only_results_on_stdout():
        from equipoise.sweeps import status as read
        from equipoise.sweeps import sweep as run

        data = run(study, store, jobs=jobs, scheduler=scheduler)
        progress = read(store)
    _print_progress(store, progress, to_stderr=as_json)
    if as_json:
        print_json(_document(store, progress))
    if data.attrs["interrupted"]:
        print_line(f"interrupted; go on by: equipoise sweep resume {store}", to_stderr=True)
        return 130
    return 1 if _failed(data) else 0


def _failed(data: "xr.Dataset") -> bool:
    return bool((data["status"] == "failed").any())


def _say_cost(study: "Study", store: Path, as_json: bool) -> int:
    with only_results_on_stdout():
        from equipoise.sweeps import estimate

        cost = estimate(study, store)
    if as_json:
        print_json(cost._asdict())
        return 0
    rows = [
        ("points", f"{cost.points}, with {cost.replicates} replicates and {cost.steps} steps each"),
        ("that cannot be made", str(cost.failures)),
        ("programs", str(cost.programs)),
        ("blocks to run", str(cost.blocks)),
        ("dataset", f"{cost.bytes / 1e6:.3g} MB before compression; {cost.block_bytes / 1e6:.3g} MB a block"),
        ("time", f"about {_duration(cost.seconds)}; {cost.block_seconds:.2g} s a block, as measured on all cores"),
    ]
    print_table(("Cost", ""), rows)
    return 0


def _print_progress(store: Path, progress: "Progress", *, to_stderr: bool) -> None:
    """The counts in a table, and why points failed."""
    begun = "at work" if progress.running else "interrupted"
    counts = {"done": progress.done, "failed": progress.failed, begun: progress.interrupted, "to do": progress.to_do}
    rows = [(name, str(count), f"{count / max(progress.total, 1):.1%}") for name, count in counts.items()]
    title = f"{store}: {progress.points} points x {progress.replicates} replicates, {progress.steps} steps"
    print_table(("Replicates", "", ""), rows, title=title, to_stderr=to_stderr)
    for sentence, count in progress.failures.items():
        print_line(f"failed at {count} point{'' if count == 1 else 's'}: {sentence}", to_stderr=True)


def _document(store: Path, progress: "Progress") -> dict[str, object]:
    return {"store": store, **progress._asdict()}


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} min" if seconds < 5400 else f"{seconds / 3600:.2g} h"
