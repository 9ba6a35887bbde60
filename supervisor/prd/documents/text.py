"""The bytes of a file as text and back, so that what is not changed stays as it was."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from .document import UnreadableError

BYTES_MAX = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a file says, without its byte order mark; `encoding` and `mark` lead back to bytes."""

    text: str
    encoding: str
    mark: bytes

    def encoded(self, text: str) -> bytes:
        """Another text as the bytes of a file of the same kind."""
        return self.mark + text.encode(self.encoding)


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> Text:
    """Read UTF-8, or UTF-16 with its byte order mark. Raises UnreadableError."""
    found = ((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark))
    mark, encoding = next(found, (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        return Text(text=body.decode(encoding), encoding=encoding, mark=mark)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        kind = encoding[:6].rstrip("-").upper()
        message = f"byte 0x{body[error.start]:02x} is not {kind}; save the file as UTF-8"
        raise UnreadableError(message, line=line, column=column) from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of a bounded size. Raises UnreadableError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # reading a pipe or a device might never end
            raise UnreadableError("this is no regular file; a file of text is needed")
        if about.st_size > BYTES_MAX:
            raise UnreadableError(
                f"the file has {about.st_size} bytes; {BYTES_MAX} are allowed at most"
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableError(f"the file cannot be read: {why}; make it readable") from error


def read_text(path: Path) -> str:
    """The text of a file, without its byte order mark. Raises UnreadableError."""
    return decode(read_bytes(path)).text
