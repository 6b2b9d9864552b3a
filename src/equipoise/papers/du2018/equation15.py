"""Eq. (15): a bounded product and a bounded imbalance bound both factors."""

import itertools
from typing import Any

import numpy as np
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE, RANKS = (4, 3), (1, 2, 3)
SHARES = (0.01, 0.3, 1.0)
"""ε/‖M‖; the last is the supremum of what the theorem allows."""

PRODUCT = 3.0
"""‖UVᵀ‖/‖M‖ at most."""

LOPSIDED = 10.0
"""U is multiplied and V divided by this in the example without balance."""

Point = tuple[np.ndarray, np.ndarray]


def sharp(share: Any) -> Any:
    """The largest ‖U‖²/(√r‖M‖): (s + √(s² + 36))/2 with s = ε/‖M‖."""
    return (share + np.sqrt(share**2 + 4 * PRODUCT**2)) / 2


def run(quick: bool, seed: int) -> Data:
    """Random points of each set, ends of an ascent of ‖U‖², and the point with the largest ‖U‖²; ‖M‖ = 1."""
    random = generator(seed, Stream.BALANCED_SET)
    drawn, climbs = (200, 3) if quick else (5000, 60)
    cases = []
    for rank, share in itertools.product(RANKS, SHARES):
        points = [
            *(_drawn(rank, share, random) for _ in range(drawn)),
            *(_climbed(rank, share, random) for _ in range(climbs)),
            extreme(rank, share, random),
        ]
        kinds = ["drawn"] * drawn + ["climbed"] * climbs + ["extreme"]
        cases.append(_measured(points, rank).assign_coords(rank=rank, share=share))
    lopsided = [tuple(w * f for w, f in zip(_drawn(2, 1.0, random), (LOPSIDED, 1 / LOPSIDED), strict=True))]
    return {"set": xr.concat(cases, "case").assign_coords(kind=("point", kinds)), "lopsided": _measured(lopsided, 2)}


def _measured(points: list[Any], rank: int) -> xr.Dataset:
    """The two conditions and the two sizes."""
    norms = [
        (np.sum(u**2) / rank**0.5, np.sum(v**2) / rank**0.5, np.linalg.norm(u @ v.T), np.linalg.norm(_gap(u, v)))
        for u, v in points
    ]
    u_size, v_size, product, gap = np.array(norms).T
    return xr.Dataset(
        {
            "u_size": ("point", u_size, {"long_name": "‖U‖²/(√r‖M‖)", "units": "1"}),
            "v_size": ("point", v_size, {"long_name": "‖V‖²/(√r‖M‖)", "units": "1"}),
            "product": ("point", product, {"long_name": "‖UVᵀ‖/‖M‖", "units": "1"}),
            "gap": ("point", gap, {"long_name": "‖UᵀU − VᵀV‖/‖M‖", "units": "1"}),
        }
    )


def _gap(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u.T @ u - v.T @ v


def _drawn(rank: int, share: float, random: np.random.Generator) -> Point:
    """A pair with UᵀU near VᵀV, scaled to the edge of the set."""
    spread = 10 ** random.uniform(-3, 0)
    core, other = random.standard_normal((2, rank, rank))
    bases = [np.linalg.qr(random.standard_normal((d, rank)))[0] for d in SHAPE]
    u, v = bases[0] @ core, bases[1] @ (core + spread * other)
    square = min(PRODUCT / np.linalg.norm(u @ v.T), share / np.linalg.norm(_gap(u, v)))
    return square**0.5 * u, square**0.5 * v


def extreme(rank: int, share: float, random: np.random.Generator) -> Point:
    """(√a P, √b Q) with orthonormal columns: (a − b)√r = ε and √(ab r) = 3‖M‖."""
    a = float(sharp(share)) / rank**0.5
    bases = [np.linalg.qr(random.standard_normal((d, rank)))[0] for d in SHAPE]
    return a**0.5 * bases[0], PRODUCT / (rank * a) ** 0.5 * bases[1]


def _climbed(rank: int, share: float, random: np.random.Generator) -> Point:
    """The end of SLSQP, which makes ‖U‖² as large as the two conditions allow, from a random start."""
    cut = SHAPE[0] * rank

    def factors(flat: np.ndarray) -> Point:
        return flat[:cut].reshape(-1, rank), flat[cut:].reshape(-1, rank)

    def joined(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.concatenate([u.ravel(), v.ravel()])

    def room(flat: np.ndarray) -> np.ndarray:
        u, v = factors(flat)
        return np.array([PRODUCT**2 - np.sum((u @ v.T) ** 2), share**2 - np.sum(_gap(u, v) ** 2)])

    def room_slope(flat: np.ndarray) -> np.ndarray:
        u, v = factors(flat)
        gap = _gap(u, v)
        return np.array([-2 * joined(u @ v.T @ v, v @ u.T @ u), -4 * joined(u @ gap, -v @ gap)])

    found = scipy.optimize.minimize(
        lambda flat: -np.sum(flat[:cut] ** 2),
        joined(*_drawn(rank, share, random)),
        jac=lambda flat: np.concatenate([-2 * flat[:cut], np.zeros(flat.size - cut)]),
        constraints={"type": "ineq", "fun": room, "jac": room_slope},
        method="SLSQP",
        options={"maxiter": 200, "ftol": 1e-10},
    )
    u, v = factors(found.x)
    beyond = max(np.linalg.norm(u @ v.T) / PRODUCT, np.linalg.norm(_gap(u, v)) / share, np.float64(1.0))
    shrink = 1 / float(beyond)  # back into the set
    return shrink**0.5 * u, shrink**0.5 * v


def _sizes(points: xr.Dataset) -> xr.DataArray:
    """The larger of ‖U‖² and ‖V‖², over √r‖M‖."""
    return points[["u_size", "v_size"]].to_dataarray().max("variable", skipna=False)


def check(data: Data) -> list[Check]:
    """All points are in the set and within the bound; the sharp bound is attained, and needs both conditions."""
    points = data["set"]
    over = _sizes(points) / sharp(points["share"])
    kind = points["kind"].values
    climbed = over.isel(point=np.flatnonzero(kind == "climbed")).max("point", skipna=False)
    return [
        at_most("largest ‖UVᵀ‖ over 3‖M‖", largest(points["product"]) / PRODUCT, 1 + 1e-9),
        at_most("largest ‖UᵀU − VᵀV‖ over ε", largest(points["gap"] / points["share"]), 1 + 1e-9),
        at_most("largest ‖U‖² or ‖V‖² over 5√r‖M‖", largest(_sizes(points)) / 5, 1.0),
        at_most("largest ‖U‖² or ‖V‖² over √r(ε + √(ε² + 36‖M‖²))/2", largest(over), 1 + 1e-9),
        near(
            "the same at the extreme points, smallest",
            smallest(over.isel(point=np.flatnonzero(kind == "extreme"))),
            1.0,
            1e-9,
        ),
        at_least("the same at the best end of an ascent, smallest over ranks and ε", smallest(climbed), 0.999),
        at_least(
            "without the second condition: largest ‖U‖² over 5√r‖M‖ where ‖UVᵀ‖ ≤ 3‖M‖",
            largest(data["lopsided"]["u_size"], data["lopsided"]["product"] <= PRODUCT * (1 + 1e-9)) / 5,
            1.5,
        ),
    ]


def judge(data: Data) -> Judgement:
    """By the largest ‖U‖² or ‖V‖² at all points of the set that were tried, the extreme ones among them."""
    found = largest(_sizes(data["set"])) / 5
    return judged(
        at_most("largest ‖U‖² or ‖V‖² over 5√r‖M‖", found, 1.0),
        f"At all points of the set that were tried ‖U‖² and ‖V‖² are at most {found:.3f} of 5√r‖M‖.",
    )


def draw(data: Data) -> Figure:
    """‖U‖² of all points against ε, with the printed bound, that of its proof, and the sharp one."""
    figure, axes = eq.plots.new_figure(panel=(4.6, 3.2))
    side, points = axes[0, 0], data["set"]
    for number, kind in enumerate(("drawn", "climbed")):
        for count, rank in enumerate(RANKS):
            cases = points.isel(case=np.flatnonzero(points["rank"].values == rank))
            chosen = np.flatnonzero(cases["kind"].values == kind)
            shares = np.broadcast_to(cases["share"].values[:, None], (cases.sizes["case"], chosen.size))
            shares = shares * 1.03 ** (count - 1)
            label = f"{kind}, rank {rank}"
            style = {"color": eq.plots.PALETTE[count], "markersize": (2, 5)[number], "label": label}
            side.plot(shares.ravel(), cases["u_size"].values[:, chosen].ravel(), ".x"[number], **style)
    line = np.geomspace(SHARES[0], 1.0, 100)
    side.axhline(5.0, color="black", linestyle="--", label="printed: 5")
    side.axhline(19**0.5, color="black", linestyle=":", label="of the proof: √19")
    side.plot(line, sharp(line), color="black", label="sharp")
    side.set(xscale="log", xlabel="ε/‖M‖", ylabel="‖U‖²/(√r‖M‖)", ylim=(0, 8.5))
    side.legend(fontsize=7, ncols=3, loc="upper center")
    return figure


CLAIM = Claim(
    id="equation15",
    source="Eq. (15), Claim B.3, Appendix B.1",
    statement="‖UVᵀ‖ ≤ 3‖M‖ and ‖UᵀU − VᵀV‖ ≤ ε < ‖M‖ bound ‖U‖² and ‖V‖² by 5√r‖M‖. Measured: the largest they can "
    "be is √r(ε + √(ε² + 36‖M‖²))/2, which is at most 3.54√r‖M‖ and is attained; without the condition on balance "
    "there is no bound.",
    printed=Printed(
        "If ‖UVᵀ‖ ≤ 3‖M‖ and ‖UᵀU − VᵀV‖ ≤ ε, then ‖U‖² ≤ 5√r‖M‖ and ‖V‖² ≤ 5√r‖M‖.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="U is 4 x r and V 3 x r with r = 1, 2 and 3; ε is 0.01, 0.3 and 1 times ‖M‖, which is 1. Points are drawn "
    "with UᵀU near VᵀV and scaled to the edge of the set; SLSQP makes ‖U‖² as large as it can from such points; and "
    "(√a P, √b Q) with orthonormal columns attains the largest. Why it is that: for the vectors p and q of the "
    "σᵢ² of U and of the squared norms of V along them, ‖p‖² = ⟨p, q⟩ + ⟨p, p − q⟩ ≤ 9‖M‖² + ε‖p‖.",
)
