"""Starts θ₀ of the replicates."""

from equipoise.core.initial import AbstractInitial as AbstractInitial
from equipoise.initial.balanced import Balanced as Balanced
from equipoise.initial.conditional import Conditional as Conditional
from equipoise.initial.conditional import DeterminantSign as DeterminantSign
from equipoise.initial.end_to_end import EndToEnd as EndToEnd
from equipoise.initial.gaussian import Gaussian as Gaussian
from equipoise.initial.given import Constant as Constant
from equipoise.initial.given import Given as Given
from equipoise.initial.given import Saddle as Saddle
from equipoise.initial.orthogonal import OrthogonalToSignal as OrthogonalToSignal
from equipoise.initial.scaled import GaussianOfNorm as GaussianOfNorm
from equipoise.initial.scaled import Identity as Identity
from equipoise.initial.unbalanced import Unbalanced as Unbalanced
