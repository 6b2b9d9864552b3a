"""Code shared by several claims of the paper of our own."""
