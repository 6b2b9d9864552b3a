"""The seed of the runs of the paper of our own, the streams that its claims draw from, and their further runs."""

import enum

SEED = 2026
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    TARGETS = 7
    """The engine that is exact in law: matrices to factor."""
    COMPLETION = 8
    """Unity: the matrix to complete."""
    COMMUTING = 9
    """Excess: measurements that commute."""
    SINGLE = 10
    """Excess: one measurement."""
    FORMS = 11
    """Laws: starts, and forms that are not conserved."""
    POINTS = 12
    """Unity: the point at which smoothing is sampled."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    AVERAGES = 0
    """Soft threshold: one for each setting."""
    DECAY = 50
    """Soft threshold: the noise that decays."""
    DIRECT = 100
    """The engine that is exact in law: one for each case of the direct engine."""
    IN_LAW = 200
    """The same of the law engine."""
    CONTROL = 250
    """The same with two rows more: one for each engine."""
    UNITY = 300
    """Unity: one for each run."""
    LAWS = 400
    """Laws: one for each problem."""
