"""Code shared by several claims of Liu et al. (2021)."""
