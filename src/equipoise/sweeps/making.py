"""The points of a study, made once where the results are stored: what `make` gives, and which program runs it."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from equipoise.sweeps.fingerprints import Fingerprint, descriptions, hash_of
from equipoise.sweeps.points import Point
from equipoise.sweeps.programs import Form, form_of, signature
from equipoise.sweeps.study import Study
from equipoise.sweeps.work import sentence


class Made(NamedTuple):
    """What `make` gave at a point.

    - `point`: the point.
    - `fingerprint`: the hashes of its descriptions; None if the point failed.
    - `described`: the descriptions.
    - `program`: the number of the program that runs it; −1 if the point failed.
    - `failure`: why it failed; empty if it did not.
    """

    point: Point
    fingerprint: Fingerprint | None
    described: dict[str, Any]
    program: int
    failure: str


class Survey(NamedTuple):
    """All points of a study as made, and the sizes of what each program gives."""

    made: list[Made]
    forms: list[Form]

    @property
    def largest(self) -> Form:
        """The sizes of the largest."""
        return max(self.forms, key=lambda form: form.recorded + form.kept, default=Form(0, 0))


def survey(study: Study) -> Survey:
    """Make every point of a study; those whose `make` raises, or whose parts do not fit together, are failed."""
    made: list[Made] = []
    forms: list[Form] = []
    numbers: dict[Hashable, int] = {}
    for point in study.points:
        try:
            case = study.case(**point)
            key = signature(case)
            if key not in numbers:
                forms.append(form_of(case, study.record, study.stop))
                numbers[key] = len(forms) - 1
            described = descriptions(case)
            found = Fingerprint(*map(hash_of, described.values()))
            made.append(Made(point, found, described, numbers[key], ""))
        except Exception as error:  # the user's make may raise anything; the other points run on
            made.append(Made(point, None, {}, -1, sentence(error)))
    return Survey(made, forms)
