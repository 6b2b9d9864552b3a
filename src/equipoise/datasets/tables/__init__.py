"""Tables of cells, whatever file they come from: what their columns are, and what is made of them."""
