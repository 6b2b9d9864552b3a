"""`equipoise complete`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from equipoise.cli.complete_input import MOVIELENS, Duplicates, Form, Parts, Reading, Source, read, split
from equipoise.cli.options import AsJson, Flag, Folder, OptionalWholeNumber, WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table
from equipoise.datasets.formats import holding, in_brief

if TYPE_CHECKING:
    from equipoise.estimators import Completion, Score

_Several = Parameter(consume_multiple=(1, None))
_Input = Parameter(
    help=f"Triplets (row, column, value): {in_brief(holding('triplets'))}; or a matrix with missing entries: "
    f"{in_brief(holding('matrix'))}; or {MOVIELENS} for that data set."
)


def complete(
    file: Annotated[Path, _Input],
    /,
    *,
    by: Annotated[list[str] | None, _Several] = None,
    depth: WholeNumber = 2,
    width: OptionalWholeNumber = None,
    centre: Flag = False,
    hold_out: float | None = None,
    hold_out_per_row: OptionalWholeNumber = None,
    test: float | None = None,
    steps: OptionalWholeNumber = None,
    step_size: float | None = None,
    start_norm: float | None = None,
    gap: float = 1e-4,
    max_seconds: float = 60.0,
    seed: WholeNumber = 0,
    format: Form = "auto",
    columns: Annotated[list[str] | None, _Several] = None,
    header: Annotated[bool | None, Parameter(negative="--no-header")] = None,
    key: str | None = None,
    duplicates: Duplicates = "error",
    dense: Annotated[bool, Parameter(name="--all", show_default=False)] = False,
    out: Folder = Path("out"),
    as_json: AsJson = False,
) -> int:
    """Fill in a matrix from some of its entries: ratings, or a table with holes.

    Sets the methods beside two baselines: errors (RMSE) on training entries and on those held out, nuclear norm,
    effective rank. Writes DIR/predictions.csv, factors.npz, run.nc, certificate.json, summary.json and errors.png and
    .pdf. The exit code is 130 after Ctrl-C, which keeps what was reached.

    Parameters
    ----------
    by
        The methods: small-init (gradient descent from a small start; the default), noise (Perturbed GD whose noise
        fades) and nuclear-norm (the convex problem, with a proven interval).
    depth
        The number of factors; 2 is XYᵀ.
    width
        The number of columns of the factors; by default all that can matter, 200 at most, fewer for large matrices.
    centre
        Subtract row and column means, fitted to the training entries, first.
    hold_out
        The fraction of entries to hold out, which choose the step that is kept; 0 for none. The default is 0.1.
    hold_out_per_row
        Hold out so many entries of every row instead.
    test
        Keep this fraction of entries for a test that nothing is chosen by.
    steps
        The most steps to take.
    step_size
        The step size; by default relative to the largest singular value of the training entries.
    start_norm
        The Frobenius norm of each factor at the start; by default small, relative to the same.
    gap
        The relative gap at which the convex problem is solved.
    max_seconds
        The longest time for the convex problem.
    seed
        The seed of the split, the start and the noise.
    format
        Whether the file holds triplets or a matrix; by default, text of 3 or 4 columns without an empty cell has
        triplets, as have formats for nothing else.
    columns
        The titles of row ids, column ids and values, for triplets.
    header
        Whether the first line of a table is a header; looked at by default.
    key
        The name of the array in a .npz archive.
    duplicates
        What to do with several values at one place: an error, their mean, or the last.
    dense
        Also write the completed matrix, DIR/completed.npy.
    out
        The folder to write into.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.estimators import complete as run

    with only_results_on_stdout():
        source = read(file, Reading(format, columns, header, key, duplicates))
        parts = split(source.entries, hold_out, hold_out_per_row, test, seed)
        with _folder(out) as folder:
            found = run(
                parts.training,
                parts.held_out,
                test=parts.test,
                by=by or "small-init",
                depth=depth,
                width=width,
                centre=centre,
                steps=steps,
                step_size=step_size,
                start_norm=start_norm,
                gap=gap,
                max_seconds=max_seconds,
                seed=seed,
            )
            document = _write(found, folder, file, source, dense)
    _print(found, _title(parts, file, source), document["notes"], folder, as_json)
    if as_json:
        print_json(document)
    return 130 if found.interrupted else 0


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """The output folder, told to be writable before the work; gone again if the work fails."""
    from equipoise.core.files import writable_folder

    existed = path.exists()
    folder = writable_folder(path)
    try:
        yield folder
    except BaseException:
        if not existed:
            with contextlib.suppress(OSError):
                folder.rmdir()  # only if empty
        raise


def _write(found: "Completion", folder: Path, file: Path, source: Source, dense: bool) -> dict[str, Any]:
    """All files, the summary last; the summary, with the path of each."""
    from equipoise.core.files import write_text
    from equipoise.core.strict_json import to_json
    from equipoise.plots import draw_runs, save_figure

    paths = found.save(folder, dense=dense)
    runs = {fit.method: fit.run.dataset for fit in found.fits if fit.run is not None}
    if runs:
        errors = ("training_rmse", "held_out_rmse") if found.held_out is not None else ("training_rmse",)
        paths["picture"], paths["picture_pdf"] = save_figure(draw_runs(runs, errors), folder / "errors")
    paths["summary"] = folder / "summary.json"
    document = {"file": file, "read_as": source.said, **found.summary(), "files": paths}
    write_text(paths["summary"], to_json(document))
    return document


def _title(parts: Parts, file: Path, source: Source) -> str:
    rows, columns = parts.training.shape
    others = [
        f"{len(part)} {said}" for part, said in ((parts.held_out, "held out"), (parts.test, "for the test")) if part
    ]
    counts = ", ".join([f"{len(parts.training)} entries for training", *others])
    return f"{file.name}: {rows} x {columns}, read as {source.said}; {counts}"


def _print(found: "Completion", title: str, notes: list[str], folder: Path, as_json: bool) -> None:
    shown = [
        ("Method", _method),
        ("Train", lambda score: _number(score.training_rmse)),
        ("Held out", lambda score: _number(score.held_out_rmse)),
        ("Test", lambda score: _number(score.test_rmse)),
        ("Nuclear", lambda score: _number(score.nuclear_norm)),
        ("Rank", lambda score: "–" if score.effective_rank is None else f"{score.effective_rank:.1f}"),
        ("Step", lambda score: "–" if score.best_step is None else str(score.best_step)),
        ("Time", lambda score: "–" if score.seconds is None else f"{score.seconds:.0f} s"),
    ]
    absent = {"Held out": found.held_out is None, "Test": found.test is None}
    shown = [(name, cell) for name, cell in shown if not absent.get(name)]
    rows = [tuple(cell(score) for _, cell in shown) for score in found.scores]
    print_line(title, to_stderr=as_json)
    print_table(tuple(name for name, _ in shown), rows, to_stderr=as_json)
    if len(found.fits) > 1:
        print_line(f"kept: {found.fit.method}", to_stderr=as_json)
    for note in notes:
        print_line(f"note: {note}", to_stderr=as_json)
    print_line(f"written to {folder}", to_stderr=as_json)


def _method(score: "Score") -> str:
    """Short enough for a table of 80 columns."""
    name = score.method.replace("row and column means", "row+column")
    return f"{name}, {score.status}" if score.status == "interrupted" else name


def _number(value: float | None) -> str:
    """At most four decimals or figures, no powers of ten below ten million, and one figure of what is next to 0."""
    if value is None:
        return "–"
    if 1e-3 <= abs(value) < 10:
        return f"{value:.4f}"
    if abs(value) < 1e-3:
        return f"{value:.0e}" if value else "0"
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
