"""The bytes of a file as text and back, so that what is not changed stays as it was."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from msgspec import Struct

from .document import UnreadableError
from .lines import unreadable

BYTES_MAX = 50_000_000


class Text(Struct, frozen=True, kw_only=True):
    """What a file says, without its byte order mark; `encoding` and `mark` lead back to bytes."""

    text: str
    encoding: str
    mark: bytes

    def encoded(self, text: str) -> bytes:
        """Another text as the bytes of a file of the same kind."""
        return self.mark + text.encode(self.encoding)


_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 1000


def decode(data: bytes) -> Text:
    """Read UTF-8, or UTF-16 with its byte order mark. Raises UnreadableError."""
    if data.startswith(_UTF_32):
        raise UnreadableError("this is UTF-32; save the file as UTF-8", line=1, column=1)
    found = ((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark))
    mark, encoding = next(found, (b"", "utf-8"))
    body = data[len(mark) :]
    if not mark and _is_bare_utf_16(body):
        message = "this is UTF-16 without a byte order mark; save the file as UTF-8"
        raise UnreadableError(message, line=1, column=1)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise _foreign(body, error) from error
    if "\0" in text:
        message = "a NUL character stands here, as in a binary file; a file of text is needed"
        raise unreadable(text, text.index("\0"), message)
    return Text(text=text, encoding=encoding, mark=mark)


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of a bounded size. Raises UnreadableError."""
    try:
        # Opened before it is looked at, but not waited for: a pipe or a device might never answer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _read(descriptor)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableError(f"the file cannot be read: {why}; make it readable") from error


def _read(descriptor: int) -> bytes:
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        raise UnreadableError("this is no regular file; a file of text is needed")
    data = b""
    if about.st_size <= BYTES_MAX:
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(BYTES_MAX + 1)  # it may have grown
    if max(about.st_size, len(data)) > BYTES_MAX:
        size = max(about.st_size, len(data))
        raise UnreadableError(f"the file has {size} bytes; {BYTES_MAX} are allowed at most")
    return data


def read_text(path: Path) -> str:
    """The text of a file, without its byte order mark. Raises UnreadableError."""
    return decode(read_bytes(path)).text


def _is_bare_utf_16(body: bytes) -> bool:
    """Say whether every second byte of the beginning is 0, as in Latin letters of UTF-16."""
    head = body[:_HEAD]
    halves = head[::2], head[1::2]
    return any(half.count(0) > 0.6 * len(half) for half in halves) and head.count(0) < len(head)


def _foreign(body: bytes, error: UnicodeDecodeError) -> UnreadableError:
    kind = error.encoding[:6].rstrip("-").upper()
    byte = body[error.start]
    if kind == "UTF-16":
        what = "the file ends" if error.end >= len(body) else f"byte 0x{byte:02x} stands"
        message = f"{what} in the middle of a character of UTF-16; save the file as UTF-8"
    else:
        message = f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
    # The line is shown up to the place: what follows may be of any encoding.
    before = body[: error.start].decode(error.encoding, "replace")
    return unreadable(before, len(before), message)
