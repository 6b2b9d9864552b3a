"""Code shared by several claims of Gunasekar et al. (2017)."""
