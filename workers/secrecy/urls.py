"""URLs in the messages of git, which may name a user and a password or token."""

from __future__ import annotations

import re

# What stands between "://" and "@": git itself takes the last "@" before the next "/".
_CREDENTIALS = re.compile(r"://[^/\s]*@")


def without_credentials(text: str) -> str:
    """Hide who logs in, and by what."""
    return _CREDENTIALS.sub("://***@", text) if "://" in text else text
