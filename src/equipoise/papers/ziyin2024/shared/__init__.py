"""Code shared by several claims of Ziyin et al. (2024)."""
