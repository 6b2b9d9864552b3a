"""The seed of the runs of Du, Hu and Lee (2018), the streams that its claims draw from, and their further runs."""

import enum

SEED = 2018
"""The default seed."""


class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`.

    Two names with the same number are one stream, so no claim may draw from both. The numbers 0 to 4 also belong to the
    package's own instances; give a new tag a number from 7 on.
    """

    SADDLES = 1
    """Lemma 3.2: the enumerated stationary points."""
    SEARCH = 2
    """Lemma 3.2: the starts of the search for others."""
    STAGES = 1
    """Theorem 3.2: the starts followed through both stages."""
    TIMES = 2
    """Theorem 3.2: the starts whose times are counted."""
    STARTS = 5
    """The starts of networks."""
    MAPS = 6
    """Theorem 2.3: random maps, each with its number as a further tag."""
    POINTS = 20
    """Figure 2: inputs and targets."""
    UNBALANCED = 21
    """Section 1: changes of U, and rotations of the optimum."""
    INITIALIZATIONS = 22
    """The usual starts, each scheme with its number as a further tag."""
    SMOOTHNESS = 23
    """Lemma B.1: points of the bounded sets."""
    BALANCED_SET = 24
    """Eq. (15): points of the set, and the starts of ascents in it."""
    IDENTITIES = 25
    """Eqs. (19) to (22): points."""
    RECURSION = 26
    """Eq. (24): points, step sizes and the starts of paths."""
    ESCAPE = 27
    """Lemma C.1: starts."""
    STAYING = 28
    """Lemma C.2: starts."""
    KINKS = 31
    """Theorem 2.1: networks in whole numbers."""
    READINGS = 30
    """Theorem 3.2: the starts by both readings of N(0, δI)."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    SETTINGS = 0
    """Figure 1: one for each setting."""
    OTHER_DATA = 10
    """Figure 2: the small network on other data."""
