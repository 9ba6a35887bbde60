"""Where a command works: the repository, and who runs there now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ..shell.repository.checkout import Checkout, RepositoryError, find_checkout
from ..shell.storage.found import StoreError
from ..shell.storage.layout import Layout
from ..shell.storage.versions import version_now
from .errors import FatalError, StateError, UsageError


def checkout_of(folder: Path) -> Checkout:
    """Find the checkout that the folder lies in."""
    try:
        return find_checkout(folder)
    except RepositoryError as error:
        raise UsageError(str(error)) from None


def layout_of(folder: Path) -> Layout:
    """Where the state of the folder's repository lies; StateError if a newer version wrote it."""
    return readable(unread_layout_of(folder))


def unread_layout_of(folder: Path) -> Layout:
    """Likewise, for who reads nothing there, and asks a root whatever its version is."""
    return checkout_of(folder).layout()


def readable(layout: Layout) -> Layout:
    """See that the state can be read by this version."""
    try:
        version_now(layout)
    except StoreError as error:
        raise StateError(str(error)) from None
    except OSError as error:
        raise FatalError(f"{error.filename}: {error.strerror}") from None
    return layout


def already_running(holder: Mapping[str, object]) -> str:
    """Say who holds the lock, and what else can be done."""
    return (
        f"{about_holder(holder)}; "
        "`prd-supervise status` shows it, `prd-supervise start PRD` hands a PRD to it"
    )


def about_holder(holder: Mapping[str, object]) -> str:
    """Say who holds the lock; of a service, what ends it."""
    started = holder.get("started_at")
    since = ""
    if isinstance(started, int | float):
        since = f" since {datetime.fromtimestamp(started).astimezone():%Y-%m-%d %H:%M:%S}"
    service, stopped_by = holder.get("service"), holder.get("stopped_by")
    unit = f", the service {service}" if service else ""
    ended = f" (`{stopped_by}` ends it)" if stopped_by else ""
    return f"root already runs here: pid {holder.get('pid', '?')}{since}{unit}{ended}"
