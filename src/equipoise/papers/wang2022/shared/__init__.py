"""Code shared by several claims of Wang et al. (2022)."""
