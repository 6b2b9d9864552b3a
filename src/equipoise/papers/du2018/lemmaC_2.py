# ruff: noqa: N999
"""Statement I(t) in the proof of Lemma C.2: once there, the signal strengths do not fall by more than a product."""

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.induction import induction
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import LIMIT, Strengths, drawn, in_event
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

DIMENSION = 30.0
C_STEPS, BEYOND = (0.05, 0.1, 0.3, 0.45, 0.7), 0.7
MEASURED = 0.25
"""The c₁ of Lemma C.2 as measured for Theorem 3.2; a larger one makes I(t) say more."""

CONSTANTS = {"of the proof": eq.theory.signal_constant(LIMIT), "measured": MEASURED}
STEPS = 50.0
"""The number of steps is STEPS/c_step."""


def run(quick: bool, seed: int) -> Data:
    """Starts that the proof covers, followed through both stages, for each c_step and both values of c₁."""
    random = generator(seed, Stream.STAYING)
    start = drawn(1000 if quick else 20_000, DIMENSION, random)
    chosen = np.flatnonzero(in_event(start, DIMENSION))
    first = Strengths(*(number[chosen] for number in start))
    rows = []
    for constant in CONSTANTS.values():
        cases = [_followed(first, c_step, constant) for c_step in C_STEPS]
        rows.append(xr.concat(cases, xr.DataArray(list(C_STEPS), dims="c_step", name="c_step")))
    names = xr.DataArray(list(CONSTANTS), dims="constant", name="constant")
    return {"starts": xr.concat(rows, names)}


def _followed(first: Strengths, c_step: float, constant: float) -> xr.Dataset:
    found = induction(first, c_step, constant, round(STEPS / c_step))
    return xr.Dataset(
        {
            "kept": ("start", found.kept, {"long_name": "smallest strength after T₁ over I(t)", "units": "1"}),
            "fall": ("start", found.fall, {"long_name": "largest relative fall of a strength in a step", "units": "1"}),
            "over": ("start", found.over, {"long_name": "the same over what I(t) allows", "units": "1"}),
            "escaped": ("start", found.escaped, {"long_name": "T₁", "units": "steps"}),
        }
    )


def _small(starts: xr.Dataset) -> xr.Dataset:
    """Those with c_step below ½, for which αβ ≤ σ₁."""
    return starts.sel(c_step=[c for c in C_STEPS if c < BEYOND])


def check(data: Data) -> list[Check]:
    """I(t) in every step, for both constants; and what becomes of a step beyond c_step = ½."""
    starts = data["starts"]
    small = _small(starts)
    return [
        at_least("smallest T₁, over all starts", smallest(starts["escaped"]), 1.0),
        *(
            at_least(
                f"c₁ {name}: smallest α_t or β_t after T₁ over its bound in I(t)",
                smallest(small["kept"].sel(constant=name)),
                1.0,
            )
            for name in CONSTANTS
        ),
        at_most("c_step below ½: largest relative fall of a strength in a step", largest(small["fall"]), 1e-12),
        at_least(
            "c_step 0.7: largest fall in a step over the ηξ₀(1 − c₁c_step)^(t − T₁) allowed, c₁ = ¼",
            largest(starts["over"].sel(constant="measured", c_step=BEYOND)),
            10.0,
        ),
    ]


def judge(data: Data) -> Judgement:
    """With c₁ = ¼, which is stricter than that of the proof, and c_step below ½."""
    found = smallest(_small(data["starts"])["kept"].sel(constant="measured"))
    return judged(
        at_least("c₁ = ¼: smallest α_t or β_t after T₁ over its bound in I(t)", found, 1.0),
        f"For c_step below ½ and c₁ = ¼, which asks for most, α_t and β_t are at least {found:.6f} times their bound "
        "after T₁.",
    )


CLAIM = Claim(
    id="lemmaC.2",
    source="Statement I(t) in the proof of Lemma C.2, Appendix C",
    statement="From T₁ on, α_t is at least α_{T₁} times the product of 1 − ηξ₀(1 − c₁c_step)^(i − T₁), and so is β_t. "
    "Measured: neither falls at all, in any step, as long as c_step is below ½; at 0.7, where αβ passes σ₁, single "
    "steps fall by more than their factor.",
    printed=Printed(
        "For a small universal constant c₁ and all t ≥ T₁, α_t ≥ α_{T₁} Π (1 − ηξ₀(1 − c₁c_step)^{i − T₁}), i from T₁ "
        "to t − 1, and likewise β_t.",
        judge,
    ),
    run=run,
    check=check,
    choices="σ₁ = 2, d = 30, c_init = 0.01, starts in law that the proof covers, c_step from 0.05 to 0.7, by the "
    "recursion of the four strengths. I(t) says more, the larger c₁ is; taken are the 1.25e-5 of the proof and the ¼ "
    "that is measured for Theorem 3.2. Statements (a) to (d) of the lemma are part of Theorem 3.2.",
)
