"""Closed forms: the papers' and what follows from them, each with its equation."""

from equipoise.theory.landscape import condition_number as condition_number
from equipoise.theory.landscape import global_minimum as global_minimum
from equipoise.theory.landscape import hessian_spectrum as hessian_spectrum
from equipoise.theory.landscape import off_signal as off_signal
from equipoise.theory.landscape import saddle_eigenvalue as saddle_eigenvalue
from equipoise.theory.landscape import sharpness as sharpness
from equipoise.theory.minimizers import escape_eigenvalue as escape_eigenvalue
from equipoise.theory.minimizers import smoothed_minimum as smoothed_minimum
from equipoise.theory.minimizers import smoothed_signal as smoothed_signal
from equipoise.theory.minimizers import smoothed_stationary_point as smoothed_stationary_point
from equipoise.theory.moments import noise_balance as noise_balance
from equipoise.theory.moments import second_moments as second_moments
from equipoise.theory.moments import threshold as threshold
from equipoise.theory.moments import thresholds as thresholds
from equipoise.theory.search import StationaryPoints as StationaryPoints
from equipoise.theory.search import find_stationary_points as find_stationary_points
from equipoise.theory.search import gradient_norms as gradient_norms
from equipoise.theory.search import hessian_eigenvalues as hessian_eigenvalues
from equipoise.theory.smoothing import sampled_mean as sampled_mean
from equipoise.theory.smoothing import smoothed as smoothed
from equipoise.theory.stability import largest_stable_step_size as largest_stable_step_size
from equipoise.theory.stability import largest_stable_step_size_at as largest_stable_step_size_at
