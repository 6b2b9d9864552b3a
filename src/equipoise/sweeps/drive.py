"""Sends blocks to an executor and takes their results, a few at a time."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from typing import Any

from equipoise.core.errors import InputError
from equipoise.core.messages import reason
from equipoise.sweeps.blocks import Block
from equipoise.sweeps.executors.local import WorkerDiedError
from equipoise.sweeps.work import Result, sentence

_TRIES = 3
"""How often a block is tried whose process dies at work."""

_LOOK = 0.5
"""The seconds after which the number of workers is asked for again."""


def drive(
    blocks: Iterable[Block], submit: Callable[[Block], "Future[Any]"], width: Callable[[], int]
) -> Generator[tuple[Block, Result | str]]:
    """Yield each block with its result, or with the sentence that says why it has none, as they end.

    - `blocks`: the blocks, sent in this order.
    - `submit`: sends a block, and returns the future of its result.
    - `width`: the number of blocks to have sent at a time.

    A block whose process dies is sent again, three times in all. Raises `InputError` where no block could run: if the
    executor has broken, or a worker lacks the package. Blocks that wait are cancelled when the iterator is closed.
    """
    ahead, deaths = iter(blocks), Counter[Block]()
    at_work: dict[Future[Any], Block] = {}
    again: list[Block] = []
    try:
        while True:
            while len(at_work) < width():
                block = again.pop() if again else next(ahead, None)
                if block is None:
                    break
                at_work[submit(block)] = block
            if not at_work:
                return
            for future in wait(at_work, _LOOK, FIRST_COMPLETED).done:
                block = at_work.pop(future)
                found = _outcome(future)
                if isinstance(found, WorkerDiedError):
                    deaths[block] += 1
                    if deaths[block] < _TRIES:
                        again.append(block)
                        continue
                    found = str(found)
                yield block, found
    finally:
        for future in at_work:
            future.cancel()


def _outcome(future: "Future[Any]") -> Result | str | WorkerDiedError:
    """The result of a block, why it has none, or that its process died; raises what would befall every block."""
    try:
        return future.result()
    except WorkerDiedError as error:
        return error
    except InputError:
        raise
    except (BrokenExecutor, CancelledError) as error:
        said = reason(error) if str(error) else "it has lost its blocks"
        raise InputError(f"The executor has broken ({said}); run the sweep again to go on.") from error
    except ModuleNotFoundError as error:
        raise InputError(
            f"A worker has no module {error.name}; install it there, or define make in the script that is run."
        ) from error
    except Exception as error:  # the user's make, or what it makes, may raise anything; the other blocks run on
        return sentence(error)
