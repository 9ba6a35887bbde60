"""The files of `contrib/`, for whoever installs by hand: what `service install` would write."""

from __future__ import annotations

from pathlib import Path

from .installation import Installation
from .launchd import label_of, plist_of
from .units import (
    BACKOFF,
    CEILINGS,
    FIXED,
    SANDBOX,
    SLICE,
    SUBCOMMAND,
    TEMPLATE,
    Words,
    backoff_text,
    ceilings_text,
    sandbox_text,
    service_text,
    slice_text,
)

_COMMAND = f"%h/.local/bin/prd-supervise {' '.join(SUBCOMMAND)}"
_PATH = "PATH=%h/.local/bin:/usr/local/bin:/usr/bin:/bin"


def contrib_texts() -> dict[str, str]:
    """Their texts, by their paths below `contrib/`."""
    template = Words(repository="%f", command=_COMMAND, path=_PATH)
    fixed = Words(repository="%h/shop", command=_COMMAND, path=_PATH)
    example = Installation(
        repository=Path("/Users/you/shop"),
        program=Path("/Users/you/.local/bin/prd-supervise"),
        path="/Users/you/.local/bin:/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin",
        home=Path("/Users/you"),
    )
    return {
        f"systemd/{TEMPLATE}": service_text(template),
        f"systemd/{FIXED}": service_text(fixed),
        f"systemd/{SLICE}": slice_text(),
        f"systemd/{TEMPLATE}.d/{BACKOFF}": backoff_text(),
        f"systemd/drop-ins/{SANDBOX}": sandbox_text(),
        f"systemd/drop-ins/{CEILINGS}": ceilings_text(),
        f"launchd/{label_of(example.repository)}.plist": plist_of(example).decode(),
    }
