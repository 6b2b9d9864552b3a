"""Quantities that gradient flow conserves, found from a problem alone."""

from equipoise.theory.conservation.finder import conservation_laws as conservation_laws
from equipoise.theory.conservation.found import FoundLaws as FoundLaws
from equipoise.theory.conservation.laws import ConservationLaws as ConservationLaws
from equipoise.theory.conservation.polynomial_laws import PolynomialLaws as PolynomialLaws
