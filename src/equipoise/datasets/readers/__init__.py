"""The readers of file formats: one file, or one folder, for each format."""
