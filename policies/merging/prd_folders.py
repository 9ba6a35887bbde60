"""Where a PRD's folder is: among the active ones or, when all is done, the completed ones."""

from __future__ import annotations

_ACTIVE = ("prds", "active")
_COMPLETED = ("prds", "completed")


def completed_path(path: str) -> str:
    """Where a file below prds/active/<ID>/ goes when its PRD is completed; "" for any other."""
    parts = path.split("/")
    for at in range(len(parts) - 2, 1, -1):  # a file and its folder stand behind prds/active
        if tuple(parts[at - 2 : at]) == _ACTIVE:
            return "/".join((*parts[: at - 2], *_COMPLETED, *parts[at:]))
    return ""


def folder_of(path: str) -> str:
    """The folder prds/active/<ID> or prds/completed/<ID> that a file stands in; "" for no such."""
    parts = path.split("/")
    for at in range(len(parts) - 2, 1, -1):
        if tuple(parts[at - 2 : at]) in {_ACTIVE, _COMPLETED}:
            return "/".join(parts[: at + 1])
    return ""
