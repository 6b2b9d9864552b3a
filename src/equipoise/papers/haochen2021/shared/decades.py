"""Checks of numbers that differ by factors from one instance to the next."""

from typing import SupportsFloat

import numpy as np

from equipoise.papers.machinery.check import Check, at_least


def above(name: str, measured: SupportsFloat, bound: float) -> Check:
    """A check that holds if measured ≥ bound, both as decimal logarithms."""
    return at_least(f"{name}, log10", np.log10(float(measured)), float(np.log10(bound)))
