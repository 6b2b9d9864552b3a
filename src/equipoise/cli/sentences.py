"""Errors that a user can cause, as one sentence each."""

import re
from collections.abc import Sequence

import cyclopts


def error_sentence(error: Exception, tokens: Sequence[str]) -> str | None:
    """What is wrong and how to mend it, on one line; None for an error that only a programmer can mend."""
    if isinstance(error, cyclopts.CycloptsError):
        return _usage(error, tokens)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
    from equipoise.core.errors import InputError

    return one_line(str(error)) if isinstance(error, InputError) else None


def _usage(error: cyclopts.CycloptsError, tokens: Sequence[str]) -> str:
    """The message of cyclopts as one sentence, with the help to read."""
    command = " ".join(["equipoise", *(error.command_chain or ())])
    if isinstance(error, cyclopts.UnknownCommandError):
        wanted = error.unused_tokens[0] if error.unused_tokens else " ".join(tokens)
        said = f"Unknown command {wanted!r}"  # cyclopts' own message would import every command
    elif isinstance(error, cyclopts.UnusedCliTokensError):
        said = f"Too many arguments, from {(error.unused_tokens or [''])[0]!r} on"
    else:
        error.verbose = False
        said = one_sentence(str(error))
    return f"{said}; see {command} --help."


def one_line(text: str) -> str:
    """`text` without line breaks and double spaces."""
    return " ".join(text.split())


def one_sentence(text: str) -> str:
    """The sentences of `text` joined by semicolons, without the last full stop."""
    parts = re.split(r"(?<=[.?])\s+(?=[A-Z])", one_line(text))
    joined = [parts[0].rstrip("."), *(part[:1].lower() + part[1:].rstrip(".?") for part in parts[1:])]
    return "; ".join(joined)
