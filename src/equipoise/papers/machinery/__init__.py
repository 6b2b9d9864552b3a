"""The machinery of all papers: what a claim is, and how claims are run, checked, drawn and reported."""
