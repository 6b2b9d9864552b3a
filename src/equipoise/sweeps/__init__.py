"""Grids of runs: a study, its points, and a store that grows and survives."""
