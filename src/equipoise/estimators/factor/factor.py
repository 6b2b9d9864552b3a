"""The public function that factors a matrix."""

import time
from typing import Any

import numpy as np

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.precision import numerics
from equipoise.core.status import Status
from equipoise.core.types import RealNumber
from equipoise.dynamics import PerturbedGD
from equipoise.estimators.factor.columns import prepared
from equipoise.estimators.factor.core import Pair, core_of
from equipoise.estimators.factor.notes import notes_on
from equipoise.estimators.factor.polish import Polish, polished
from equipoise.estimators.factor.recording import interval, record
from equipoise.estimators.factor.result import Factorization
from equipoise.estimators.factor.scores import (
    DESCENT,
    PERTURBED,
    POLISHED,
    FactorizationScore,
    predicted_score,
    score_of,
    svd_score,
)
from equipoise.estimators.factor.settings import FactorizationSettings, Wishes, choose
from equipoise.estimators.factor.target import Target, target_of
from equipoise.initial import GaussianOfNorm, Given
from equipoise.noise import Annealed, Gaussian, Until
from equipoise.results import Run, simulate
from equipoise.simulation.begin import starts
from equipoise.theory import canonical_factors, with_fixed_signs


def factor(
    matrix: Any,
    rank: int,
    *,
    gamma: RealNumber = 1.0,
    center: bool = False,
    scale: bool = False,
    steps: int | None = None,
    step_size: RealNumber | None = None,
    noise: RealNumber | None = None,
    start_balance: RealNumber = 100.0,
    start_scale: RealNumber | None = None,
    seed: int = 0,
    replicates: int = 1,
    progress: bool | None = None,
) -> Factorization:
    """Factor M ≈ XYᵀ by Perturbed GD with fading noise, and compare it with GD and the truncated SVD.

    The result is the best approximation of its rank (Eckart-Young), with ‖X‖_F/‖Y‖_F = `gamma`. All defaults are
    relative to the singular values of M, so that a multiple of M gives the same multiple of XYᵀ. If X and Y have more
    than 4096 entries, or M more than 32768, the methods run in the span of the leading R + 20 singular vectors; there
    noise of the same strength acts on fewer entries, and the result is the same. If the steps end with the error within
    1% of the least one, or within 1e-4 of ‖M‖, the result is polished: it is moved to the minimum beside it, whose
    product is that of the truncated SVD, while the balance β = ‖X‖_F/‖Y‖_F stays. It is then the canonical pair of that
    balance (`theory.canonical_factors`): XᵀX = β²YᵀY is diagonal, the largest singular value comes first, and signs
    follow a rule, so that a permutation or a multiple of M gives the same one of the factors. What is not polished, or
    ends with XᵀX and β²YᵀY more than 5% apart, is only turned towards that form.

    - `matrix`: M, dense (d1, d2) or SciPy sparse; a sparse matrix is never made dense.
    - `rank`: the number R of columns of X and Y.
    - `gamma`: the balance ‖X‖_F/‖Y‖_F to end at; 1 by default.
    - `center`: whether to subtract the mean of each column first; False by default. Not for a sparse matrix.
    - `scale`: whether to divide each column by its root mean square first; False by default. Then XYᵀ is near
      (M − 1μᵀ) diag(s)⁻¹, with the means μ and the scales s in the result, whose errors are of that matrix.
    - `steps`: the number of steps, with and without noise; by default chosen from the singular values.
    - `step_size`: η, in 1/[M]; the step sizes of X and Y are (γη, η/γ). By default half the largest stable one.
    - `noise`: the standard deviation of the noise on Y at step 0, in √[M]; that on X follows from γ. Both fade to 0. By
      default chosen from the singular values.
    - `start_balance`: ‖X₀‖/‖Y₀‖; by default 100, so that the comparison shows the effect of noise.
    - `start_scale`: ‖X₀‖‖Y₀‖/(Rσ₁); by default at most 0.01.
    - `seed`: the seed of the start and the noise; 0 by default.
    - `replicates`: the number of replicates; the one of least loss is taken. 1 by default.
    - `progress`: whether to show a progress bar on stderr; by default only on a terminal.

    After Ctrl-C the result so far is returned. Raises `InputError` for a matrix or a number that cannot be used, for a
    step size beyond the largest stable one (which the message gives), and if every replicate diverges. Source: Liu et
    al. (2021), Algorithm 1 and Theorem 2.
    """
    made = prepared(matrix, center=center, scale=scale)
    target = target_of(made.matrix, rank)
    core = core_of(target)
    wishes = Wishes(gamma, steps, step_size, noise, start_balance, start_scale)
    settings = choose(core.target, core.wishes(wishes))
    seed, replicates = whole_number("The seed", seed, 0), whole_number("The number of replicates", replicates, 1)
    start = GaussianOfNorm(settings.start_norms)
    run = _simulate(core.target, settings, _perturbed(settings, noisy=True), start, seed, replicates, progress)
    best = _best(run, settings)
    interrupted = run.status[best] is Status.interrupted
    descent = None if interrupted else _descend(core.target, settings, start, seed, best, progress)
    end, polish, scores = _compared(target, core.target, settings, run, best, descent)
    x, y = with_fixed_signs(*core.lifted(end))
    return Factorization(
        x=x,
        y=y,
        scores=scores,
        settings=core.reported(settings),
        seed=seed,
        run=core.lifted_run(run),
        descent=None if descent is None else core.lifted_run(descent),
        best=best,
        polish=polish,
        predicted=predicted_score(core.target, target, settings.gamma),
        target=target,
        notes=notes_on(target, core.reported(settings), scores, run.status, polish),
        means=made.means,
        scales=made.scales,
    )


def _compared(
    target: Target, core: Target, settings: FactorizationSettings, run: Run, best: int, descent: Run | None
) -> tuple[Pair, Polish | None, tuple[FactorizationScore, ...]]:
    """The factors in the core, what the polish did if there was one, and the scores of all methods."""
    mine, x, y = _score(PERTURBED, core, target, run, best), *(np.array(w[best]) for w in run.theta)
    scores = [mine, svd_score(core, target)]
    if descent is not None:
        scores.insert(0, _score(DESCENT, core, target, descent, 0))
    if run.status[best] is not Status.completed or not target.close(mine.relative_error):
        return canonical_factors(x, y, by_rotation=True), None, tuple(scores)
    begin = time.perf_counter()
    end, polish = polished((x, y), core.signal, settings.gamma)
    seconds = mine.seconds + time.perf_counter() - begin
    scores.insert(-1, score_of(POLISHED, core, target, end, steps=mine.steps, seconds=seconds, status=mine.status))
    return end, polish, tuple(scores)


def _perturbed(settings: FactorizationSettings, *, noisy: bool) -> PerturbedGD:
    """The method; without noise it is GD, in the same compiled loop."""
    last = settings.noisy_steps if noisy else 0
    stds = tuple(Annealed(std if noisy else 0.0, settings.time_constant, float(max(last, 1))) for std in settings.noise)
    with numerics():  # in single precision large standard deviations would overflow
        return PerturbedGD(settings.step_sizes, Until(Gaussian(std=stds), last))


def _simulate(
    target: Target,
    settings: FactorizationSettings,
    dynamics: PerturbedGD,
    start: AbstractInitial,
    seed: int,
    replicates: int,
    progress: bool | None,
) -> Run:
    return simulate(
        target.problem,
        dynamics,
        start,
        seed=seed,
        steps=settings.steps,
        replicates=replicates,
        record=record(interval(settings.steps)),
        progress=progress,
    )


def _descend(
    target: Target,
    settings: FactorizationSettings,
    start: AbstractInitial,
    seed: int,
    best: int,
    progress: bool | None,
) -> Run | None:
    """GD from the start of replicate `best`, with the same number of steps; None if interrupted before a look."""
    try:
        theta = tuple(np.asarray(w[0]) for w in starts(target.problem, start, seed, np.array([best])))
        return _simulate(target, settings, _perturbed(settings, noisy=False), Given(theta), seed, 1, progress)
    except KeyboardInterrupt:
        return None


def _best(run: Run, settings: FactorizationSettings) -> int:
    """The replicate of least loss; raises `InputError` if all have diverged."""
    kept = np.array([status is not Status.diverged for status in run.status])
    if not kept.any():
        raise InputError(
            f"Perturbed GD diverged within {int(run.dataset['end_step'].values.min())} steps; take less noise than "
            f"{settings.noise[1]:.4g} or a step size below {settings.step_size:.4g} (the largest stable one without "
            f"noise is {settings.largest_step_size:.6g})."
        )
    return int(np.argmin(np.where(kept, run.dataset["loss"].values[:, -1], np.inf)))


def _score(method: str, core: Target, target: Target, run: Run, replicate: int) -> FactorizationScore:
    x, y = (w[replicate] for w in run.theta)
    return score_of(
        method,
        core,
        target,
        (x, y),
        steps=int(run.dataset["end_step"].values[replicate]),
        seconds=float(run.dataset.attrs["seconds"]),
        status=run.status[replicate].name,
    )
