"""The process that reads pages: a slow disk or a long `git diff` must not hold up the screen.

A request is a line of JSON on the standard input, its answer one on the standard output. It ends
with its input.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from msgspec import Struct, json

from ....workers.process.entry import name
from ...shell.storage.layout import Layout
from .reading import Wanted, page_of, state_of
from .seen import Page


class PageRequest(Struct, frozen=True, kw_only=True):
    """Read this page."""

    layout: Layout
    wanted: Wanted
    is_known: bool = False  # the asker has the page as it was last


class PageAnswer(Struct, frozen=True, kw_only=True):
    """The page; None where it is as it was."""

    page: Page | None = None


encode_request = json.Encoder(enc_hook=str).encode  # of all that has no form in JSON: paths
decode_request = json.Decoder(PageRequest, dec_hook=lambda _, text: Path(text)).decode


def main() -> None:
    """Answer until nobody asks any more."""
    name("pages")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a ^C is the dashboard's
    known: object = None
    for line in sys.stdin.buffer:
        request = decode_request(line)
        state = state_of(request.layout, request.wanted)
        if request.is_known and state is not None and state == known:
            answer = PageAnswer()
        else:
            answer = PageAnswer(page=page_of(request.layout, request.wanted))
        known = state
        sys.stdout.buffer.write(json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
