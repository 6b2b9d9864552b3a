"""Linear: along heavy-ball flow on XYᵀ a matrix is kept that grows with time, and XᵀX − YᵀY is not."""

import numpy as np
import scipy.integrate
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE, RANK, DAMPING = (4, 5), 3, 0.5
UNTIL, QUICK_UNTIL, LOOKS = 10.0, 4.0, 60


def experiment(quick: bool, seed: int) -> Data:
    """One path of θ̈ + γθ̇ = −∇loss, with both matrices along it; momentum from a random velocity."""
    random = np.random.default_rng(seed)
    target = random.standard_normal(SHAPE)
    start = random.standard_normal((2, sum(SHAPE), RANK))

    def slope(_: float, state: np.ndarray) -> np.ndarray:
        theta, speed = state.reshape(start.shape)
        x, y = np.split(theta, [SHAPE[0]])
        rest = x @ y.T - target
        return np.concatenate([speed, -DAMPING * speed - np.concatenate([rest @ y, rest.T @ x])]).ravel()

    times = np.linspace(0, QUICK_UNTIL if quick else UNTIL, LOOKS)
    path = scipy.integrate.solve_ivp(
        slope, (0, times[-1]), start.ravel(), method="DOP853", t_eval=times, rtol=1e-12, atol=1e-13
    )
    kept, balance = zip(
        *(_matrices(t, state.reshape(start.shape)) for t, state in zip(times, path.y.T, strict=True)), strict=True
    )
    dims = ("time", "row", "column")
    return {
        "path": xr.Dataset(
            {
                "kept": (dims, np.array(kept), {"long_name": "e^{γt}(XᵀẊ − ẊᵀX + YᵀẎ − ẎᵀY)", "units": "1"}),
                "balance": (dims, np.array(balance), {"long_name": "XᵀX − YᵀY", "units": "1"}),
            },
            {"time": times},
        )
    }


def _matrices(t: float, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    theta, speed = state
    turn = theta.T @ speed
    x, y = np.split(theta, [SHAPE[0]])
    return np.exp(DAMPING * t) * (turn - turn.T), x.T @ x - y.T @ y


def _drift(data: Data, name: str) -> float:
    """The largest change of an entry over the largest entry at the start."""
    values = data["path"][name]
    return largest(abs(values - values.isel(time=0))) / largest(abs(values.isel(time=0)))


def check(data: Data) -> list[Check]:
    """The matrix of momentum is kept to the errors of integration; the balance is not, nor is it without its factor."""
    path = data["path"]
    bare = path["kept"] * np.exp(-DAMPING * path["time"])
    lost = largest(abs(bare.isel(time=-1))) / largest(abs(bare.isel(time=0)))
    return [
        at_most("largest relative drift of the law of momentum", _drift(data, "kept"), 1e-8),
        at_least("log₁₀ of the relative drift of XᵀX − YᵀY", np.log10(_drift(data, "balance")), -1),
        at_most("without e^{γt}: what is left at the end", lost, 0.2),
    ]


def judge(data: Data) -> Judgement:
    """Whether the law of momentum is kept."""
    drift = _drift(data, "kept")
    return judged(
        at_most("largest relative drift", drift, 1e-8),
        f"The r(r − 1)/2 = {RANK * (RANK - 1) // 2} entries drift by at most {drift:.0e} of their size.",
    )


def draw(data: Data) -> Figure:
    """The entries of both matrices along the path."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.6, 3.0))
    path = data["path"]
    above = np.triu_indices(RANK, 1), np.triu_indices(RANK)
    for panel, name, (rows, columns) in zip(axes[0], ("kept", "balance"), above, strict=True):
        panel.plot(path["time"], path[name].values[:, rows, columns], lw=1.2)
        panel.set_xlabel("time")
        panel.set_ylabel(path[name].attrs["long_name"])
    return figure


CLAIM = Claim(
    id="linear",
    source="Abstract, and the laws of momentum for linear networks",
    statement="Along θ̈ + γθ̇ = −∇loss on XYᵀ the antisymmetric matrix e^{γt}(XᵀẊ − ẊᵀX + YᵀẎ − ẎᵀY) is kept, and "
    "XᵀX − YᵀY is not.",
    printed=Printed(
        "The conservation laws of momentum depend on time; for linear networks they are these entries.", judge
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"X and Y of {SHAPE[0]} and {SHAPE[1]} rows and {RANK} columns, γ = {DAMPING:g}, a random start with a "
    f"random velocity, up to time {UNTIL:g} (quick: {QUICK_UNTIL:g}), to 12 digits. From rest the matrix is zero and "
    "stays so. We could read the abstract and the introduction alone.",
)
