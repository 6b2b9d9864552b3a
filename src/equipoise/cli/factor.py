"""`equipoise factor`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from equipoise.cli.matrix_input import read_matrix
from equipoise.cli.options import AsJson, Center, Flag, Folder, OptionalWholeNumber, WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json_file, print_line, print_table
from equipoise.cli.reading import Reading
from equipoise.cli.sentences import as_typed
from equipoise.datasets.formats import holding, in_brief

if TYPE_CHECKING:
    from equipoise.estimators import Factorization, FactorizationScore

_COLUMNS = ("Method", "Error", "Balance", "Nuclear", "λmax", "κ", "Steps", "Time")


def factor(
    file: Annotated[Path, Parameter(help=f"The matrix: {in_brief(holding('matrix'))}; or - for standard input.")],
    /,
    *,
    rank: WholeNumber,
    gamma: float = 1.0,
    center: Center = False,
    scale: Flag = False,
    steps: OptionalWholeNumber = None,
    step_size: float | None = None,
    noise: float | None = None,
    start_balance: float = 100.0,
    start_scale: float | None = None,
    seed: WholeNumber = 0,
    replicates: WholeNumber = 1,
    reading: Reading | None = None,
    out: Folder = Path("out"),
    as_json: AsJson = False,
) -> int:
    """Factor a matrix M ≈ XYᵀ by Perturbed GD, and compare with gradient descent and the truncated SVD.

    The noise fades, so the result is the best approximation of its rank, with ‖X‖/‖Y‖ = gamma. A last step, the polish,
    ends at the minimum beside the point that the gradient steps reach. All defaults are relative to the singular values
    of M. In the table, "Error" is ‖XYᵀ − M‖/‖M‖, "Nuclear" the nuclear norm, "λmax"
    the sharpness, and "κ" the condition number of the Hessian's Gauss-Newton part; "predicted" is what theory says of
    Perturbed GD.
    Writes DIR/factors.npz, run.nc, gradient_descent.nc, summary.json, path.png and path.pdf. Ctrl-C keeps the result
    so far; the exit code is then 130.

    Parameters
    ----------
    rank
        The number of columns of X and Y.
    gamma
        The balance ‖X‖/‖Y‖ to end at.
    center
        First subtract the mean of each column; --centre does the same.
    scale
        First divide each column by its root mean square. Errors are then of the matrix with columns of equal size.
    steps
        The number of steps, with and without noise; by default chosen from the singular values.
    step_size
        The step size for X divided by gamma, and that for Y times gamma; by default half the largest stable one.
    noise
        The standard deviation of the noise on Y at the first step; it then fades. The noise on X follows from gamma.
    start_balance
        The balance ‖X‖/‖Y‖ of the random start. The default shows the effect of noise; 1 is a balanced start.
    start_scale
        ‖X‖‖Y‖ of the start, divided by the rank times the largest singular value; by default at most 0.01.
    seed
        The seed of the start and the noise.
    replicates
        The number of replicates; the one of least loss is kept.
    out
        The folder to write to.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.core.files import output_folder
    from equipoise.estimators import factor as run

    with only_results_on_stdout():
        read = read_matrix(file, reading or Reading())
        with output_folder(out) as folder:
            found = run(
                read.matrix,
                rank,
                gamma=gamma,
                center=center,
                scale=scale,
                steps=steps,
                step_size=step_size,
                noise=noise,
                start_balance=start_balance,
                start_scale=start_scale,
                seed=seed,
                replicates=replicates,
            )
            about = {"file": file, "read_as": list(read.said)}
            paths = found.save(folder, about=about, arrays=read.arrays())
    print_table(_COLUMNS, _rows(found), title=_title(found, file), to_stderr=as_json)
    if read.said:
        print_line(f"read as: {', '.join(read.said)}", to_stderr=as_json)
    for note in found.notes:
        print_line(f"note: {as_typed(note, ['factor'])}", to_stderr=as_json)
    if replicates > 1:
        print_line(_spread(found), to_stderr=as_json)
    print_line(f"written to {folder}", to_stderr=as_json)
    if as_json:
        print_json_file(paths["summary"])
    return 130 if found.interrupted else 0


def _title(found: "Factorization", file: Path) -> str:
    rows, rank = found.x.shape
    return f"{file.name}: {rows} x {found.y.shape[0]}, rank {rank}, balance asked for {found.settings.gamma:g}"


def _rows(found: "Factorization") -> list[tuple[str, ...]]:
    scores = [*found.scores]
    scores.insert(-1, found.predicted)  # above the SVD, below what was measured
    return [
        (
            _method(score),
            *(_number(score, name) for name in ("relative_error", "balance", "nuclear_norm", "sharpness")),
            _number(score, "condition_number"),
            "–" if score.steps is None else str(score.steps),
            "–" if score is found.predicted else f"{score.seconds:.1f} s",
        )
        for score in scores
    ]


def _method(score: "FactorizationScore") -> str:
    """The name of the method, short enough for a table of 80 columns."""
    short = {"truncated SVD": "SVD", "Perturbed GD, polished": "  polished", "predicted": "  predicted"}
    return short.get(score.method, score.method) if score.status == "completed" else f"{score.method}, {score.status}"


def _spread(found: "Factorization") -> str:
    """The replicate taken, and the range of the balances."""
    spread = found.spread()
    least, _, largest = spread["balance"]
    diverged = f", {spread['diverged']} diverged" if spread["diverged"] else ""
    count = len(found.run.status)
    return f"{count} replicates{diverged}, of which number {found.best} is kept; balance {least:.5g} to {largest:.5g}"


def _number(score: "FactorizationScore", name: str) -> str:
    """Four significant figures, and no powers of ten below ten million."""
    value = float(getattr(score, name))
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
