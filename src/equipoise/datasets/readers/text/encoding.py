"""From bytes to text."""

import codecs

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\v\x1c\x1d\x1e\x1f")


def decoded(content: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    """Return the text with line ends as newlines, and the name of its encoding if that is not UTF-8.

    Without `encoding` it is the one of the byte order mark, else UTF-8, else Windows-1252, which has Latin-1. Raises
    `InputError` for bytes that are no text.
    """
    used = encoding or next((found for mark, found in _MARKS if content.startswith(mark)), "")
    if used:
        text = _strictly(content, "utf-8-sig" if used.lower().replace("_", "-") in ("utf-8", "utf8") else used, name)
    else:
        text, used = _without_mark(content, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = next((letter for letter in _CONTROLS if letter in text), None)
    if control is not None and (control == "\0" or text.count(control) > len(text) / 100):
        line = text.count("\n", 0, text.index(control)) + 1
        raise InputError(
            f"{name} is not text: line {line} holds the character {control!r}; correct its extension, or pass "
            "encoding= if it is text."
        )
    return text, "" if used.startswith("utf-8") else used


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        if codecs.lookup(encoding)._is_text_encoding:
            return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        pass
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        raise InputError(
            f"{name} is not {encoding.removesuffix('-sig')} text (byte {start + 1} does not fit); save it again as "
            "UTF-8, or pass encoding=."
        ) from error
    raise InputError(
        f"Python does not know the encoding {excerpt(encoding)} of {name}; pass one that it knows, such as "
        "encoding='utf-8', 'utf-16' or 'latin-1'."
    )


def _without_mark(content: bytes, name: str) -> tuple[str, str]:
    start = content[:200]
    if len(start) > 3 and start.count(0) >= len(start) // 3:
        return _strictly(content, "utf-16-be" if start[0] == 0 else "utf-16-le", name), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if content[error.start] < 0x80 or b"\0" in content:
            raise _no_text(content, error, name) from error
        try:
            return content.decode("cp1252"), "windows-1252"
        except UnicodeDecodeError:
            raise _no_text(content, error, name) from error


def _no_text(content: bytes, error: UnicodeDecodeError, name: str) -> InputError:
    return InputError(
        f"{name} is not UTF-8 text (byte {error.start + 1} is 0x{content[error.start]:02x}); save it as UTF-8, pass "
        "encoding=, or correct its extension."
    )
