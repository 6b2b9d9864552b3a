"""Errors that a user can cause, as one sentence each."""

import dataclasses
import errno
import inspect
import re
import sys
from collections.abc import Sequence

import cyclopts


def error_sentence(error: Exception, tokens: Sequence[str]) -> str | None:
    """What is wrong and how to mend it, on one line; None for an error that only a programmer can mend."""
    if isinstance(error, cyclopts.CycloptsError):
        return _usage(error, tokens)
    if isinstance(error, OSError) and error.strerror:
        mend = "; free some space." if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "."
        return f"{error.strerror}: {error.filename}{mend}" if error.filename else f"{error.strerror}{mend}"
    from equipoise.core.errors import InputError

    return one_line(as_typed(str(error), tokens)) if isinstance(error, InputError) else None


_KEYWORD = re.compile(r"\b([a-z][a-z_]*)=(?:'([^']*)'|(True|False)|(?=[\s,;:.)]|$))((?:, '[^']*')*)( or '[^']*')?")


def as_typed(sentence: str, tokens: Sequence[str]) -> str:
    """The sentence with keywords of Python (columns=, header=True) as options of the command (--columns, --header)."""
    names = _options_of(tokens)

    def typed(found: re.Match[str]) -> str:
        word, value, switch, more, last = found.groups()
        if word not in names:
            return found[0]
        name = names[word]
        option = ("--no-" if switch == "False" else "--") + name.replace("_", "-")
        value = "" if value is None else f" {value}" if value.isalnum() else f" '{value}'"
        return option + value + ((more or "") + (last or "")).replace("'", "")

    return _KEYWORD.sub(typed, sentence)


def _options_of(tokens: Sequence[str]) -> dict[str, str]:
    """The options of a command that has been called: their names in Python, and as typed."""
    module = sys.modules.get(f"equipoise.cli.{tokens[0]}") if tokens else None
    command = getattr(module, tokens[0], None)
    if command is None:
        return {}
    from equipoise.cli.reading import SAID, Reading

    names = [*inspect.signature(command).parameters]
    if "reading" in names:
        names += [*(field.name for field in dataclasses.fields(Reading)), "missing_cells", "kind"]
    return {name: SAID.get(name, name) for name in names}


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
