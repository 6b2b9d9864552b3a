"""What is asked: what a noise does, or which noise does what is wanted."""

import math
from typing import NamedTuple

from equipoise.core.checks import positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.predict.spectrum import Spectrum
from equipoise.theory.design import noise_in, stds_of
from equipoise.theory.drift import step_pair
from equipoise.theory.stability import largest_stable_step_size
from equipoise.theory.stationary.setting import Setting

DEFAULT_SHARE = 0.1
"""The default step size, as a share of the largest stable one."""


class Wishes(NamedTuple):
    """The user's wishes; None means not given."""

    noise_std: RealNumber | None
    gamma: RealNumber | None
    balance: RealNumber | None
    shrinkage: RealNumber | None
    step_size: RealNumber | tuple[RealNumber, RealNumber] | None


def setting_for(spectrum: Spectrum, wishes: Wishes) -> Setting:
    """The step sizes and the noise to predict for; the noise is the one given, or found from balance and shrinkage.

    Raises `InputError` for numbers out of range, for wishes that exclude each other, and if the noise asked for does
    not exist.
    """
    _check_one_question(wishes)
    if wishes.noise_std is None:
        return _found(spectrum, wishes)
    gamma = positive_number("The balance of the noise", 1.0 if wishes.gamma is None else wishes.gamma)
    std = positive_number(
        "The standard deviation of the noise", wishes.noise_std, hint="without noise the start decides where it ends"
    )
    if not 1e-150 < std * max(gamma, 1 / gamma) < 1e150:
        raise InputError(f"Noise of {std:g} with the balance {gamma:g} exceeds the range of numbers; give other ones.")
    threshold = gamma * spectrum.shape[1] * std**2
    top = float(spectrum.values[0])
    if threshold >= top:
        most = math.sqrt(top / (gamma * spectrum.shape[1]))
        raise InputError(
            f"The noise lowers each singular value by {threshold:.4g}, and the largest is {top:.4g}, so it hides the "
            f"whole matrix; give noise of a standard deviation below {most:.4g}."
        )
    return _setting(spectrum, wishes, gamma, threshold)


def _check_one_question(wishes: Wishes) -> None:
    wanted = [name for name in ("balance", "shrinkage") if getattr(wishes, name) is not None]
    if wishes.noise_std is None and not wanted:
        raise InputError(
            "Neither the noise nor what it should do is given; give noise_std= to predict, or balance= and shrinkage= "
            "to find the noise."
        )
    if wishes.noise_std is not None and wanted:
        raise InputError(f"noise_std= and {wanted[0]}= exclude each other, since one follows from the other; drop one.")
    if wishes.noise_std is None and wishes.gamma is not None:
        raise InputError("gamma= is that of the noise in noise_std=; without it, say by balance= what is wanted.")


def _found(spectrum: Spectrum, wishes: Wishes) -> Setting:
    """The setting with the noise that has the wanted balance and shrinkage at its step size."""
    balance = positive_number("The balance", 1.0 if wishes.balance is None else wishes.balance)
    if not 1e-50 < balance < 1e50:
        raise InputError(f"balance is {balance:g}; it must be between 1e-50 and 1e50.")
    share = real_number("The shrinkage", 0.01 if wishes.shrinkage is None else wishes.shrinkage, above=0, below=1)
    if spectrum.values.size < spectrum.rank:
        raise InputError(
            f"The matrix has rank {spectrum.values.size}, so nothing can lower singular value {spectrum.rank}; "
            "ask for a lower rank."
        )
    threshold = share * float(spectrum.values[spectrum.rank - 1])
    first = _setting(spectrum, wishes, balance, threshold)
    if spectrum.without_law(first) or stability(spectrum, first) >= 1:
        return first
    stds = noise_in(first, balance, threshold).std.values
    return first._replace(stds=(float(stds[0]), float(stds[1])))


def _setting(spectrum: Spectrum, wishes: Wishes, gamma: float, threshold: float) -> Setting:
    if wishes.step_size is None:
        step = DEFAULT_SHARE * largest_stable_step_size(spectrum.signal, gamma)
        steps = step, step
    else:
        steps = step_pair(wishes.step_size)
    stds = stds_of(gamma, threshold, spectrum.shape)
    return Setting(spectrum.values, spectrum.shape, spectrum.rank, 1.0, steps, stds)


def stability(spectrum: Spectrum, of: Setting) -> float:
    """The step sizes over the largest stable ones in the same proportion; 1 or more is unstable."""
    return of.steps[0] / spectrum.largest_steps(of)[0]
