"""The engines that advance a batch of replicates, with one interface."""

from equipoise.simulation.engines.interface import AbstractEngine as AbstractEngine
from equipoise.simulation.engines.interface import AbstractVisitingEngine as AbstractVisitingEngine
from equipoise.simulation.engines.interface import Visits as Visits
from equipoise.simulation.engines.law import Law as Law
from equipoise.simulation.engines.law import is_law as is_law
from equipoise.simulation.engines.native import Native as Native
from equipoise.simulation.engines.registry import AUTO as AUTO
from equipoise.simulation.engines.registry import ENGINES as ENGINES
from equipoise.simulation.engines.registry import choose_engine as choose_engine
from equipoise.simulation.engines.xla import XLA as XLA
