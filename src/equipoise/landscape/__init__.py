"""The landscape of any problem on slices through θ: lines, planes and the gauge orbit, with paths in them."""

from equipoise.landscape.orbit import gauge_orbit as gauge_orbit
from equipoise.landscape.path import path_on as path_on
from equipoise.landscape.plane import Plane as Plane
from equipoise.landscape.plane import plane_of_path as plane_of_path
from equipoise.landscape.plane import plane_through as plane_through
from equipoise.landscape.plane import random_plane as random_plane
from equipoise.landscape.values import values_on as values_on
