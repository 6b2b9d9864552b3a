"""Matrices with slashes between cells and a comma in decimals."""

import tempfile
from pathlib import Path

import numpy as np

import equipoise as eq


def read_slashes(
    file: eq.datasets.OpenFile, options: eq.datasets.ReadOptions
) -> np.ndarray:
    """The numbers between the slashes."""
    text = file.stream.read().decode("utf-8").replace(",", ".")
    return np.array(
        [
            [float(cell) for cell in line.split(file.format.delimiter)]
            for line in text.splitlines()
        ]
    )


slashes = eq.datasets.Format(
    (".slashes",),
    "cells separated by slashes",
    matrix=read_slashes,
    delimiter="/",
    compressible=True,
)

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "matrix.slashes")
    path.write_text("1,5/2\n3/4\n")
    matrix = eq.datasets.read_matrix(
        path, formats=(*eq.datasets.FORMATS, slashes)
    )

assert matrix.tolist() == [[1.5, 2.0], [3.0, 4.0]]
