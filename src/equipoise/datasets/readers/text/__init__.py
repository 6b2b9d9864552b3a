"""Tables in text: .csv, .tsv and MovieLens files."""
