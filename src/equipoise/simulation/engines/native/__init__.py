"""The engine in C++."""

from equipoise.simulation.engines.native.compiled import in_words as in_words
from equipoise.simulation.engines.native.engine import Native as Native
