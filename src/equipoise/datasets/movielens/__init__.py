"""MovieLens 100K, a data set known by name."""
