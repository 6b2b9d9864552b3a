"""Code shared by several claims of Arora (2019)."""
