"""`equipoise complete`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from equipoise.cli.complete_input import MOVIELENS, Parts, Source, read, split
from equipoise.cli.model import Use, check_use, use_model
from equipoise.cli.options import AsJson, OptionalWholeNumber, WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json_file, print_line, print_table
from equipoise.cli.reading import Reading
from equipoise.datasets.formats import holding, in_brief

if TYPE_CHECKING:
    from equipoise.estimators import Completion, CompletionScore

_Center = Annotated[
    bool | None,
    Parameter(name=("--center", "--centre"), negative=("--no-center", "--no-centre"), show_default=False),
]
_Scale = Annotated[bool | None, Parameter(negative="--no-scale", show_default=False)]
_Clip = Annotated[tuple[float, float] | None, Parameter(negative=())]
_Several = Parameter(consume_multiple=(1, None))
_Input = Parameter(
    help=f"Triplets (row, column, value): {in_brief(holding('triplets'))}; or a matrix with missing entries: "
    f"{in_brief(holding('matrix'))}; or {MOVIELENS} for that data set; or - for standard input."
)


def complete(
    file: Annotated[Path | None, _Input] = None,
    /,
    *,
    by: Annotated[list[str] | None, _Several] = None,
    depth: WholeNumber = 2,
    width: OptionalWholeNumber = None,
    center: _Center = None,
    scale: _Scale = None,
    clip: _Clip = None,
    no_clip: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    hold_out: float | None = None,
    hold_out_per_row: OptionalWholeNumber = None,
    test: float | None = None,
    weights: str | None = None,
    steps: OptionalWholeNumber = None,
    step_size: float | None = None,
    start_norm: float | None = None,
    gap: float = 1e-4,
    max_seconds: float = 60.0,
    seed: WholeNumber = 0,
    reading: Reading | None = None,
    dense: Annotated[bool, Parameter(name="--all", show_default=False)] = False,
    use: Use | None = None,
    out: Annotated[Path | None, Parameter(metavar="DIR", show_default=False)] = None,
    as_json: AsJson = False,
) -> int:
    """Complete a matrix from some of its entries: ratings, or a table with missing cells.

    Compares the methods with two baselines: root mean square errors on the entries for training, held out and for the
    test, nuclear norm and effective rank. Writes DIR/predictions.csv, factors.npz, run.nc, certificate.json,
    summary.json, errors.png, answer.png and a model, which --model uses later. Ctrl-C keeps the result so far, with
    exit code 130.

    Parameters
    ----------
    by
        The methods: small-init (gradient descent from a small start; the default), noise (Perturbed GD with fading
        noise), penalized (a nuclear-norm penalty, for ratings) and nuclear-norm (the convex problem, with a proven
        interval). Or auto: the held-out entries choose the method and the width.
    depth
        The number of factors; 2 is XYᵀ.
    width
        The number of columns of the factors; by default the smaller side of the matrix, but at most 200, and less
        for large matrices.
    center
        First subtract row and column means, fitted to the training entries; --centre does the same. By default the
        held-out error chooses.
    scale
        Divide rows and columns by their standard deviations; by default those whose units differ.
    clip
        The least and the greatest prediction; by default those seen, if the entries are ratings.
    no_clip
        Do not clip predictions.
    hold_out
        The fraction of entries to hold out; they choose the step and the method to keep. The default is 0.1, or 0 of
        fewer than 20 entries; 0 holds out none.
    hold_out_per_row
        Hold out this many entries of every row instead.
    test
        The fraction of entries reserved for a final test; it influences no choice.
    weights
        The title of a column of positive numbers, by which the squared errors of the entries are multiplied.
    steps
        The largest number of steps; by default as many as take about a minute.
    step_size
        The step size; by default relative to the largest singular value of the training entries.
    start_norm
        The Frobenius norm of each factor at the start; by default small, relative to that singular value.
    gap
        The relative gap at which the method nuclear-norm stops.
    max_seconds
        The time in seconds after which the method nuclear-norm stops.
    seed
        The seed of the split, the start and the noise.
    dense
        Also write the completed matrix, DIR/completed.npy.
    out
        The folder to write to; by default out. With --model the file of the answers, or the folder of the new model.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    given = locals()
    check_use(use or Use(), given, complete)
    if use is not None and use.model is not None:
        return use_model(use, reading or Reading(), out, as_json)
    from equipoise.core.files import output_folder
    from equipoise.estimators import CompletionModel
    from equipoise.estimators import complete as run

    assert file is not None
    with only_results_on_stdout():
        limits = _clip(clip, no_clip)
        source = read(file, reading or Reading(), weights)
        parts = split(source.entries, hold_out, hold_out_per_row, test, seed)
        with output_folder(out or Path("out")) as folder:
            found = run(
                parts.training,
                parts.held_out,
                test=parts.test,
                by=by or "small-init",
                depth=depth,
                width=width,
                center=center,
                scale=scale,
                clip=limits,
                steps=steps,
                step_size=step_size,
                start_norm=start_norm,
                gap=gap,
                max_seconds=max_seconds,
                seed=seed,
            )
            about = {"file": file, "read_as": source.said}
            model = CompletionModel.of(found, titles=source.titles, file=file, about=about)
            paths = found.save(folder, dense=dense, about=about, also=lambda fresh: model.save(fresh, home=folder))
    _print(found, _title(parts, file, source), folder, as_json)
    if as_json:
        print_json_file(paths["summary"])
    return 130 if found.interrupted else 0


def _clip(clip: tuple[float, float] | None, no_clip: bool) -> tuple[float, float] | bool | None:
    """The range, False for none, or None to decide; raises `InputError` if both are given."""
    from equipoise.core.errors import InputError

    if clip is not None and no_clip:
        raise InputError("--clip and --no-clip exclude each other; give one of them.")
    return False if no_clip else clip


def _title(parts: Parts, file: Path, source: Source) -> str:
    rows, columns = parts.training.shape
    others = [
        f"{len(part)} {said}" for part, said in ((parts.held_out, "held out"), (parts.test, "for the test")) if part
    ]
    counts = ", ".join([f"{len(parts.training)} entries for training", *others])
    return f"{file.name}: {rows} x {columns}, read as {source.said}; {counts}"


def _print(found: "Completion", title: str, folder: Path, as_json: bool) -> None:
    shown = [
        ("Method", _method),
        ("Train", lambda score: _number(score.training_rmse)),
        ("Held out", lambda score: _number(score.held_out_rmse)),
        ("Test", lambda score: _number(score.test_rmse)),
        ("Nuclear", lambda score: _number(score.nuclear_norm)),
        ("Rank", lambda score: "–" if score.effective_rank is None else f"{score.effective_rank:.1f}"),
        ("Step", lambda score: "–" if score.best_step is None else str(score.best_step)),
        ("Time", lambda score: "–" if score.seconds is None else _duration(score.seconds)),
    ]
    absent = {"Held out": found.held_out is None, "Test": found.test is None}
    shown = [(name, cell) for name, cell in shown if not absent.get(name)]
    rows = [tuple(cell(score) for _, cell in shown) for score in found.scores]
    print_line(title, to_stderr=as_json)
    print_table(tuple(name for name, _ in shown), rows, to_stderr=as_json)
    if len(found.fits) > 1 or found.keeps_baseline:
        print_line(f"kept: {found.score.method}", to_stderr=as_json)
    for note in found.notes:
        print_line(f"note: {note}", to_stderr=as_json)
    print_line(f"written to {folder}", to_stderr=as_json)


def _method(score: "CompletionScore") -> str:
    """The name of the method, short enough for a table of 80 columns."""
    name = score.method.replace("row and column means", "row+column")
    return f"{name}, {score.status}" if score.status == "interrupted" else name


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def _number(value: float | None) -> str:
    """At most four decimals or significant figures, no powers of ten below ten million, and one figure near 0."""
    if value is None:
        return "–"
    if 1e-3 <= abs(value) < 10:
        return f"{value:.4f}"
    if abs(value) < 1e-3:
        return f"{value:.0e}" if value else "0"
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
