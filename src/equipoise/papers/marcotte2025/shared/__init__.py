"""Code shared by several claims of the paper."""
