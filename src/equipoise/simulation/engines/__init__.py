"""What advances a batch of replicates, behind one interface."""

from equipoise.simulation.engines.interface import AbstractEngine as AbstractEngine
from equipoise.simulation.engines.interface import Batch as Batch
from equipoise.simulation.engines.interface import Experiment as Experiment
from equipoise.simulation.engines.interface import Recording as Recording
from equipoise.simulation.engines.xla import XLA as XLA
