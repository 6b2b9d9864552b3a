"""Figures for print, drawn from Datasets on given Axes, without pyplot and without global state."""

from equipoise.plots.boxes import draw_boxes as draw_boxes
from equipoise.plots.grid import draw_grid as draw_grid
from equipoise.plots.grids import draw_grids as draw_grids
from equipoise.plots.grids import select_points as select_points
from equipoise.plots.labels import add_legend as add_legend
from equipoise.plots.labels import axis_label as axis_label
from equipoise.plots.labels import label_axes as label_axes
from equipoise.plots.labels import label_panels as label_panels
from equipoise.plots.layers import draw_layers as draw_layers
from equipoise.plots.paths import draw_paths as draw_paths
from equipoise.plots.runs import draw_runs as draw_runs
from equipoise.plots.save import save_figure as save_figure
from equipoise.plots.scales import logarithmic_axis as logarithmic_axis
from equipoise.plots.style import PALETTE as PALETTE
from equipoise.plots.style import STYLE as STYLE
from equipoise.plots.style import new_figure as new_figure
from equipoise.plots.style import styled as styled
from equipoise.plots.surface import draw_contours as draw_contours
from equipoise.plots.surface import draw_surface as draw_surface
from equipoise.plots.surface import draw_track as draw_track
from equipoise.plots.surface import surface as surface
