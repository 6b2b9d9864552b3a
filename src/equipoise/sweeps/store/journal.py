"""The journal of a store: a line for every block that is begun, written or done, appended and never changed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from equipoise.sweeps.blocks import Block
from equipoise.sweeps.store.places import beside

NAME = "journal.jsonl"


class State(NamedTuple):
    """What the journal says of each row and replicate.

    - `reached`: the number of steps stored, (row, replicate); −1 for none.
    - `begun`: whether a block that holds it was begun, and neither done nor failed since.
    - `failed`: the number of the sentence that says why it failed; −1 if it did not.
    - `sentences`: those sentences.
    - `seconds`: the time of each block that is done.
    - `engines`: the engines that were used.
    """

    reached: np.ndarray
    begun: np.ndarray
    failed: np.ndarray
    sentences: list[str]
    seconds: list[float]
    engines: list[str]


class Journal:
    """The journal of the store in a folder. One process at a time may append to it."""

    def __init__(self, folder: Path) -> None:
        self.path = beside(folder) / NAME

    def begun(self, block: Block) -> None:
        """Note that a block was sent to be run."""
        self._append({"event": "begun", **_place(block)}, safe=False)

    def rewriting(self, block: Block) -> None:
        """Note that the stored endings of a block are being replaced, so that they count as lost until it is done."""
        self._append({"event": "rewriting", **_place(block)}, safe=True)

    def done(self, block: Block, steps: int, failed: dict[int, str], seconds: float, engine: str) -> None:
        """Note that the arrays of a block are stored; `failed` has the sentences of rows that are not."""
        rows = {str(row): said for row, said in failed.items()}
        about = {"steps": steps, "failed": rows, "seconds": round(seconds, 3), "engine": engine}
        self._append({"event": "done", **_place(block), **about}, safe=True)

    def failed(self, block: Block, sentence: str) -> None:
        """Note that a block has no result, and why."""
        self._append({"event": "failed", **_place(block), "because": sentence}, safe=True)

    def mend(self) -> None:
        """Cut off a last line that was not written whole."""
        if not self.path.exists():
            return
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with self.path.open("r+b") as stream:
                stream.truncate(whole)

    def state(self, rows: int, replicates: int) -> State:
        """What the journal says of so many rows and replicates."""
        shape = (rows, replicates)
        state = State(np.full(shape, -1), np.zeros(shape, bool), np.full(shape, -1), [], [], [])
        for event in self._events():
            _apply(event, state)
        return state

    def _events(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        for line in self.path.read_bytes().split(b"\n")[:-1]:  # what follows the last line break is not whole
            yield json.loads(line)

    def _append(self, event: dict[str, Any], *, safe: bool) -> None:
        """Append a line; `safe` waits until it is on the disk."""
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, line)
            if safe:
                os.fsync(handle)
        finally:
            os.close(handle)


def _place(block: Block) -> dict[str, Any]:
    return {"rows": list(block.rows), "replicates": list(block.replicates)}


def _apply(event: dict[str, Any], state: State) -> None:
    """Change the state as an event says."""
    place = (slice(*event["rows"]), slice(*event["replicates"]))
    kind = event["event"]
    state.begun[place] = kind == "begun"
    if kind == "rewriting":
        state.reached[place] = -1
    elif kind == "failed":
        state.failed[place] = len(state.sentences)
        state.sentences.append(event["because"])
    elif kind == "done":
        rows = [row for row in range(*event["rows"]) if str(row) not in event["failed"]]
        state.reached[rows, slice(*event["replicates"])] = event["steps"]
        state.failed[rows, slice(*event["replicates"])] = -1
        for row, sentence in event["failed"].items():
            state.failed[int(row), slice(*event["replicates"])] = len(state.sentences)
            state.sentences.append(sentence)
        state.seconds.append(event["seconds"])
        if event["engine"] and event["engine"] not in state.engines:
            state.engines.append(event["engine"])
