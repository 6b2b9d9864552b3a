"""MovieLens 100K, a built-in data set."""
