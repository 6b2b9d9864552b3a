"""The file of a study, kept in its store, so that the sweep can be resumed from the store alone."""

import json
from pathlib import Path

from equipoise.core.errors import InputError
from equipoise.core.files import write_json
from equipoise.core.messages import shown_path
from equipoise.sweeps.file.reading import parse_study
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.places import beside
from equipoise.sweeps.study import Study

_NAME = "source.json"


def keep_source(store: Path, study: Study) -> None:
    """Keep the text of a study's file in its store, with the folder to which the paths in it are relative."""
    if study.source is not None:
        write_json(beside(store) / _NAME, study.source)


def stored_study(store: str | Path) -> Study:
    """The study of a store, from the file that it was made from.

    Raises `InputError` if there is no store, or if it was not made from a file.
    """
    store = Path(store)
    if not manifests.exists(store):
        raise InputError(f"There is no store of a sweep in {shown_path(store)}; check the path.")
    try:
        source = json.loads((beside(store) / _NAME).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"The store {shown_path(store)} was not made from a file; run the script that made it again."
        ) from error
    return parse_study(source["text"], source["name"], Path(source["folder"])).study
