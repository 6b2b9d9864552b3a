"""The one loop of all runs: begin, advance, look, end; the engines that advance it share one interface."""

from equipoise.simulation.batch import Batch as Batch
from equipoise.simulation.batch import Experiment as Experiment
from equipoise.simulation.engines import ENGINES as ENGINES
from equipoise.simulation.engines import XLA as XLA
from equipoise.simulation.engines import AbstractEngine as AbstractEngine
from equipoise.simulation.record import Record as Record
from equipoise.simulation.step import one_step as one_step
from equipoise.simulation.stop import StopWhen as StopWhen
from equipoise.simulation.unrolled import unroll as unroll
from equipoise.simulation.watching import Look as Look
from equipoise.simulation.watching import looks as looks
