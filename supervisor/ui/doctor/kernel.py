"""What the kernel can do for us, and what each lack of it means for a night."""

from __future__ import annotations

from collections.abc import Iterator

from ....workers.process import capabilities
from .words import Line, ok, warn

_SUBJECT = "kernel"
_MORE = "docs/guarantees.md says what holds here"


def capability_lines() -> Iterator[Line]:
    """One line of what is there, and one for each lack."""
    here = capabilities.HERE
    there = (
        *(name for name, has in (("pidfd", here.pidfd), ("kqueue", here.kqueue)) if has),
        *(("subreaper",) if here.subreaper else ()),
        *(("death signal",) if here.death_signal else ()),
        *(("waitid",) if here.waitid else ()),
        *(("/proc",) if here.procfs else ()),
        *((here.peer_credentials,) if here.peer_credentials else ()),
        here.data_sync,
    )
    yield ok(_SUBJECT, ", ".join(there))
    for found, advice in _lacks(here):
        yield warn(_SUBJECT, found, advice)


def _lacks(here: capabilities.Capabilities) -> Iterator[tuple[str, str]]:
    if not here.pidfd and not here.kqueue:
        text = "it tells of no process's end: ends are looked for, 20 times a second"
        yield text, "Linux 5.3 or newer has pidfds; a sandbox may refuse them"
    if not here.subreaper:
        text = "it hands us no orphans: what leaves its parent is found by its environment"
        yield text, f"what hides that lives on; {_MORE}"
    if not here.death_signal:
        text = "it sends no signal at a parent's death: pipes and guards tell of it"
        yield text, f"nothing to be done; {_MORE}"
    if not here.waitid:
        text = "this Python has no os.waitid: a stopped process is not told of"
        yield text, "Python 3.13 or newer has it here"
    if not here.peer_credentials:
        text = "it does not tell who is connected: the mode of the socket's folder keeps others out"
        yield text, f"nothing to be done; {_MORE}"
    if here.data_sync == "fsync":
        text = "it has neither fdatasync nor F_FULLFSYNC: a disk may keep records in its cache"
        yield text, "a power cut may lose the last records; the story runs again"
