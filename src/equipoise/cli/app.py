"""The program `equipoise`: its commands, given by their import paths and imported when called."""

import io
import os
import sys
from collections.abc import Sequence

import cyclopts

from equipoise.cli.sentences import error_sentence
from equipoise.machine.programs import keep_compiled_programs

OK, FAILED, MISUSED, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141
"""Exit codes: success; a claim or a point of a sweep fails; wrong input; Ctrl-C; the reader of stdout has gone."""


def _version() -> str:
    import importlib.metadata

    return importlib.metadata.version("equipoise")


app = cyclopts.App(
    name="equipoise",
    help="Low-rank factorization that knows which solution it converges to.",
    version=_version,
    default_parameter=cyclopts.Parameter(negative=()),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
app.command(
    "equipoise.cli.reproduce:reproduce",
    name="reproduce",
    help="Run the experiments of papers: figures, data, and two verdicts on every claim.",
)
app.command("equipoise.cli.claims:claims", name="claims", help="List every claim: what is checked, what is printed.")
app.command(
    "equipoise.cli.new_paper:new_paper",
    name="new-paper",
    help="Make the folder of a paper: a claim that runs, its test and its page.",
)
app.command("equipoise.cli.factor:factor", name="factor", help="Factor a matrix of your own.")
app.command(
    "equipoise.cli.predict:predict",
    name="predict",
    help="Predict where noise leads on a matrix, without running it, or find the noise for a balance.",
)
app.command("equipoise.cli.complete:complete", name="complete", help="Complete a matrix from some of its entries.")
app.command(
    "equipoise.cli.sweep:app",
    name="sweep",
    help="Run a grid of ensembles, in a store that grows and survives.",
)
lora = cyclopts.App(name="lora", help="Inspect, balance, resize and merge low-rank adapters (LoRA).")
lora.command("equipoise.cli.lora:inspect", name="inspect", help="Show norms, ranks and balance of each module.")
lora.command("equipoise.cli.lora:balance", name="balance", help="Write the same products with balanced factors.")
lora.command("equipoise.cli.lora:resize", name="resize", help="Write the best approximation of a smaller rank.")
lora.command("equipoise.cli.lora:merge", name="merge", help="Write the weighted sum of adapters, exactly.")
app.command(lora)
app.command("equipoise.cli.info:info", name="info", help="Show versions, devices, the native engine, and the papers.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on `arguments` (by default those of the process) and return its exit code.

    0: success; 1: a claim or a point of a sweep fails; 2: wrong input, explained in one
    sentence on stderr; 130: interrupted; 141: the reader of stdout has gone.
    """
    _let_any_letter_through()
    if arguments is None:
        keep_compiled_programs()
    code = _run(list(sys.argv[1:] if arguments is None else arguments))
    if code == INTERRUPTED and arguments is None:
        _leave_at_once(code)
    return code


def _run(tokens: list[str]) -> int:
    try:
        code = app(_with_standard_input(tokens), exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails too
        return BROKEN_PIPE
    except Exception as error:
        sentence = error_sentence(error, tokens)
        if sentence is None:
            raise
        print(f"error: {sentence}", file=sys.stderr)  # noqa: T201
        _drop_what_cannot_be_printed()
        return MISUSED
    return code if isinstance(code, int) else OK


def _drop_what_cannot_be_printed() -> None:
    """After an error, let the flush at exit succeed even if stdout goes to a full disk."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_standard_input(tokens: list[str]) -> list[str]:
    """Write a lone "-" as the path "./-", which is the same one, since cyclopts takes it for an option."""
    values = ("--missing", "--separator", "--comment")
    before = ["", *tokens]
    return ["./-" if token == "-" and before[k] not in values else token for k, token in enumerate(tokens)]


def _leave_at_once(code: int) -> None:
    """End the process at once: XLA may still be running, and would crash when Python unloads its code at exit."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "multiprocessing.util" in sys.modules:  # semaphores of processes that were started, which nobody else removes
        sys.modules["multiprocessing.util"]._run_finalizers()
    os._exit(code)


def _let_any_letter_through() -> None:
    """Print a question mark for a letter that the terminal's encoding lacks, instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper) and "utf" not in sys.stdout.encoding.lower():
        sys.stdout.reconfigure(errors="replace")
