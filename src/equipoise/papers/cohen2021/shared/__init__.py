"""Code shared by several claims of Cohen (2021)."""
