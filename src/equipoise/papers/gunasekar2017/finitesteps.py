"""Section 4: steps of finite length fall off the manifold of Eq. (11); by how much, and at which order."""

import numpy as np
import scipy.integrate
import scipy.linalg
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.commuting import Commuting, commuting
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.gunasekar2017.shared.steering import steer
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

ALPHA, TIME = 1e-2, 8.0
STEPS = (0.4, 0.2, 0.1, 0.05, 0.025)


def run(quick: bool, seed: int) -> Data:
    """Gradient descent on U and exponential steps from αI for the same time, with steps of several lengths."""
    size, count = (6, 3) if quick else (12, 6)
    instance = commuting(generator(seed, Stream.FINITE_STEPS), size, count)
    problem = eq.problems.sensing(instance.matrices, instance.data, scale=FLOW_SCALE)
    start = eq.initial.Given((ALPHA**0.5 * np.eye(size),))
    exponents, curvature = followed(instance)
    across = instance.across
    additive, multiplicative = [], []
    for step in STEPS:
        count = round(TIME / step)
        theta = path(problem, eq.dynamics.GradientDescent(step), start, steps=count, every=count, seed=seed).theta[0][0]
        additive.append(instance.eigenvalues(theta @ theta.T))
        whole = np.array([ALPHA * np.eye(size)])
        ends = steer(instance.matrices, instance.data, whole, lambda r, _: r, step=step, steps=count)
        multiplicative.append(instance.eigenvalues(ends[0]))
    predicted = np.array(STEPS) / 2 * np.linalg.norm(curvature @ across.T) / np.linalg.norm(exponents)
    departures = xr.Dataset(
        {
            "descent": ("step", _off(instance, additive), {"long_name": "gradient descent: distance", "units": "1"}),
            "exponential": ("step", _off(instance, multiplicative), {"long_name": "exponentials", "units": "1"}),
            "predicted": ("step", predicted, {"long_name": "first order in the step", "units": "1"}),
        },
        {"step": ("step", np.array(STEPS), {"long_name": "step size, in the time of Eq. (4)", "units": "1"})},
        tangents(instance, ALPHA * np.exp(2 * exponents)),
    )
    return {"departures": departures}


def _off(instance: Commuting, values: list[np.ndarray]) -> np.ndarray:
    return instance.off_manifold(np.array(values) / ALPHA)


def followed(instance: Commuting) -> tuple[np.ndarray, np.ndarray]:
    """(log(λ/α)/2, ∫z² dt) at the end of gradient flow, where λ̇ = −2zλ with z the eigenvalues of A*(r)."""
    a, y = instance.spectra, instance.data

    def rate(_: float, state: np.ndarray) -> np.ndarray:
        z = (a @ (ALPHA * np.exp(2 * state[: a.shape[1]])) - y) @ a
        return np.concatenate([-z, z**2])

    nothing = np.zeros(2 * a.shape[1])
    end = scipy.integrate.solve_ivp(rate, (0, TIME), nothing, rtol=1e-10, atol=1e-12).y[:, -1]
    return end[: a.shape[1]], end[a.shape[1] :]


def tangents(instance: Commuting, values: np.ndarray) -> dict[str, float]:
    """How far Span{A_iX + XA_i} is from the differences within the manifold, and the angle from that at the start."""
    matrices = instance.matrices
    x = (instance.basis * values) @ instance.basis.T
    spanned = matrices @ x + x @ matrices
    small = 1e-4
    moved = [scipy.linalg.expm(sign * small * matrices) for sign in (1, -1)]
    along = (moved[0] @ x @ moved[0] - moved[1] @ x @ moved[1]) / (2 * small)
    flat = spanned.reshape(len(matrices), -1)
    angles = scipy.linalg.subspace_angles(flat.T, matrices.reshape(len(matrices), -1).T)
    return {
        "tangent_error": float(np.linalg.norm(along - spanned) / np.linalg.norm(spanned)),
        "angle": float(np.sin(angles.max())),
    }


def check(data: Data) -> list[Check]:
    """The distance is that of first order in the step; exponential steps stay; the tangent space turns."""
    table = data["departures"]
    exponent = np.polyfit(np.log(table["step"][-3:]), np.log(table["descent"][-3:]), 1)[0]
    return [
        near("exponent of the distance in the step, three shortest", exponent, 1, 0.1),
        near(
            "distance at the shortest step over the first order", table["descent"][-1] / table["predicted"][-1], 1, 0.1
        ),
        at_most("exponential steps: largest distance", largest(table["exponential"]), 1e-9),
        at_most("A_iX + XA_i against differences within the manifold", table.attrs["tangent_error"], 1e-6),
        at_least("sine of the largest angle from the tangent space at the start", table.attrs["angle"], 0.1),
    ]


def judge(data: Data) -> Judgement:
    """Whether finite steps leave, and infinitesimal ones do not."""
    table = data["departures"]
    descent = table["descent"]
    fall = float(descent[0] / descent[-1])
    longest, shortest = float(table["step"][0]), float(table["step"][-1])
    return jointly(
        judged(
            at_least("distance from the manifold with the longest steps, relative", descent[0], 1e-6),
            f"With steps of {longest:g} gradient descent ends {float(descent[0]):.1e} off the manifold, relative, and "
            f"with steps of {shortest:g} {float(descent[-1]):.1e}.",
        ),
        judged(
            at_least("distance with the longest steps over that with the shortest", fall, longest / shortest / 2),
            f"Steps {longest / shortest:g} times shorter end {fall:.1f} times closer to the manifold.",
        ),
    )


def draw(data: Data) -> Figure:
    """The distance from the manifold against the step."""
    table = data["departures"]
    figure, axes = eq.plots.new_figure(1, 1, panel=(5.0, 3.4))
    side = axes[0, 0]
    side.loglog(table["step"], table["descent"], "o", color=eq.plots.PALETTE[0], label="gradient descent on U")
    side.loglog(table["step"], table["predicted"], "--", color="black", lw=1, label="½η ‖Π⊥∫z²dt‖/‖s‖")
    values = np.maximum(table["exponential"], 1e-17)
    side.loglog(table["step"], values, "s", color=eq.plots.PALETTE[1], label="exponential steps")
    side.set_xticks(STEPS, [f"{step:g}" for step in STEPS])
    side.minorticks_off()
    side.set_xlabel("step η, in the time of Eq. (4)")
    side.set_ylabel("distance from the manifold, relative")
    eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="finitesteps",
    source="Section 4, Eq. (11)",
    statement="With commuting A_i gradient descent on U leaves the manifold exp(A*(s)) X₀ exp(A*(s)) by a distance "
    "that is linear in the step, as computed from the flow; multiplying by exponentials stays on it at any step.",
    printed=Printed(
        "The manifold is not flat and its tangent space, spanned by the A_iX + XA_i, differs from point to point; so "
        "steps of finite length fall off it, and only infinitesimal ones stay.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"n = 12, m = 6 (quick: 6, 3), from {ALPHA:g} I for the time {TIME:g} of Eq. (4). The distance is that of "
    "log X from the span of the A_i, relative to its norm. The paper says not by how much: at first order it is "
    "η/2 times the norm of what ∫z² dt has off the span, with z the eigenvalues of A*(r).",
)
