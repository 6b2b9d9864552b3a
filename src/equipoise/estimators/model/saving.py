"""A model written into a folder: arrays in one file, everything else in another, which names the first."""

import dataclasses
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.core.files import output_folder, remove_others, whole_file, write_json
from equipoise.datasets import Triplets
from equipoise.estimators.complete import Prediction
from equipoise.estimators.complete.units import Units
from equipoise.estimators.model.ids import stored
from equipoise.estimators.model.ridge import Ridge

FORMAT, VERSION = "equipoise completion model", 1
"""What model.json says that it is, and the version of the format."""
DESCRIPTION, ARRAYS = "model.json", "model-*.npz"
"""The files of a model. The name of the second has the beginning of its SHA-256, so that no two models share it."""
UNITS = tuple(field.name for field in dataclasses.fields(Units))
"""The arrays of units, if there are any."""
MODEL_FILES = (DESCRIPTION, ARRAYS)


def save_model(folder: Path, said: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Path]:
    """Write the two files, so that at any moment a whole model is there, the older or the newer; return their paths.

    The arrays come first, under a name of their own. Then model.json is replaced at once, and old arrays are deleted.
    """
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    content = stream.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    with output_folder(folder):
        file = folder / ARRAYS.replace("*", digest[:12])
        with whole_file(file) as temporary:
            temporary.write_bytes(content)
        paths = {"model": folder / DESCRIPTION, "model_arrays": file}
        named = {"format": FORMAT, "version": VERSION, **said, "arrays": {"file": file.name, "sha256": digest}}
        write_json(paths["model"], named)
        remove_others(folder, MODEL_FILES, paths.values())
    return paths


def arrays_of(prediction: Prediction, known: Triplets, ridge: Ridge) -> dict[str, np.ndarray]:
    """The arrays of a model by name, none of which holds objects."""
    means, units = prediction.means, prediction.units
    linked = {"linked_rows": means.linked_rows, "linked_columns": means.linked_columns}
    scales = {} if units is None else {name: getattr(units, name) for name in UNITS}
    return {
        "left": prediction.left,
        "right": prediction.right,
        "mean": np.array(means.mean, np.float64),
        "row_means": means.rows,
        "column_means": means.columns,
        "seen_rows": means.seen_rows,
        "seen_columns": means.seen_columns,
        **{name: array for name, array in linked.items() if array is not None},
        **scales,
        "root": ridge.root,
        "rows": known.rows,
        "columns": known.columns,
        "values": known.values,
        **stored(known.row_ids, "row_ids"),
        **stored(known.column_ids, "column_ids"),
    }
