"""`equipoise factor`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from equipoise.cli.options import AsJson, Folder, OptionalWholeNumber, WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line, print_table
from equipoise.datasets.formats import holding, in_brief

if TYPE_CHECKING:
    from equipoise.estimators import Factorization

_COLUMNS = ("Method", "Error", "Balance", "Nuclear", "λmax", "κ", "Steps", "Time")


def factor(
    file: Annotated[Path, Parameter(help=f"The matrix: {in_brief(holding('matrix'))}.")],
    /,
    *,
    rank: WholeNumber,
    gamma: float = 1.0,
    steps: OptionalWholeNumber = None,
    step_size: float | None = None,
    noise: float | None = None,
    start_balance: float = 100.0,
    start_scale: float | None = None,
    seed: WholeNumber = 0,
    replicates: WholeNumber = 1,
    key: str | None = None,
    header: Annotated[bool | None, Parameter(negative="--no-header")] = None,
    out: Folder = Path("out"),
    as_json: AsJson = False,
) -> int:
    """Factor a matrix M ≈ XYᵀ by Perturbed GD, beside gradient descent and the truncated SVD.

    The noise fades, so that the result is the best approximation of its rank, with ‖X‖/‖Y‖ = gamma. All defaults are
    relative to the singular values of M. "Error" is ‖XYᵀ − M‖/‖M‖, "Nuclear" the nuclear norm,
    "λmax" the sharpness, and "κ" the condition number of the Hessian's Gauss-Newton part.
    Writes DIR/factors.npz, DIR/run.nc, DIR/gradient_descent.nc, DIR/summary.json and DIR/path.png and .pdf. The exit
    code is 130 after Ctrl-C, which keeps what was reached.

    Parameters
    ----------
    rank
        The number of columns of X and Y.
    gamma
        The balance ‖X‖/‖Y‖ to end at.
    steps
        How many steps to take in all, with noise and without; by default what the singular values ask for.
    step_size
        The steps are this times gamma for X, and this over gamma for Y; by default half the largest stable ones.
    noise
        The standard deviation of the noise on Y at the first step, before it fades; that on X follows from gamma.
    start_balance
        The balance ‖X‖/‖Y‖ of the random start; the default shows what noise mends, and 1 is a balanced start.
    start_scale
        ‖X‖‖Y‖ of the start, relative to the rank times the largest singular value; by default at most 0.01.
    seed
        The seed of start and noise.
    replicates
        How many runs to make; the one of least loss is taken.
    key
        The name of the array in a .npz archive.
    header
        Whether the first line of a table is a header; looked at by default.
    out
        The folder to write into.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.core.files import writable_folder
    from equipoise.datasets import read_matrix
    from equipoise.estimators import factor as run

    with only_results_on_stdout():
        matrix = read_matrix(file, key=key, header=header)
        folder = writable_folder(out)
        found = run(
            matrix,
            rank,
            gamma=gamma,
            steps=steps,
            step_size=step_size,
            noise=noise,
            start_balance=start_balance,
            start_scale=start_scale,
            seed=seed,
            replicates=replicates,
        )
        document = _write(found, folder, file)
    print_table(_COLUMNS, _rows(found), title=_title(found, file), to_stderr=as_json)
    for note in found.notes:
        print_line(f"note: {note}", to_stderr=as_json)
    if replicates > 1:
        print_line(_spread(found), to_stderr=as_json)
    print_line(f"written to {folder}", to_stderr=as_json)
    if as_json:
        print_json(document)
    return 130 if found.status.name == "interrupted" else 0


def _write(found: "Factorization", folder: Path, file: Path) -> dict[str, Any]:
    """Factors, runs, picture and summary; the summary, with the path of each."""
    from equipoise.core.files import write_text
    from equipoise.core.strict_json import to_json
    from equipoise.plots import draw_runs, save_figure

    paths = found.save(folder)
    runs = {"Perturbed GD": found.run.dataset}
    if found.descent is not None:
        runs["gradient descent"] = found.descent.dataset
    expected = {"balance": found.settings.gamma}
    figure = draw_runs(runs, ("loss", "balance", "sharpness"), expected=expected)
    paths["picture"], paths["picture_pdf"] = save_figure(figure, folder / "path")
    paths["summary"] = folder / "summary.json"
    document = {"file": file, **found.summary(), "files": paths}
    write_text(paths["summary"], to_json(document))
    return document


def _title(found: "Factorization", file: Path) -> str:
    rows, rank = found.x.shape
    return f"{file.name}: {rows} x {found.y.shape[0]}, rank {rank}, balance asked for {found.settings.gamma:g}"


def _rows(found: "Factorization") -> list[tuple[str, ...]]:
    return [
        (
            row.method.removeprefix("truncated ") if row.status == "completed" else f"{row.method}, {row.status}",
            *(_number(row, name) for name in ("relative_error", "balance", "nuclear_norm", "sharpness")),
            _number(row, "condition_number"),
            "–" if row.steps is None else str(row.steps),
            f"{row.seconds:.1f} s",
        )
        for row in found.comparison
    ]


def _spread(found: "Factorization") -> str:
    """Which replicate was taken, and from where to where the balances lie."""
    spread = found.spread()
    least, _, largest = spread["balance"]
    diverged = f", {spread['diverged']} diverged" if spread["diverged"] else ""
    count = len(found.run.status)
    return f"{count} replicates{diverged}, of which number {found.best} is kept; balance {least:.5g} to {largest:.5g}"


def _number(row: Any, name: str) -> str:
    """Four figures, and no powers of ten below ten million."""
    value = float(getattr(row, name))
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
