"""Code shared by several claims of Li et al. (2024)."""
