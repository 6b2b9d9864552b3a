"""The only loop: record, stop, status, over engines behind one interface."""

from equipoise.simulation.engines import XLA as XLA
from equipoise.simulation.engines import AbstractEngine as AbstractEngine
from equipoise.simulation.engines import Experiment as Experiment
from equipoise.simulation.loop import run_ensemble as run_ensemble
from equipoise.simulation.plan import Ensemble as Ensemble
from equipoise.simulation.plan import Plan as Plan
from equipoise.simulation.record import Record as Record
from equipoise.simulation.stop import StopWhen as StopWhen
