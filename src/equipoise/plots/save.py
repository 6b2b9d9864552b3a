"""Figures as files: the same figure gives the same bytes."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from equipoise.core.files import whole_file
from equipoise.plots.style import styled

DOTS_PER_INCH = 200


@styled
def save_figure(figure: Figure, stem: Path, *, draft: bool = False) -> tuple[Path, ...]:
    """Write `stem`.png (200 dpi) and `stem`.pdf, each whole or not at all, without dates; return their paths.

    - `figure`: the figure to write.
    - `stem`: the path without its ending; it may contain dots (theorem2.1).
    - `draft`: write sooner, the PNG alone; False by default.

    Raises `InputError` if the folder cannot be written.
    """
    png, pdf = (stem.with_name(f"{stem.name}.{kind}") for kind in ("png", "pdf"))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, not again for each format
    canvas, dots_per_inch = figure.canvas, figure.dpi
    figure.set_dpi(DOTS_PER_INCH)
    try:
        # the canvases are used directly, since Figure.savefig draws everything once more for each file
        with whole_file(png) as temporary:
            FigureCanvasAgg(figure).print_png(temporary, metadata={"Software": None})
        if draft:
            return (png,)
        from matplotlib.backends.backend_pdf import FigureCanvasPdf  # here, since it loads a quarter of a second

        with whole_file(pdf) as temporary:
            undated = {"CreationDate": None, "Producer": None, "Creator": None}
            FigureCanvasPdf(figure).print_pdf(temporary, metadata=undated)
    finally:
        figure.set_canvas(canvas)
        figure.set_dpi(dots_per_inch)
    return png, pdf
