"""The warm-up: without factors, gradient methods from 0 find the minimum Frobenius norm; on factors they do not."""

from typing import Any

import numpy as np
import optax
import scipy.sparse.linalg
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZE, RANK, COUNT = 15, 2, 60
STEPS = 4000


def run(quick: bool, seed: int) -> Data:
    """Gradient descent, momentum and conjugate gradients on X from 0, and gradient descent on U from nearly 0."""
    del quick
    random = generator(seed, Stream.WARMUP)
    factor = random.standard_normal((SIZE, RANK))
    truth = factor @ factor.T / np.linalg.norm(factor @ factor.T)
    matrices = eq.problems.gaussian_measurements(SIZE, COUNT, seed=seed)
    flat = matrices.reshape(COUNT, -1)
    data = flat @ truth.ravel()
    least = np.linalg.lstsq(flat, data, rcond=None)[0]
    direct = eq.problems.sensing(matrices, data, parametrization="direct")
    factored = eq.problems.sensing(matrices, data)
    sgd: Any = eq.dynamics.Optax(optax.sgd(0.05, momentum=0.9))
    runs = {
        "gradient descent": (direct, eq.dynamics.GradientDescent(0.05), eq.initial.Saddle()),
        "momentum": (direct, sgd, eq.initial.Saddle()),
        "factors": (factored, eq.dynamics.GradientDescent(0.02), eq.initial.GaussianOfNorm(1e-3)),
    }
    found = {}
    for name, (problem, method, start) in runs.items():
        theta = path(problem, method, start, steps=STEPS, every=STEPS, seed=seed).theta
        found[name] = theta[0][0] if problem is direct else theta[0][0] @ theta[0][0].T
    # LSQR is conjugate gradients on the normal equations, started from 0
    found["conjugate gradients"] = scipy.sparse.linalg.lsqr(flat, data, atol=1e-15, btol=1e-15)[0].reshape(SIZE, SIZE)
    limits = np.stack(list(found.values()))
    misfit = np.linalg.norm(limits.reshape(len(found), -1) @ flat.T - data, axis=1) / np.linalg.norm(data)
    away = np.linalg.norm(limits.reshape(len(found), -1) - least, axis=1) / np.linalg.norm(least)
    nuclear = np.linalg.norm(limits, "nuc", axis=(1, 2))
    table = xr.Dataset(
        {
            "misfit": ("algorithm", misfit, {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"}),
            "away": (
                "algorithm",
                away,
                {"long_name": "distance from the least Frobenius norm, relative", "units": "1"},
            ),
            "nuclear_norm": ("algorithm", nuclear, {"long_name": "nuclear norm", "units": "[M]"}),
        },
        {"algorithm": list(found)},
    )
    return {"limits": table}


def check(data: Data) -> list[Check]:
    """Three methods on X end at the least Frobenius norm; on U the limit is another, of lower nuclear norm."""
    table = data["limits"]
    on_u, on_x = table.sel(algorithm="factors"), table.drop_sel(algorithm="factors")
    return [
        at_most("largest ‖A(X) − y‖/‖y‖ at the limits", largest(table["misfit"]), 1e-2),
        at_most("on X: largest distance from the least Frobenius norm, relative", largest(on_x["away"]), 1e-6),
        at_least("on U: distance from the least Frobenius norm, relative", on_u["away"], 0.1),
        at_most(
            "nuclear norm found on U over that found on X", on_u["nuclear_norm"] / smallest(on_x["nuclear_norm"]), 0.9
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether every method on X ends at the least Frobenius norm."""
    away = largest(data["limits"].drop_sel(algorithm="factors")["away"])
    return judged(
        at_most("on X: largest distance from the least Frobenius norm, relative", away, 1e-6),
        f"Gradient descent, momentum and conjugate gradients on X end within {away:.1g} of the solution of least "
        "Frobenius norm, relative to it.",
    )


CLAIM = Claim(
    id="warmup",
    source="Section 4, warm-up",
    statement="Gradient descent on X from 0 ends at the solution of minimum Frobenius norm, with momentum or conjugate "
    "gradients too; gradient descent on U, X = UUᵀ, does not.",
    printed=Printed(
        "Gradient descent on X from 0 stays in the span of the A_i, so that where it fits it is the solution of least "
        "Frobenius norm; so does any method of linear combinations of gradients, such as momentum or conjugate "
        "gradients.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"n = {SIZE}, {COUNT} Gaussian measurements of a matrix of rank {RANK}; conjugate gradients by LSQR; on U "
    "from a norm of 0.001.",
)
