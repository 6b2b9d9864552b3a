"""What the claims of Gunasekar et al. (2017) draw from their seed is what it always was."""

import pytest

from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.seeds import SEED, Offset, Stream

FURTHER = {
    "PANELS": 2020,
    "SETTINGS": 2020,
    "INSTANCE": 3020,
    "LOCAL_MINIMA": 7020,
    "COMMUTATORS": 8020,
}
"""The seed of run 3 from each offset on."""

DRAWN = {
    "THEOREM1": [1.113697452, -1.413783732],
    "M1": [2.261883253, 0.179906161],
    "COROLLARY2": [-1.14590125, -0.485670387],
    "WARMUP": [-2.655861362, -0.159656054],
    "RECONSTRUCTION_TRUTH": [-1.36058309, -1.690870232],
    "RECONSTRUCTION_STARTS": [0.131912299, -1.381448325],
    "GRID_DIRECTIONS": [-1.36058309, -1.690870232],
    "GRID_ORDER": [0.131912299, -1.381448325],
    "FLOW_START": [1.246785733, 0.01807839],
    "FLOW_TRUTH": [-1.299927626, -1.070487876],
    "KKT_TRUTH": [-0.141731943, -1.760520176],
    "KKT_START": [0.129935041, 0.195650509],
    "CONJECTURE_TRUTH": [-1.573388965, -0.01074562],
    "CONJECTURE_START": [0.787855936, -0.252729453],
    "RATINGS": [0.60770519, -0.302075635],
    "DEEP": [0.370571016, 0.710586837],
    "ALGORITHMS": [1.46710534, -0.300274378],
    "MULTITASK": [0.805705894, 0.428387777],
    "LIFT": [-1.570137092, -0.442508121],
    "LOCAL_MINIMA": [-1.068425854, 1.217132607],
    "CONTROL": [0.205081437, 0.520035928],
    "FINITE_STEPS": [-0.471856867, -0.373297485],
    "CLOSURE": [-1.844437857, -0.977614446],
    "COMMUTATORS": [-1.521834234, -0.878090435],
    "MOMENTUM": [0.542373609, 1.039020182],
}
"""The first two normal numbers of each stream, to nine digits."""

NUMBERED = (
    *("RECONSTRUCTION_TRUTH", "GRID_DIRECTIONS", "FLOW_TRUTH"),
    *("MULTITASK", "LOCAL_MINIMA", "COMMUTATORS"),
)
"""Streams that have a number as a further tag; theirs are of number 3."""


@pytest.mark.parametrize("offset", Offset.__members__)
def test_no_further_run_has_changed(offset):
    assert further_seed(SEED, Offset[offset], 3) == FURTHER[offset]


@pytest.mark.parametrize("name", Stream.__members__)
def test_no_stream_has_changed(name):
    number = (3,) if name in NUMBERED else ()
    assert generator(SEED, Stream[name], *number).standard_normal(2) == pytest.approx(DRAWN[name], abs=1e-9)
