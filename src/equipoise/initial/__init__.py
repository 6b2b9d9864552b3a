"""Starts θ₀ of the replicates."""

from equipoise.core.initial import AbstractInitial as AbstractInitial
from equipoise.initial.gaussian import Gaussian as Gaussian
from equipoise.initial.given import Given as Given
from equipoise.initial.given import Saddle as Saddle
from equipoise.initial.orthogonal import OrthogonalToSignal as OrthogonalToSignal
from equipoise.initial.scaled import GaussianOfNorm as GaussianOfNorm
from equipoise.initial.scaled import Identity as Identity
from equipoise.initial.unbalanced import Unbalanced as Unbalanced
