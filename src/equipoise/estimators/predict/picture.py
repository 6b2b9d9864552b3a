"""The picture of a prediction: singular values before and after, and the balance with its band."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from equipoise.estimators.predict.limit import PredictedLimit
from equipoise.noise import Gaussian
from equipoise.plots import PALETTE, add_legend, label_panels, new_figure, styled
from equipoise.theory import StationaryLaw, balance_after
from equipoise.theory.design import stds_of

_BEFORE, _AFTER, _OUTSIDE, _GAMMA = PALETTE[6], PALETTE[0], PALETTE[7], PALETTE[1]


@styled
def draw(limit: PredictedLimit) -> Figure:
    """A figure of three panels; of two if the spread is not known."""
    titles = ("Singular values", "Balance on the way", "Balance at the end")[: 2 if limit.law is None else 3]
    figure, axes = new_figure(1, len(titles), panel=(3.5, 3.0))
    _draw_values(axes[0, 0], limit)
    _draw_path(axes[0, 1], limit)
    if limit.law is not None:
        _draw_law(axes[0, 2], limit, limit.law)
    label_panels(axes[0], titles)
    return figure


def _draw_values(axes: Axes, limit: PredictedLimit) -> None:
    """The singular values of M, those that are left, and the threshold."""
    before = np.concatenate([limit.singular_values, limit.following])
    before = before[before > 0]
    axes.plot(np.arange(1, before.size + 1), before, "o", color=_BEFORE, mfc="none", ms=7, label="of M")
    if limit.law is None:
        after, spread = limit.lowered_values[: limit.kept], np.zeros(limit.kept)
    else:
        after, spread = limit.law.singular_values, 2 * limit.law.singular_values_std
    at = np.arange(1, after.size + 1)
    axes.errorbar(at, after, yerr=spread, fmt=".", color=_AFTER, ms=5, lw=1, label="of XYᵀ")
    axes.axhline(limit.threshold, color=_OUTSIDE, lw=0.9, ls=":", label="threshold of the noise")
    axes.axvline(limit.rank + 0.5, color=_OUTSIDE, lw=0.6, ls="--")
    axes.set_yscale("log")
    axes.set_xlabel("number (dashed: the rank)")
    axes.set_ylabel("singular value")
    axes.xaxis.get_major_locator().set_params(integer=True)
    add_legend(axes, loc="best")


def _draw_path(axes: Axes, limit: PredictedLimit) -> None:
    """The mean of the balance from a small start on."""
    steps, path, end = _path(limit)
    axes.plot(steps, path, color=_AFTER, label="predicted mean")
    axes.axhline(limit.gamma, color=_GAMMA, lw=0.9, ls="--", label="γ, for small steps")
    if limit.phases is not None:
        for at in (limit.phases.escape, limit.phases.escape + limit.phases.descent):
            axes.axvline(at, color=_OUTSIDE, lw=0.6, ls=":")
        axes.set_xlabel("step (dotted: escape and descent end)")
    else:
        axes.set_xticks([])
    axes.set_xlim(0, end)
    axes.set_ylabel("balance ‖X‖/‖Y‖")
    axes.margins(y=0.2)
    add_legend(axes, loc="best")


def _draw_law(axes: Axes, limit: PredictedLimit, law: StationaryLaw) -> None:
    """The law of the balance, nearly normal, with a band of two standard deviations on each side."""
    mean, std = law.balance, law.balance_std
    at = np.linspace(mean - 4 * std, mean + 4 * std, 201)
    height = np.exp(-(((at - mean) / std) ** 2) / 2)
    axes.plot(at, height, color=_AFTER, label="law of the balance")
    band = np.abs(at - mean) <= 2 * std
    axes.fill_between(at, 0, height, where=band, color=_AFTER, alpha=0.25, lw=0, label="± 2 standard deviations")
    axes.axvline(limit.gamma, color=_GAMMA, lw=0.9, ls="--", label="γ, for small steps")
    axes.set_ylim(0, 1.7)
    axes.set_yticks([])
    axes.set_xlabel("balance ‖X‖/‖Y‖")
    axes.set_ylabel("density")
    axes.locator_params(axis="x", nbins=4)
    add_legend(axes, loc="upper center")


def _path(limit: PredictedLimit) -> tuple[np.ndarray, np.ndarray, float]:
    """Steps, the mean of the balance there, and the last step; level without phases."""
    if limit.phases is None:
        return np.array([0.0, 1.0]), np.full(2, limit.balance), 1.0
    fitted = limit.phases.escape + limit.phases.descent
    times = np.linspace(0.0, max(1.6 * limit.phases.drift, 0.5 * fitted), 200)
    first = math.sqrt(limit.step_sizes[0] / limit.step_sizes[1])
    noise = Gaussian(std=stds_of(limit.balance, limit.threshold, limit.shape))
    shapes = ((limit.shape[0], limit.rank), (limit.shape[1], limit.rank))
    drifting = [balance_after(first, t, noise, shapes, step_size=limit.step_sizes) for t in times]
    steps = np.concatenate([[0.0], fitted + times])
    return steps, np.array([first, *drifting]), float(steps[-1])
