"""The engine in C++."""

from equipoise.simulation.engines.native.engine import Native as Native
from equipoise.simulation.engines.native.engine import is_slower_than_xla as is_slower_than_xla
from equipoise.simulation.engines.native.law import NativeLaw as NativeLaw
