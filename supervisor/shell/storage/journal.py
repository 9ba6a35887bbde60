"""A journal's lines: checksum, number, record. A torn or damaged line is told by its checksum."""

from __future__ import annotations

import zlib

JOURNAL = "journal.log"


def line_of(number: int, data: bytes) -> bytes:
    """A record as the journal's next line."""
    body = b"%d %s" % (number, data)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def checked(line: bytes) -> tuple[int, bytes] | None:
    """Give a line's number and record if it is as it was written; without its newline."""
    checksum, _, body = line.partition(b" ")
    number, _, data = body.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body) or not number.isdigit():
        return None
    return int(number), data
