"""Logs with values to hide: 30 of them, in large pieces and line by line."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from bench.clock import timed
from bench.table import Row, row
from prd_supervise.workers.secrecy.redaction import Redactor, Secret

VALUES = 30
LINE = b"test_something_of_the_kind[case 17] PASSED in 0.04s, with 12 assertions\n"
PIECE_BYTES = 1 << 16


def measure(*, quick: bool) -> list[Row]:
    """Seconds for 10 MB of ordinary lines: a tenth in a quick run."""
    size = 1_000_000 if quick else 10_000_000
    redactor = Redactor(
        Secret(f"KEY_{number}", b64encode(sha256(b"%d" % number).digest()))
        for number in range(VALUES)
    )
    text = LINE * (size // len(LINE))
    pieces = [text[at : at + PIECE_BYTES] for at in range(0, len(text), PIECE_BYTES)]
    lines = text.splitlines(keepends=True)
    name = f"{size // 1_000_000} MB of a log, {VALUES} values to hide"
    return [
        row(f"{name}: in pieces of 64 KiB", timed(lambda: _pass(redactor, pieces), 5)),
        row(f"{name}: line by line", timed(lambda: _pass(redactor, lines), 3)),
    ]


def _pass(redactor: Redactor, pieces: list[bytes]) -> None:
    stream = redactor.stream()
    for piece in pieces:
        stream.feed(piece)
    stream.end()
