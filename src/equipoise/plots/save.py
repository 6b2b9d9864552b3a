"""Figures as files: the same figure gives the same bytes."""

from pathlib import Path

from matplotlib.figure import Figure

from equipoise.core.files import whole_file
from equipoise.plots.style import styled

DOTS_PER_INCH = 200


@styled
def save_figure(figure: Figure, stem: Path) -> tuple[Path, Path]:
    """Write `stem`.png (200 dpi) and `stem`.pdf, each whole or not at all, without dates; return their paths.

    `stem` may hold dots (theorem2.1). Raises `InputError` if the folder cannot be written.
    """
    png, pdf = (stem.with_name(f"{stem.name}.{kind}") for kind in ("png", "pdf"))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, not again for each format
    with whole_file(png) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, metadata={"Software": None})
    with whole_file(pdf) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, metadata={"CreationDate": None, "Producer": None, "Creator": None})
    return png, pdf
