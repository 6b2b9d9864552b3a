"""The engine in C++."""

from equipoise.simulation.engines.native.engine import Native as Native
