"""Code shared by several claims of HaoChen et al. (2021)."""
