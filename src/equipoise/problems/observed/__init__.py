"""The known entries of a large matrix, and what a factorization of it needs of them: two passes for a gradient."""

from equipoise.problems.observed.factors import padded as padded
from equipoise.problems.observed.factors import padded_copy as padded_copy
from equipoise.problems.observed.known import Known as Known
from equipoise.problems.observed.known import Weights as Weights
from equipoise.problems.observed.known import products as products
from equipoise.problems.observed.orders import Order as Order
from equipoise.problems.observed.orders import orders_of as orders_of
