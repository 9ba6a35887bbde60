"""A repository with its settings, for the commands that go by them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ..shell.children.sweep import MARKER
from ..shell.repository.checkout import Checkout
from ..shell.storage.layout import Layout
from .errors import UsageError
from .invalid_input import InvalidInputError
from .settings.config import Settings, load_settings
from .whereabouts import checkout_of, readable


class Place(Struct, frozen=True, kw_only=True):
    """The repository that a run is about, with its settings."""

    checkout: Checkout
    settings: Settings
    layout: Layout


def place_of(folder: Path, overrides: Mapping[str, object]) -> Place:
    """Find the repository and its settings."""
    checkout = checkout_of(folder)
    settings, defects = load_settings(checkout.top, environ=os.environ, overrides=overrides)
    if settings is None:
        raise InvalidInputError(defects)
    layout = readable(checkout.layout(settings.worktree.root))
    return Place(checkout=checkout, settings=settings, layout=layout)


def refuse_inside_agent() -> None:
    """A tree inside a story of a tree would never end."""
    if MARKER in os.environ:
        raise UsageError("this runs inside an agent of prd-supervise; nothing is started from here")
