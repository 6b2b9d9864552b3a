"""Code shared by several claims of Du, Hu and Lee (2018)."""
