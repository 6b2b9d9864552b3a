"""Section 1: multi-task training is among the problems covered, and the bias to a low nuclear norm helps it."""

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.asymmetric import COLUMNS, NORMS, ROWS, flowed, starts
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.steering import measured
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

EACH, TIME = 6, 600.0
"""The number of examples of each task, fewer than the ROWS features, and the length of the flow."""


def run(quick: bool, seed: int) -> Data:
    """Predictors of all tasks by gradient flow on UVᵀ, each task by itself, and the certified minimum."""
    instances = 3 if quick else 24
    return {"solutions": xr.concat([solved(seed, number) for number in range(instances)], "instance")}


def solved(seed: int, number: int) -> xr.Dataset:
    """One instance: predictors that are multiples of one vector, a column for each task."""
    random = generator(seed, Stream.MULTITASK, number)
    inputs = random.standard_normal((COLUMNS, EACH, ROWS)) / EACH**0.5
    truth = np.outer(random.standard_normal(ROWS), random.choice([-1, 1], COLUMNS) * random.uniform(0.5, 1.5, COLUMNS))
    truth /= np.linalg.norm(truth)
    data = np.einsum("tek,kt->te", inputs, truth).ravel()
    # example e of task t measures ⟨x_te, column t⟩: A_i has one column that is not zero
    matrices = np.einsum("tek,ts->teks", inputs, np.eye(COLUMNS)).reshape(-1, ROWS, COLUMNS)
    u, v = flowed(matrices, data, starts(random), TIME, seed)
    best = eq.certified.minimum_nuclear_norm(matrices, data, psd=False, gap=1e-6)
    alone = np.stack(
        [np.linalg.lstsq(x, y, rcond=None)[0] for x, y in zip(inputs, data.reshape(COLUMNS, EACH), strict=True)], axis=1
    )
    names = [f"‖(U₀, V₀)‖ = {norm:g}" for norm in NORMS]
    found = dict(zip(names, u @ np.swapaxes(v, 1, 2), strict=True)) | {"each alone": alone, "minimum": best.matrix}
    x = np.stack(list(found.values()))
    predicted = np.einsum("tek,skt->ste", inputs, x).reshape(len(x), -1)
    norms = np.linalg.norm(x, "nuc", axis=(1, 2))
    columns = {
        "misfit": (np.linalg.norm(predicted - data, axis=1) / np.linalg.norm(data), "‖A(X) − y‖/‖y‖"),
        "as_measured": (abs(measured(matrices, x) - predicted).max(axis=1), "⟨A_i, X⟩ less the prediction"),
        "excess": (norms / best.upper - 1, "excess over the minimum nuclear norm"),
        "error": (np.linalg.norm(x - truth, axis=(1, 2)), "‖X − X*‖/‖X*‖"),
    }
    table = {k: ("solution", value, {"long_name": text, "units": "1"}) for k, (value, text) in columns.items()}
    used = int((np.abs(matrices).max(axis=1) > 0).sum(axis=1).max())
    return xr.Dataset(table, {"solution": list(found)}).assign(
        columns=((), used, {"long_name": "most non-zero columns of an A_i", "units": "1"}),
        gap=((), best.gap, {"long_name": "relative gap of the certificate", "units": "1"}),
    )


def check(data: Data) -> list[Check]:
    """The A_i are as printed; the flow from a small start has nearly the least norm, and finds what no task can."""
    table = data["solutions"]
    flows = table.isel(solution=slice(NORMS.size))
    small, alone = flows.isel(solution=-1), table.sel(solution="each alone")
    return [
        near("most non-zero columns of an A_i", largest(table["columns"]), 1, 0),
        at_most("largest difference of ⟨A_i, X⟩ from the prediction", largest(table["as_measured"]), 1e-10),
        at_most("largest relative gap of the certificate", largest(table["gap"]), 1e-5),
        at_most("largest misfit of the flow", largest(flows["misfit"]), 0.05),
        at_most("smallest start: median |excess| over the minimum", np.median(abs(small["excess"])), 0.02),
        at_least("each task alone: smallest excess over the minimum", smallest(alone["excess"]), 0.15),
        at_most(
            "error of the flow over that of each task alone, median", np.median(small["error"] / alone["error"]), 0.2
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether measurements with one column are those of multi-task training."""
    table = data["solutions"]
    off, columns = largest(table["as_measured"]), largest(table["columns"])
    error = float(np.median(table["error"].isel(solution=NORMS.size - 1)))
    alone = float(np.median(table["error"].sel(solution="each alone")))
    return jointly(
        judged(
            at_most("largest difference of ⟨A_i, X⟩ from the prediction", off, 1e-10),
            f"The predictions of {COLUMNS} tasks are ⟨A_i, X⟩ up to {off:.0e}; gradient flow on UVᵀ from the smallest "
            f"start errs by {error:.1e} of ‖X*‖, and each task alone by {alone:.2f}, in the median instance.",
        ),
        judged(near("most non-zero columns of an A_i", columns, 1, 0), f"An A_i has up to {columns:g} such columns."),
    )


CLAIM = Claim(
    id="multitask",
    source="Section 1",
    statement="Multi-task training is linear measurement by A_i with one non-zero column. Gradient flow on UVᵀ from a "
    "small start ends at nearly the least nuclear norm, and finds predictors of rank 1 from fewer examples than "
    "features, which no task can alone.",
    printed=Printed(
        "The setting covers multi-task training, where each column of X is a predictor for a task of its own and the "
        "A_i have a single non-zero column.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"{COLUMNS} tasks, {ROWS} features, {EACH} examples of each task, predictors that are multiples of one "
    f"vector; 24 instances (quick: 3). Starts of norm 1, 1e-2 and 1e-5, width {ROWS + COLUMNS}. Alone, a task is "
    "fitted with the least Euclidean norm, where gradient descent on X ends. Where the minimum is not the truth, the "
    "flow may end some percent above it.",
)
