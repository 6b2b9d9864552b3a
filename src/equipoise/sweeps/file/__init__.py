"""Studies in files: a TOML document whose every key is checked."""
