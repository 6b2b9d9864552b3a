"""What the claims of Liu et al. (2021) draw from their seed is what it always was."""

import pytest

from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import SEED, Offset

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
}
"""The seed of run 3 from each offset on."""


@pytest.mark.parametrize("offset", Offset.__members__)
def test_no_further_run_has_changed(offset):
    assert further_seed(SEED, Offset[offset], 3) == FURTHER[offset]
