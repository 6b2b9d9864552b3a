"""Grids of runs: a study, its points, and a store that grows and survives."""

from equipoise.sweeps.axes import AbstractDesign as AbstractDesign
from equipoise.sweeps.axes import Grid as Grid
from equipoise.sweeps.axes import Listed as Listed
from equipoise.sweeps.axes import Product as Product
from equipoise.sweeps.axes import Range as Range
from equipoise.sweeps.axes import Sampled as Sampled
from equipoise.sweeps.axes import Zipped as Zipped
from equipoise.sweeps.cost import Estimate as Estimate
from equipoise.sweeps.cost import estimate as estimate
from equipoise.sweeps.executors.local import Local as Local
from equipoise.sweeps.executors.local import WorkerDiedError as WorkerDiedError
from equipoise.sweeps.exporting import export as export
from equipoise.sweeps.file.reading import StudyFile as StudyFile
from equipoise.sweeps.file.reading import read_study as read_study
from equipoise.sweeps.points import point_seed as point_seed
from equipoise.sweeps.source import stored_study as stored_study
from equipoise.sweeps.standing import Progress as Progress
from equipoise.sweeps.standing import status as status
from equipoise.sweeps.store.reading import load as load
from equipoise.sweeps.study import Study as Study
from equipoise.sweeps.sweep import sweep as sweep
