"""Known entries of a matrix: read from files and matrices, found by their ids, and split into parts."""
