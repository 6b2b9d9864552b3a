"""`equipoise predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from equipoise.cli.matrix_input import read_matrix
from equipoise.cli.options import AsJson, Center, Flag, Folder, WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json_file, print_line, print_table
from equipoise.cli.reading import Reading
from equipoise.cli.sentences import as_typed
from equipoise.datasets.formats import holding, in_brief

if TYPE_CHECKING:
    from equipoise.estimators import PredictedLimit

_SHOWN = 20
_Steps = Annotated[list[float] | None, Parameter(consume_multiple=(1, 2), metavar="E [E]")]


def predict(
    file: Annotated[Path, Parameter(help=f"The matrix: {in_brief(holding('matrix'))}; or - for standard input.")],
    /,
    *,
    rank: WholeNumber,
    noise_std: float | None = None,
    gamma: float | None = None,
    balance: float | None = None,
    shrinkage: float | None = None,
    step_size: _Steps = None,
    start_std: float | None = None,
    center: Center = False,
    scale: Flag = False,
    reading: Reading | None = None,
    out: Folder = Path("out"),
    as_json: AsJson = False,
) -> int:
    """Predict where Perturbed GD with constant noise ends on a matrix M ≈ XYᵀ, without running it.

    Or find the noise with which it ends as wanted: --balance 2 --shrinkage 0.01 instead of --noise-std and --gamma.
    The first table has the balance ‖X‖/‖Y‖, the error ‖XYᵀ − M‖/‖M‖, the nuclear norm, the sharpness λmax and the
    condition number κ, the largest stable step size, and the steps of each phase from a small start. The second has
    the singular values of M and of XYᵀ. Each ± is a standard deviation.
    Writes DIR/prediction.json, prediction.png and prediction.pdf.

    Parameters
    ----------
    rank
        The number of columns of X and Y.
    noise_std
        The standard deviation of the noise on Y. The noise on X follows from gamma.
    gamma
        The balance of the noise, 1 by default; Perturbed GD with small steps ends there.
    balance
        The balance ‖X‖/‖Y‖ to end at, 1 by default; finds the noise.
    shrinkage
        The share by which the noise may lower the smallest kept singular value, 0.01 by default; finds the noise.
    step_size
        The step size, or two, for X and for Y; by default a tenth of the largest stable one.
    start_std
        The standard deviation of the entries of the start, for the steps of each phase; by default small.
    center
        First subtract the mean of each column; --centre does the same.
    scale
        First divide each column by its root mean square.
    out
        The folder to write to.
    as_json
        Print one JSON document on stdout, and everything else on stderr.
    """
    from equipoise.core.files import output_folder
    from equipoise.estimators import predict as run

    with only_results_on_stdout():
        read = read_matrix(file, reading or Reading())
        with output_folder(out) as folder:
            found = run(
                read.matrix,
                rank,
                noise_std=noise_std,
                gamma=gamma,
                balance=balance,
                shrinkage=shrinkage,
                step_size=None if step_size is None else (step_size[0], step_size[-1]),
                start_std=start_std,
                center=center,
                scale=scale,
            )
            paths = found.save(folder, about={"file": file, "read_as": list(read.said)})
    print_table(("Quantity", "Predicted", "±"), _quantities(found), title=_title(found, file), to_stderr=as_json)
    print_table(("Singular value", "of M", "of XYᵀ", "±"), _values(found), to_stderr=as_json)
    if read.said:
        print_line(f"read as: {', '.join(read.said)}", to_stderr=as_json)
    for note in found.notes:
        print_line(f"note: {as_typed(note, ['predict'])}", to_stderr=as_json)
    print_line(f"written to {folder}", to_stderr=as_json)
    if as_json:
        print_json_file(paths["prediction"])
    return 0


def _title(found: "PredictedLimit", file: Path) -> str:
    rows, columns = found.shape
    (first, second), (on_x, on_y) = found.noise_std, found.step_sizes
    steps = _number(on_x) if on_x == on_y else f"({_number(on_x)}, {_number(on_y)})"
    return (
        f"{file.name}: {rows} x {columns}, rank {found.rank}\n"
        f"noise: {_number(first)} on X, {_number(second)} on Y; step size: {steps}"
    )


def _quantities(found: "PredictedLimit") -> list[tuple[str, str, str]]:
    times = found.phases
    largest = [_number(step) for step in found.largest_step_sizes]
    rows = [
        ("Balance", f"{found.balance:.5g}", _spread(found.balance_std)),
        ("  of small steps", f"{found.gamma:.5g}", ""),
        ("Error", _number(found.relative_error), ""),
        ("Nuclear", _number(found.nuclear_norm), ""),
        ("λmax", _number(found.sharpness), ""),
        ("κ", _number(found.condition_number), ""),
        ("Largest step size", largest[0] if largest[0] == largest[1] else f"({', '.join(largest)})", ""),
    ]
    if found.balance_error is not None:
        rows.insert(1, ("  its error, about", f"{found.balance_error:.1%}", ""))
    if times is not None:
        steps = (("escape", times.escape), ("descent", times.descent), ("drift", times.drift))
        rows += [(f"Steps of {name}", _number(float(round(count))), "") for name, count in steps]
    return rows


def _values(found: "PredictedLimit") -> list[tuple[str, str, str, str]]:
    """A row for each singular value; of very many the first and the last."""
    law, rows = found.law, []
    for k, value in enumerate(found.singular_values):
        lowered, spread = float(found.lowered_values[k]), None
        if law is not None and k < found.kept:
            lowered, spread = float(law.singular_values[k]), float(law.singular_values_std[k])
        rows.append((str(k + 1), _number(float(value)), _number(lowered), _spread(spread)))
    half = _SHOWN // 2
    return rows if len(rows) <= _SHOWN else [*rows[:half], ("…", "…", "…", ""), *rows[-half:]]


def _spread(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"


def _number(value: float) -> str:
    """Four significant figures, and no powers of ten below ten million."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
