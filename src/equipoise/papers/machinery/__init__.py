"""What all papers share: what a claim is, and how the claims of a paper are run, checked, drawn and reported."""
