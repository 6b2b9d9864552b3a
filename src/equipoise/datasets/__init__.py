"""A user's matrix, from a file in a common format or from memory, checked before anything is computed."""

from equipoise.datasets.checks import Matrix as Matrix
from equipoise.datasets.checks import finite_matrix as finite_matrix
from equipoise.datasets.matrix_files import read_matrix as read_matrix
