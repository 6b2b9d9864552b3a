"""Known entries of a matrix: from files and matrices, by ids, and in parts."""
