"""What the claims of Liu et al. (2021) draw from their seed is what it always was."""

import pytest

from equipoise.core.seeds import further_seed, generator
from equipoise.papers.liu2021.shared.seeds import SEED, Offset, Stream

FURTHER = {
    "AVERAGES": 2024,
    "FIGURE6": 2024,
    "THEOREM1": 2034,
    "DECAYING": 2044,
    "LEMMA4": 2054,
    "LEMMA5": 2064,
    "ESCAPES": 2224,
    "LEMMA6": 2074,
    "LEMMA7": 2084,
    "COVARIANCES": 2104,
    "TAILS": 2114,
    "FIGURE2": 2124,
    "FIGURE3": 3024,
    "SPREAD": 5324,
    "SECTION5": 4024,
    "SGD": 5024,
    "BIAS": 5124,
    "PLATEAU": 5224,
}
"""The seed of run 3 from each offset on."""


@pytest.mark.parametrize("offset", Offset.__members__)
def test_no_further_run_has_changed(offset):
    assert further_seed(SEED, Offset[offset], 3) == FURTHER[offset]


DRAWN = {
    "PROBABILITY": [-0.0884819017, -0.1427363816],
    "ODDS": [0.034728914, -0.7123320135],
    "COMPARISON": [0.1297977974, 0.2507139795],
    "ESTIMATOR": [0.4481451298, 0.1958146736],
    "LABELS": [-0.0340630215, -0.9600832191],
}
"""The first two standard normal numbers of each stream."""


@pytest.mark.parametrize("name", Stream.__members__)
def test_no_stream_has_changed(name):
    assert generator(SEED, Stream[name]).standard_normal(2) == pytest.approx(DRAWN[name], abs=1e-9)
