"""What several claims of Liu et al. (2021) share."""
