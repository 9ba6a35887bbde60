"""Branches that nothing is merged into by itself unless the configuration says so."""

from __future__ import annotations

from collections.abc import Collection

PROTECTED = ("main", "master")
ALLOW = "merge.allow_protected = true allows it"


def why_protected(branch: str, defaults: Collection[str]) -> str:
    """Why the branch is protected, or nothing; `defaults` are those that git is told of."""
    if branch in PROTECTED:
        return f"{branch} is protected; {ALLOW}"
    if branch in defaults:
        return f"{branch} is protected, as the default branch of the repository; {ALLOW}"
    return ""
