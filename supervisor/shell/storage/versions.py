"""version.json: of which number the state is, and which program has written it.

It is looked at before anything else of the state is read or written: a newer one is refused, and of
an older one everything is converted, by readers in memory (`reading`) and by root for good
(`taking_over`). A state without the file is from before there was one: number 0.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from .atomic import write_atomically
from .found import AnotherVersionError, StoreError
from .layout import Layout
from .migrations.migration import Migration
from .migrations.registered import MIGRATIONS, STATE

FINISH_S = 2.0  # for a root that is just taking over
_NAP_S = 0.01
MANIFEST = "manifest.json"  # of a state that is being taken over
_BEFORE = 0  # the state that has no version.json


class Version(Struct, frozen=True, kw_only=True):
    """What version.json says; other members are a later program's."""

    state: int
    program: str = ""


def program_version() -> str:
    """The version of this program, as it is installed."""
    from importlib.metadata import version  # noqa: PLC0415  it takes as long as all the rest

    return version("prd-supervise")


def known_version(layout: Layout, *, until: int = STATE) -> Version | None:
    """The version of the state, which can be read; None where there is no state yet.

    AnotherVersionError of one that is newer than `until`, StoreError of a file that is damaged.
    """
    try:
        found = msgspec.json.decode(layout.version.read_bytes(), type=Version)
    except FileNotFoundError:
        return Version(state=_BEFORE) if _is_there(layout) else None
    except msgspec.MsgspecError as error:
        ours = text_of(Version(state=until, program=program_version())).decode().strip()
        raise StoreError(
            f"{layout.version}: does not say of which version the state is: {error}; "
            f"if this program has run here last, put back {ours}"
        ) from error
    if found.state > until:
        raise AnotherVersionError(_refusal(layout, found, until))
    return found


def version_now(layout: Layout, migrations: Sequence[Migration] = MIGRATIONS) -> Version | None:
    """Likewise, for who reads while a root may just be taking over an older state."""
    deadline_s = time.monotonic() + FINISH_S
    while is_half_taken_over(layout):
        if time.monotonic() > deadline_s:
            raise half_taken_over(layout)
        time.sleep(_NAP_S)
    return known_version(layout, until=migrations[-1].to)


def is_half_taken_over(layout: Layout) -> bool:
    """Say whether there is no way back, and not all of the new is in its place yet."""
    return layout.takeover.exists() and (layout.takeover / MANIFEST).exists()


def half_taken_over(layout: Layout) -> AnotherVersionError:
    """What to raise where somebody was killed in the middle of it."""
    return AnotherVersionError(
        f"{layout.takeover}: the state is half taken over; "
        "`prd-supervise resume` of the version that began it, or a newer one, finishes that"
    )


def write_version(layout: Layout, state: int, known: Version | None) -> None:
    """Say that this program writes the state, if that is news."""
    version = Version(state=state, program=program_version())
    if version != known:
        write_atomically(layout.version, text_of(version), durable=True)


def text_of(version: Version) -> bytes:
    """What version.json says."""
    document = {"state": version.state, "program": version.program}
    return json.dumps(document).encode() + b"\n"


def _is_there(layout: Layout) -> bool:
    names = ("journal.log", "snapshot.json", "prds", "plans")
    return any((layout.state_dir / name).exists() for name in names)


def _refusal(layout: Layout, found: Version, until: int) -> str:
    theirs = f"prd-supervise {found.program}" if found.program else "a newer prd-supervise"
    refused = (
        f"{layout.version}: written by {theirs} (state {found.state}); this is prd-supervise "
        f"{program_version()} and knows states up to {until}: use the newer one"
    )
    backup = layout.backup(until)
    if not backup.is_dir():
        return refused
    return f"{refused}, or go back to what was before it: `cp -R {backup}/. {layout.state_dir}/`"
