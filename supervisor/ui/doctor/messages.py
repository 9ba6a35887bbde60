"""What a night tells to others: whether notifications and the metrics file can do that here."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ...prd.defect import Defect
from ..settings.metrics import textfile_defects, textfile_of
from ..settings.notices import notice_defects, notice_hindrances
from .around import Here
from .words import Line, fail, ok


def notice_lines(here: Here) -> Iterator[Line]:
    """Whether the program is here, and the variables of the webhook's headers."""
    settings = here.settings
    wrong = (
        *notice_defects(settings, here.top, os.environ),
        *notice_hindrances(settings, here.top, os.environ),
    )
    for each in dict.fromkeys(wrong):
        yield _line("notify", each, here)
    if not wrong and (settings.notify or settings.webhook):
        ways = (settings.notify[0] if settings.notify else "", "a webhook" * bool(settings.webhook))
        told = " and ".join(filter(None, ways))
        yield ok("notify", f"{told}; `prd-supervise notify --test` sends one message")


def metrics_lines(here: Here) -> Iterator[Line]:
    """Whether the file for node_exporter can be written."""
    wrong = textfile_defects(here.settings, here.top, os.environ)
    for each in wrong:
        yield _line("metrics", each, here)
    if not wrong and here.settings.metrics_textfile:
        yield ok("metrics", textfile_of(here.settings, here.top))


def _line(subject: str, defect: Defect, here: Here) -> Line:
    found, _, advice = str(defect.relative_to(here.top)).splitlines()[0].partition("; ")
    return fail(subject, found, advice or "docs/configuration.md")
