"""Code shared by several claims of Razin (2020)."""
