"""Linear maps W -> y of a matrix and their adjoints, which linear measurements are made of; one operator per file."""

from equipoise.problems.operators.dense import DenseOperator as DenseOperator
from equipoise.problems.operators.entries import Entries as Entries
from equipoise.problems.operators.formed import AbstractFormedOperator as AbstractFormedOperator
from equipoise.problems.operators.functions import FunctionOperator as FunctionOperator
from equipoise.problems.operators.interface import AbstractArrayOperator as AbstractArrayOperator
from equipoise.problems.operators.interface import AbstractOperator as AbstractOperator
from equipoise.problems.operators.rank_one import RankOneOperator as RankOneOperator
from equipoise.problems.operators.selected import Selected as Selected
from equipoise.problems.operators.sparse import SparseOperator as SparseOperator
from equipoise.problems.operators.weighted import WeightedEntries as WeightedEntries
