"""Where a store keeps what is no array."""

from pathlib import Path

BESIDE = "sweep"
"""The group of Zarr, without arrays, whose folder holds the manifest, the journal and the lock."""


def beside(folder: Path) -> Path:
    """The folder of the manifest, the journal and the lock of a store."""
    return folder / BESIDE


def sweep_up(folder: Path) -> None:
    """Delete the files that a killed process was writing; the names are those of Zarr and of `core/files.py`."""
    for path in [*folder.rglob("*.partial"), *beside(folder).glob(".*.json")]:
        path.unlink(missing_ok=True)
