"""Diagonal linear networks: what gradient flow minimizes, where it ends, and a proof for an end point."""

from equipoise.theory.diagonal.limit import DiagonalLimit as DiagonalLimit
from equipoise.theory.diagonal.limit import diagonal_flow_limit as diagonal_flow_limit
from equipoise.theory.diagonal.optimality import DiagonalOptimality as DiagonalOptimality
from equipoise.theory.diagonal.optimality import diagonal_optimality as diagonal_optimality
from equipoise.theory.diagonal.optimality import hyperbolic_entropy as hyperbolic_entropy
