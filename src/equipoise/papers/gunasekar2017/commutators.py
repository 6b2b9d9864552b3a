"""Section 4: the non-commutative part of the path beside the direct term A*(s), as the start shrinks."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.seeds import Offset, Stream
from equipoise.papers.gunasekar2017.shared.steering import exponential
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE = 4
KINDS = {"few": (3, 2), "many": (7, 1)}
"""The number of measurements m and the rank of the truth; with many the limit is the minimum."""

STEP, LONGEST = 0.2, 0.1
"""ε in the time of Eq. (4), and the largest ‖εA*(r)‖_F of a step; longer ones are shortened."""

LENGTHS, PIECES = np.array([3.5, 7.0, 14.0]), 400
"""‖A*(s)‖_F at the ends of the random controls, and the number of their steps."""

SHORT = 0.4 * 0.5 ** np.arange(4)
"""Shares of a random control of length 1, from its beginning."""

LOWER = 0.75
"""The factor up to which a ratio counts as falling when log(1/α) doubles: it is 0.71 for a part like √log(1/α)."""

Moves = Callable[[int, np.ndarray], np.ndarray]
"""(number of the step, P of all paths) -> the exponents −εA*(c) of all paths."""


def run(quick: bool, seed: int) -> Data:
    """Paths of gradient flow from smaller and smaller αI, of random smooth controls, and of short pieces of these."""
    alphas = np.array([1e-2, 1e-5, 1e-10]) if quick else 10.0 ** -np.array([1, 2, 3, 4, 5, 6, 8, 10])
    instances, steps = (8, 4000) if quick else (24, 20_000)
    data = {kind: residual_paths(kind, seed, instances, alphas, steps) for kind in KINDS}
    random = generator(seed, Stream.COMMUTATORS, len(KINDS))
    matrices = random.standard_normal((instances, 3, SIZE, SIZE))
    matrices = matrices + np.swapaxes(matrices, 2, 3)
    waves = random.standard_normal((instances, 5, 3))
    data["random"] = random_paths(matrices, waves, LENGTHS)
    # the same controls of the diagonals alone, which commute
    data["commuting"] = random_paths(matrices * np.eye(SIZE), waves, LENGTHS)
    data["short"] = random_paths(matrices, waves, np.ones(SHORT.size), SHORT)
    return data


def followed(moves: Moves, shape: tuple[int, int], steps: int) -> tuple[np.ndarray, xr.Dataset]:
    """P = ∏ exp(moves), the latest on the left, and the norms of the parts of its exponent.

    - direct: Ω₁ = A*(s), the sum of the moves.
    - second: Ω₂ = ½ Σ [later, earlier], the first term of the expansion that is not commutative.
    - remainder: ½ log(PPᵀ) − A*(s), which is all of them in X = P αI Pᵀ.
    """
    product = np.broadcast_to(np.eye(SIZE), (*shape, SIZE, SIZE)).copy()
    direct, second = np.zeros_like(product), np.zeros_like(product)
    for number in range(steps):
        move = moves(number, product)
        second += (move @ direct - direct @ move) / 2
        direct += move
        product = exponential(move) @ product
    left, values, _ = np.linalg.svd(product)
    logarithm = (left * np.log(values)[..., None, :]) @ np.swapaxes(left, -1, -2)
    parts = {"direct": direct, "second": second, "remainder": logarithm - direct}
    texts = {"direct": "‖A*(s)‖_F", "second": "‖Ω₂‖_F", "remainder": "‖½ log(PPᵀ) − A*(s)‖_F"}
    axes = ("instance", "path")
    norms = {name: np.linalg.norm(part, axis=(-2, -1)) for name, part in parts.items()}
    return product, xr.Dataset({n: (axes, v, {"long_name": texts[n], "units": "1"}) for n, v in norms.items()})


def residual_paths(kind: str, seed: int, instances: int, alphas: np.ndarray, steps: int) -> xr.Dataset:
    """Gradient flow from αI by short exponential steps, where the control is the residual."""
    count, rank = KINDS[kind]
    number = list(KINDS).index(kind)
    random = generator(seed, Stream.COMMUTATORS, number)
    seeds = [further_seed(seed, Offset.COMMUTATORS, number * instances + k) for k in range(instances)]
    matrices = np.stack([eq.problems.gaussian_measurements(SIZE, count, seed=own) for own in seeds])
    factors = random.standard_normal((instances, SIZE, rank))
    truth = factors @ np.swapaxes(factors, 1, 2)
    truth /= np.linalg.norm(truth, axis=(1, 2), keepdims=True)
    data = np.einsum("imab,iab->im", matrices, truth)
    flat = matrices.reshape(instances, count, -1)

    def residuals(product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = alphas[:, None, None] * (product @ np.swapaxes(product, -1, -2))
        return x, x.reshape(instances, alphas.size, -1) @ np.swapaxes(flat, 1, 2) - data[:, None]

    def moves(_: int, product: np.ndarray) -> np.ndarray:
        move = (-STEP * residuals(product)[1] @ flat).reshape(product.shape)
        return move / np.maximum(1, np.linalg.norm(move, axis=(-2, -1), keepdims=True) / LONGEST)

    product, table = followed(moves, (instances, alphas.size), steps)
    x, residual = residuals(product)
    least = [
        eq.certified.minimum_nuclear_norm(a, y, psd=True, gap=1e-6).upper for a, y in zip(matrices, data, strict=True)
    ]
    misfit = np.linalg.norm(residual, axis=-1) / np.linalg.norm(data, axis=-1)[:, None]
    excess = np.trace(x, axis1=-2, axis2=-1) / np.array(least)[:, None] - 1
    axes = ("instance", "path")
    table["misfit"] = (axes, misfit, {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"})
    table["excess"] = (axes, excess, {"long_name": "excess over the minimum nuclear norm", "units": "1"})
    return table.assign_coords(log_start=("path", -np.log(alphas), {"long_name": "log(1/α)", "units": "1"}))


def random_paths(
    matrices: np.ndarray, waves: np.ndarray, lengths: np.ndarray, shares: np.ndarray = SHORT[:0]
) -> xr.Dataset:
    """Paths of random smooth controls of several lengths; or, with `shares`, the first pieces of them."""
    ends = shares if shares.size else np.ones(lengths.size)
    # of the whole control, which is w₀ + w₁ cos πt + w₂ sin πt + w₃ cos 2πt + w₄ sin 2πt for t from 0 to 1
    total = np.einsum("imab,im->iab", matrices, _control(waves, (np.arange(PIECES) + 0.5) / PIECES).mean(axis=0))
    scale = lengths / np.linalg.norm(total, axis=(1, 2))[:, None]

    def moves(number: int, _: np.ndarray) -> np.ndarray:
        here = _control(waves, ends * (number + 0.5) / PIECES)
        return np.einsum("imab,eim->ieab", matrices, here) * (scale * ends / PIECES)[..., None, None]

    table = followed(moves, (len(matrices), lengths.size), PIECES)[1]
    return table.assign_coords(
        length=("path", lengths, {"long_name": "length of the control", "units": "1"}), share=("path", ends)
    )


def _control(waves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The controls of all instances at these times, times x instances x m."""
    t = np.pi * times
    shapes = np.stack([np.ones_like(t), np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t)], axis=1)
    return np.einsum("tk,ikm->tim", shapes, waves)


def growth(table: xr.Dataset, name: str) -> float:
    """The part beside ‖A*(s)‖_F at the last path, over that at one of half its length; the median of all instances."""
    ratio = table[name] / table["direct"]
    along = table["log_start"] if "log_start" in table.coords else table["length"]
    half = int(np.argmin(abs(along.values - along.values[-1] / 2)))
    return float(np.median(ratio[:, -1] / ratio[:, half]))


def exponent(table: xr.Dataset, name: str) -> float:
    """The power of the share with which a part grows over the two shortest pieces; the median of all instances."""
    ratio = np.log(table[name][:, -2] / table[name][:, -1])
    return float(np.median(ratio / np.log(table["share"][-2] / table["share"][-1])))


def check(data: Data) -> list[Check]:
    """No part beside A*(s) is of lower order as α → 0; it is over short pieces, and absent where all commutes."""
    kinds = {"few": "m = 3", "many": "m = 7", "random": "random controls"}
    commutes = data["commuting"]["remainder"] / data["commuting"]["direct"]
    many = data["many"].isel(path=-1)
    return [
        *(
            at_least(
                f"{text}: {part}/direct term when log(1/α) doubles, median factor", growth(data[kind], part), LOWER
            )
            for kind, text in kinds.items()
            # Ω₂ of the same control at twice the length is four times as large, whatever the measurements
            for part in (("remainder",) if kind == "random" else ("remainder", "second"))
        ),
        at_most("commuting, random controls: largest remainder/direct term", largest(commutes), 1e-9),
        at_most("m = 7: median |excess| at the smallest start", np.median(abs(many["excess"])), 0.02),
        at_most("m = 7: median misfit at the smallest start", np.median(many["misfit"]), 0.02),
        near("short pieces: exponent of the second term in their length", exponent(data["short"], "second"), 3, 0.4),
        near("short pieces: exponent of the direct term in their length", exponent(data["short"], "direct"), 1, 0.3),
    ]


def judge(data: Data) -> Judgement:
    """Whether the part beside A*(s) falls behind it as the start shrinks, for both kinds of controls."""
    residual = min(growth(data[kind], "remainder") for kind in KINDS)
    random = growth(data["random"], "remainder")
    name = "factor of the non-commutative part over the direct term when log(1/α) doubles, median"
    bounded = "and it would be multiplied by ½ if that part stayed bounded"
    return jointly(
        judged(
            at_most(f"residuals: {name}", residual, LOWER),
            f"With the residuals as control and α from 1e-5 to 1e-10 the ratio of the non-commutative part to A*(s) is "
            f"multiplied by {residual:.2f} or more, {bounded}.",
        ),
        judged(
            at_most(f"random controls: {name}", random, LOWER),
            f"With random smooth controls of twice the length the ratio of the non-commutative part to A*(s) is "
            f"multiplied by {random:.2f}, {bounded}.",
        ),
    )


def draw(data: Data) -> Figure:
    """The ratio of the remainder to the direct term, against log(1/α) and against the length of random controls."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.5, 3.2), share_y=True)
    titles = {"few": "residuals, m = 3", "many": "residuals, m = 7", "random": "random smooth controls"}
    for number, (side, (kind, title)) in enumerate(zip(axes[0], titles.items(), strict=True)):
        table = data[kind]
        along = table["length"] if kind == "random" else table["log_start"]
        ratio = table["remainder"] / table["direct"]
        side.semilogy(along, ratio.T, color=eq.plots.PALETTE[number], lw=0.8, alpha=0.4)
        middle = ratio.median("instance")
        side.plot(along, middle, "o-", color=eq.plots.PALETTE[number], label="median")
        side.plot(along, middle[-1] * along[-1] / along, "--", color="black", lw=1, label="if it stayed bounded")
        side.set_title(title, fontsize="small")
        side.set_xlabel("‖A*(s)‖_F at the end" if kind == "random" else "log(1/α), X₀ = αI")
    axes[0, 0].set_ylabel("‖½ log(PPᵀ) − A*(s)‖/‖A*(s)‖")
    eq.plots.add_legend(axes[0, 0], fontsize="x-small")
    return figure


CLAIM = Claim(
    id="commutators",
    source="Section 4, non-commutative A_i, Eq. (12)",
    statement="As the start αI shrinks, the non-commutative part of the exponent of the path grows as fast as the "
    "direct term A*(s): for gradient flow, also where its limit is the minimum, and for random smooth controls. Over a "
    "short piece of a smooth control it is of lower order, the third power of the length.",
    printed=Printed(
        "For smooth controls the non-commutative terms in the expansion of the time ordered exponential are of "
        "asymptotically lower order than the direct term A*(s) as the start goes to 0, as is confirmed numerically for "
        "the residuals and for other random controls.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="The paper gives no measure and no number. With X = P αI Pᵀ the direct term is A*(s), the non-commutative "
    "part ½ log(PPᵀ) − A*(s), and its first term in the expansion Ω₂ = ½∫∫[A*(r_t), A*(r_u)]; norms are Frobenius. "
    "n = 4, Gaussian A_i, m = 3 with a truth of rank 2 and m = 7 of rank 1, 24 instances each (quick: 8). Random "
    "controls are trigonometric polynomials of degree 2 in the share of time, three A_i, of growing length, which "
    "is the smoothest way to reach log(1/α) → ∞.",
)
