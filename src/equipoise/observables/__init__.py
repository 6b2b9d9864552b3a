"""What can be recorded along a run: pure functions (problem, θ) -> named arrays."""

from equipoise.core.observable import Observable as Observable
from equipoise.core.observable import Variable as Variable
from equipoise.observables.balance import balance as balance
from equipoise.observables.balance import matrix_gap as matrix_gap
from equipoise.observables.hessian import dense_hessian as dense_hessian
from equipoise.observables.hessian import hessian_product as hessian_product
from equipoise.observables.loss import loss as loss
from equipoise.observables.loss import relative_error as relative_error
from equipoise.observables.registry import BY_NAME as BY_NAME
from equipoise.observables.registry import AnyObservable as AnyObservable
from equipoise.observables.registry import evaluate as evaluate
from equipoise.observables.registry import resolve as resolve
from equipoise.observables.sharpness import condition_number as condition_number
from equipoise.observables.sharpness import hessian_trace as hessian_trace
from equipoise.observables.sharpness import sharpness as sharpness
from equipoise.observables.signal import distance as distance
from equipoise.observables.signal import projections as projections
from equipoise.observables.signal import reconstruction_error as reconstruction_error
from equipoise.observables.spectrum import effective_rank as effective_rank
from equipoise.observables.spectrum import nuclear_norm as nuclear_norm
from equipoise.observables.spectrum import singular_values as singular_values
