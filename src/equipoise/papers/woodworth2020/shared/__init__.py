"""Code shared by several claims of Woodworth (2020)."""
