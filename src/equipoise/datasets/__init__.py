"""A user's matrix or table of entries, checked before anything is computed, and data sets known by name."""

from equipoise.core.user_matrix import Matrix as Matrix
from equipoise.core.user_matrix import finite_matrix as finite_matrix
from equipoise.datasets.matrix_files import read_matrix as read_matrix
from equipoise.datasets.movielens import movielens_100k as movielens_100k
from equipoise.datasets.movielens import movielens_split as movielens_split
from equipoise.datasets.splits import hold_out_fraction as hold_out_fraction
from equipoise.datasets.splits import hold_out_per_row as hold_out_per_row
from equipoise.datasets.triplet_files import read_triplets as read_triplets
from equipoise.datasets.triplets import Triplets as Triplets
from equipoise.datasets.triplets import triplets_from_matrix as triplets_from_matrix
