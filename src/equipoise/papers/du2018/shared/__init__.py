"""What several claims of Du, Hu and Lee (2018) share."""
