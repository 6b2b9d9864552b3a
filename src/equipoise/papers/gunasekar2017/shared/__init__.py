"""What several claims of Gunasekar et al. (2017) share."""
