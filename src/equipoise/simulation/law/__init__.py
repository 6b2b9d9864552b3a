"""Perturbed GD on a factorization exactly in law, in few coordinates: see `reduction.py`."""

from equipoise.simulation.law.chi import INNER as INNER
from equipoise.simulation.law.chi import OUTER as OUTER
from equipoise.simulation.law.method import NO_END as NO_END
from equipoise.simulation.law.method import ReducedDescent as ReducedDescent
from equipoise.simulation.law.reduction import Reduced as Reduced
from equipoise.simulation.law.reduction import reduction as reduction
from equipoise.simulation.law.reduction import refusal_of as refusal_of
