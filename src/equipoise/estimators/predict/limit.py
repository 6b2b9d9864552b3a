"""The predicted limit, what it says in numbers, and its picture."""

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from equipoise.core.files import whole_set, write_json
from equipoise.noise import Gaussian
from equipoise.plots import PALETTE, add_legend, label_panels, new_figure, save_figure, styled
from equipoise.theory import Phases, StationaryLaw, balance_after
from equipoise.theory.design import stds_of

FILES = ("prediction.json", "prediction.png", "prediction.pdf")
"""The files that `PredictedLimit.save` writes."""

_BEFORE, _AFTER, _OUTSIDE, _GAMMA = PALETTE[6], PALETTE[0], PALETTE[7], PALETTE[1]


@dataclasses.dataclass(frozen=True)
class PredictedLimit:
    """Where Perturbed GD with constant noise ends on a matrix M ≈ XYᵀ, and how it gets there.

    Norms are in the unit of M, step sizes in 1/[M], and standard deviations of noise and start in √[M].

    - `shape`, `rank`: (d1, d2), and the number R of columns of X and Y.
    - `noise_std`: (s1, s2), the standard deviations of the noise on X and Y.
    - `gamma`: the balance of the noise, which is that of the limit as η → 0.
    - `threshold`: t = √(d1 d2) s1 s2, by which the noise lowers each singular value.
    - `step_sizes`, `largest_step_sizes`: (ηx, ηy), and the largest stable ones in that proportion.
    - `stability`: the first over the second; 1 or more is unstable.
    - `singular_values`: the leading R of M.
    - `lowered_values`: (σ − t)₊, those of the smoothed minimum.
    - `kept`: how many of these are above 0.
    - `law`: the stationary law at this step size; None if the step size is unstable, or the rank too high for it.
    - `relative_error`: ‖XYᵀ − M‖_F/‖M‖_F; with the fluctuations if `law` is known.
    - `nuclear_norm`, `sharpness`, `condition_number`: at the smoothed minimum, as in `FactorizationScore`.
    - `phases`: the steps from a small start; None if the start is not small or the step size unstable.
    - `start_std`: the standard deviation of the entries of that start.
    - `following`: the known singular values of M beyond R, at most R.
    - `notes`: one sentence for each thing to know.
    """

    shape: tuple[int, int]
    rank: int
    noise_std: tuple[float, float]
    gamma: float
    threshold: float
    step_sizes: tuple[float, float]
    largest_step_sizes: tuple[float, float]
    singular_values: Float[np.ndarray, " rank"]
    lowered_values: Float[np.ndarray, " rank"]
    kept: int
    law: StationaryLaw | None
    relative_error: float
    nuclear_norm: float
    sharpness: float
    condition_number: float
    phases: Phases | None
    start_std: float
    following: Float[np.ndarray, " beyond"]
    notes: tuple[str, ...]

    @property
    def stability(self) -> float:
        """The step sizes over the largest stable ones."""
        return self.step_sizes[0] / self.largest_step_sizes[0]

    @property
    def balance(self) -> float:
        """The mean of ‖X‖_F/‖Y‖_F; `gamma` if the law is not known."""
        return self.gamma if self.law is None else self.law.balance

    @property
    def balance_std(self) -> float | None:
        """The standard deviation of the balance; None if the law is not known."""
        return None if self.law is None else self.law.balance_std

    @property
    def balance_error(self) -> float | None:
        """How far off the mean of the balance may be, relatively: 5 ln²(balance/γ); None if the law is not known.

        The law knows the first order of what a finite step size adds, ln(balance/γ), and the next order is like its
        square. The factor is measured: in simulations at ησ1 = 0.1 and 0.2 it was 1.6 to 3.1 on four random matrices,
        and 3.7 and 4.1 on the digits (`benchmarks/prediction.py`), so 5 leaves some room.
        """
        return None if self.law is None else 5 * float(np.log(self.law.balance / self.gamma)) ** 2

    def save(self, folder: Path, *, about: Mapping[str, Any] | None = None) -> dict[str, Path]:
        """Write the numbers and a picture, as a set or not at all; return their paths.

        - `folder`: where to write; the files of an earlier prediction there are replaced as a set.
        - `about`: further facts for prediction.json, such as the file that the matrix was read from.

        Raises `InputError` if the folder cannot be written, or is full.
        """
        folder = Path(folder)
        with whole_set(folder, FILES) as fresh:
            made = dict(zip(("picture", "picture_pdf"), save_figure(draw(self), fresh / "prediction"), strict=True))
            paths = {name: folder / path.name for name, path in made.items()}
            paths["prediction"] = folder / "prediction.json"
            write_json(fresh / "prediction.json", {**(about or {}), **self.summary(), "files": paths})
        return paths

    def summary(self) -> dict[str, Any]:
        """The prediction as plain numbers, strings, lists and dictionaries."""
        law, same = self.law, ("shape", "noise_std", "step_sizes", "largest_step_sizes")
        alike = (
            *("rank", "gamma", "threshold", "stability", "kept", "balance", "balance_std", "balance_error"),
            *("relative_error", "nuclear_norm", "sharpness", "condition_number", "start_std"),
        )
        return {
            **{name: list(getattr(self, name)) for name in same},
            **{name: getattr(self, name) for name in alike},
            "singular_values": self.singular_values.tolist(),
            "lowered_values": self.lowered_values.tolist(),
            "predicted_values": None if law is None else law.singular_values.tolist(),
            "predicted_values_std": None if law is None else law.singular_values_std.tolist(),
            "phases": None if self.phases is None else self.phases._asdict(),
            "notes": list(self.notes),
        }


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
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
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
