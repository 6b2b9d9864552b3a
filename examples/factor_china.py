"""A photograph of 427 x 640 pixels as XYᵀ of rank 20, by Perturbed GD, GD and the truncated SVD.

Writes factor_china.png beside this file. It takes about half a minute.
"""

from pathlib import Path

from sklearn.datasets import load_sample_image

from equipoise import plots
from equipoise.estimators import factor

RANK = 20
photograph = load_sample_image("china.jpg").mean(axis=2)

found = factor(photograph, RANK, start_balance=100.0)
descent = tuple(w[0] for w in found.descent.theta)
best = found.target.signal.factors()

pictures = {"original": photograph}
for row, (x, y) in zip(found.comparison, (descent, (found.x, found.y), best), strict=True):
    pictures[f"{row.method}: error {row.relative_error:.4f}, balance {row.balance:.3g}"] = x @ y.T

figure, axes = plots.new_figure(2, 2, panel=(3.8, 2.8))
for panel, picture in zip(axes.flat, pictures.values(), strict=True):
    panel.imshow(picture, cmap="gray", vmin=0, vmax=255)
    panel.set_axis_off()
plots.label_panels(axes.flat, list(pictures))
here = Path(__file__)
figure.savefig(here.with_suffix(".png"), dpi=150)

print(f"{'rank ' + str(RANK):16}{'error':>10}{'balance':>10}{'nuclear':>10}{'λmax':>10}{'κ':>10}{'seconds':>10}")
for row in found.comparison:
    numbers = (row.relative_error, row.balance, row.nuclear_norm, row.sharpness, row.condition_number, row.seconds)
    print(f"{row.method:16}" + "".join(f"{number:10.6g}" for number in numbers))
print(f"written to {here.with_suffix('.png').name}")
