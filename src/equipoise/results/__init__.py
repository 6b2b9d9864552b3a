"""Runs as labeled arrays: made, written and read."""

from equipoise.machine import machine as machine
from equipoise.machine import processor as processor
from equipoise.machine import versions as versions
from equipoise.results.concatenated import concatenate as concatenate
from equipoise.results.rebuilt import rebuild as rebuild
from equipoise.results.run import Run as Run
from equipoise.results.run import load as load
from equipoise.results.run import load_dataset as load_dataset
from equipoise.results.run import save_dataset as save_dataset
from equipoise.results.simulate import simulate as simulate
from equipoise.results.together import Case as Case
from equipoise.results.together import simulate_together as simulate_together
from equipoise.results.watched import Watched as Watched
from equipoise.results.watched import watch as watch
