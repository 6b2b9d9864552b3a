"""What the claims of Du, Hu and Lee (2018) draw from their seed is what it always was."""

import pytest

from equipoise.core.seeds import further_seed, generator
from equipoise.papers.du2018.shared.seeds import SEED, Offset, Stream

FURTHER = {
    "SETTINGS": 2021,
    "OTHER_DATA": 2031,
}
"""The seed of run 3 from each offset on."""

DRAWN = {
    "SADDLES": [-1.174008332, 0.833469916],
    "SEARCH": [0.823773298, 2.507565453],
    "STAGES": [-1.174008332, 0.833469916],
    "TIMES": [0.823773298, 2.507565453],
    "STARTS": [-1.01152558, -0.642643183],
    "MAPS": [-0.594368336, -2.097049832],
    "POINTS": [-0.109956431, 0.144529927],
    "UNBALANCED": [-1.285324765, 1.673515751],
    "INITIALIZATIONS": [-1.280410702, -0.533668470],
    "SMOOTHNESS": [-0.163276267, -1.326751000],
    "BALANCED_SET": [-1.580094507, -2.040689414],
    "IDENTITIES": [1.829287825, 0.595357683],
    "RECURSION": [-1.758347193, 1.576498465],
    "ESCAPE": [0.596027776, 1.251056104],
    "STAYING": [0.790632025, 0.598136265],
    "READINGS": [1.675316572, 1.906940651],
    "KINKS": [0.171714521, 0.586860345],
}
"""The first two normal numbers of each stream, to nine digits."""

NUMBERED = ("MAPS", "INITIALIZATIONS")
"""Streams that have a number as a further tag; theirs are of number 3."""


@pytest.mark.parametrize("offset", Offset.__members__)
def test_no_further_run_has_changed(offset):
    assert further_seed(SEED, Offset[offset], 3) == FURTHER[offset]


@pytest.mark.parametrize("name", Stream.__members__)
def test_no_stream_has_changed(name):
    number = (3,) if name in NUMBERED else ()
    assert generator(SEED, Stream[name], *number).standard_normal(2) == pytest.approx(DRAWN[name], abs=1e-9)
