"""Section 3: at full width gradient descent ends at global minima alone; at width 1 it also ends at others."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.seeds import Offset, Stream
from equipoise.papers.gunasekar2017.shared.steering import combined, measured
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, COUNT = 4, 7
DESCENT, NEWTON, FLOORS = 1000, 150, (0.1, 1e-9)
"""The number of steps of gradient descent and of Newton's method, and the least curvature that the latter divides by:
at first, and at the least."""

MOVED = 1e-2
"""The size of the entries of what is added to ends at width 1 to start from near them at width n."""

OTHER, SAME = 1e-3, 1e-5
"""A*(r) ⪰ 0 at a global minimum of ‖A(X) − y‖² over X ⪰ 0. An eigenvalue below −OTHER rules it out, none below −SAME
confirms it, relative to ‖A*(y)‖."""


def run(quick: bool, seed: int) -> Data:
    """The ends of gradient descent on several instances, at width n and at width 1, and from the latter when moved."""
    instances, starts = (6, 8) if quick else (60, 40)
    parts = [solved(seed, number, starts) for number in range(instances)]
    return {"ends": xr.concat(parts, "instance")}


def solved(seed: int, number: int, starts: int) -> xr.Dataset:
    """One instance: data of a random psd matrix where `number` is even, and normal data where it is odd."""
    random = generator(seed, Stream.LOCAL_MINIMA, number)
    matrices = eq.problems.gaussian_measurements(SIZE, COUNT, seed=further_seed(seed, Offset.LOCAL_MINIMA, number))
    factor = random.standard_normal((SIZE, SIZE))
    data = measured(matrices, factor @ factor.T) if number % 2 == 0 else random.standard_normal(COUNT)
    data /= np.linalg.norm(data)
    full = random.standard_normal((starts, SIZE, SIZE)) / SIZE
    ends = {"full": descended(matrices, data, full), "narrow": descended(matrices, data, full[:, :, :1])}
    moved = widened(ends["narrow"]) + MOVED * random.standard_normal(full.shape)
    ends["narrow, moved"] = descended(matrices, data, moved)
    rows = [_row(matrices, data, u) for u in ends.values()]
    return xr.concat(rows, "width").assign_coords(width=list(ends))


def widened(u: np.ndarray) -> np.ndarray:
    """U with columns of zeros up to width n."""
    return np.concatenate([u, np.zeros((*u.shape[:2], SIZE - u.shape[2]))], axis=2)


def descended(matrices: np.ndarray, data: np.ndarray, start: np.ndarray) -> np.ndarray:
    """U after gradient descent on ‖A(UUᵀ) − y‖²/4, U ← U − ηA*(r)U."""
    u = start
    step = 0.1 / np.linalg.norm(matrices.reshape(COUNT, -1), 2) ** 2
    for _ in range(DESCENT):
        u = u - step * combined(matrices, residuals(matrices, data, u)) @ u
    return finished(matrices, data, u)


def finished(matrices: np.ndarray, data: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Newton steps that do not raise the loss and end what descent began."""
    floor = np.full(len(u), FLOORS[0])
    for _ in range(NEWTON):
        residual = residuals(matrices, data, u)
        gradient = (combined(matrices, residual) @ u).reshape(len(u), -1, 1)
        values, vectors = np.linalg.eigh(curvature(matrices, residual, u))
        # |λ| in place of λ: along negative curvature it moves away from a saddle, as descent does
        along = np.swapaxes(vectors, 1, 2) @ gradient / np.maximum(abs(values), floor[:, None])[..., None]
        trial = u - (vectors @ along).reshape(u.shape)
        # beside a saddle the loss falls by less than its rounding
        most = (1 + 1e-14) * (residual**2).sum(axis=1)
        better = (residuals(matrices, data, trial) ** 2).sum(axis=1) <= most
        u = np.where(better[:, None, None], trial, u)
        floor = np.where(better, np.maximum(floor / 10, FLOORS[1]), 4 * floor)
    return u


def residuals(matrices: np.ndarray, data: np.ndarray, u: np.ndarray) -> np.ndarray:
    """A(UUᵀ) − y, one row for each U."""
    return measured(matrices, u @ np.swapaxes(u, 1, 2)) - data


def curvature(matrices: np.ndarray, residual: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The Hessians of ‖A(UUᵀ) − y‖²/4 at points U: ½‖A(UDᵀ + DUᵀ)‖² + ⟨A*(r), DDᵀ⟩ along D."""
    # the derivative of A(UUᵀ) is 2A_iU, as the A_i are symmetric
    change = 2 * np.einsum("mij,pjk->pmik", matrices, u).reshape(len(u), COUNT, -1)
    return np.swapaxes(change, 1, 2) @ change / 2 + np.kron(combined(matrices, residual), np.eye(u.shape[-1]))


def _row(matrices: np.ndarray, data: np.ndarray, u: np.ndarray) -> xr.Dataset:
    """What decides between minima: the gradient, the least eigenvalue of A*(r), and those of the Hessians."""
    residual = residuals(matrices, data, u)
    adjoint = combined(matrices, residual)
    scale = np.linalg.norm(combined(matrices, data), 2)
    own, whole = (np.linalg.eigvalsh(curvature(matrices, residual, w))[:, 0] for w in (u, widened(u)))
    columns = {
        "loss": ((residual**2).sum(axis=1), "‖A(X) − y‖²", "[y]²"),
        "gradient": (np.linalg.norm(adjoint @ u, axis=(1, 2)) / scale, "‖A*(r)U‖/‖A*(y)‖", "√[M]"),
        "dual": (np.linalg.eigvalsh(adjoint)[:, 0] / scale, "least eigenvalue of A*(r) over ‖A*(y)‖", "1"),
        "own_hessian": (own / scale, "least eigenvalue of its Hessian", "1"),
        "full_hessian": (whole / scale, "the same at width n", "1"),
    }
    return xr.Dataset({k: ("start", v, {"long_name": text, "units": unit}) for k, (v, text, unit) in columns.items()})


def check(data: Data) -> list[Check]:
    """All ends at full width are global minima; most at width 1 are not: minima there, and saddles at full width."""
    ends = data["ends"]
    full, narrow, moved = (ends.sel(width=name) for name in ("full", "narrow", "narrow, moved"))
    spurious = narrow["dual"] < -OTHER
    return [
        at_most("largest ‖A*(r)U‖/‖A*(y)‖ at the ends", largest(ends["gradient"]), 1e-5),
        at_least("width n: least eigenvalue of A*(r) over ‖A*(y)‖", smallest(full["dual"]), -SAME),
        at_least("width 1: share of ends that are not global minima", spurious.mean(), 0.2),
        at_least("width 1: least curvature at these", smallest(narrow["own_hessian"], where=spurious), 0.0),
        at_most(
            "the same points at width n: largest least curvature",
            largest(narrow["full_hessian"], where=spurious),
            -OTHER,
        ),
        at_least("width n from near these: least eigenvalue of A*(r) over ‖A*(y)‖", smallest(moved["dual"]), -SAME),
    ]


def judge(data: Data) -> Judgement:
    """Whether each run at full width ends at a global minimum."""
    full = data["ends"].sel(width="full")
    least, gradient = smallest(full["dual"]), largest(full["gradient"])
    count = full["dual"].size
    return jointly(
        judged(
            at_least("width n: least eigenvalue of A*(r) over ‖A*(y)‖", least, -SAME),
            f"The least eigenvalue of A*(r) over ‖A*(y)‖ at the ends of {count} runs at width n is {least:.0e}, and it "
            "is not negative at global minima.",
        ),
        judged(
            at_most("width n: largest ‖A*(r)U‖/‖A*(y)‖", gradient, 1e-5),
            f"The {count} runs at width n end with a gradient of at most {gradient:.0e}.",
        ),
    )


def draw(data: Data) -> Figure:
    """The loss at the ends, instance by instance: at width n one value, at width 1 several above it."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(6.0, 3.4))
    side, ends = axes[0, 0], data["ends"]
    for number, (name, label) in enumerate((("narrow", "width 1"), ("full", "width n"))):
        loss = np.maximum(ends["loss"].sel(width=name).values, 1e-16)
        places = np.broadcast_to(np.arange(1, loss.shape[0] + 1)[:, None], loss.shape)
        side.semilogy(places, loss, "so"[number], color=eq.plots.PALETTE[1 - number], ms=4, mfc="none")
        side.semilogy([], [], "so"[number], color=eq.plots.PALETTE[1 - number], mfc="none", label=label)
    side.set_xlabel("instance")
    side.set_ylabel("‖A(X) − y‖²/‖y‖² at the ends")
    eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="localminima",
    source="Section 3, after the conjecture",
    statement="From random starts at full width every run ends at a global minimum. At width 1 many end at local "
    "minima that are not; as points of full width these are saddles, and runs from near them go on to a global "
    "minimum.",
    printed=Printed(
        "For almost all starts gradient flow converges to a local minimizer, and at d = n any local minimizer is a "
        "global minimum.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"n = {SIZE}, {COUNT} Gaussian measurements; data of a random positive definite matrix in half of the 60 "
    "instances (quick: 6), and normal in the others, where no X may fit; 40 starts each (quick: 8). Gradient descent, "
    "and Newton steps at the end. A point is a global minimum if and only if A*(r)U = 0 and A*(r) ⪰ 0.",
)
