"""What the entity layer says of two sides by itself, without git's verdict on their merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .overlap import near, touching
from .versions import File


def flagged(files: Sequence[File]) -> Mapping[str, str]:
    """Why a file would be flagged, by its path: git would refuse it, or both changed one entity."""
    found = {}
    for file in files:
        if file.is_split:
            found[file.path] = "rename"
        elif not file.is_shared:
            continue
        elif file.left is None or file.right is None:
            found[file.path] = "modify/delete"
        elif not file.is_text:
            found[file.path] = "binary"
        elif file.base is None:
            found[file.path] = "add/add"
        elif next(touching(file), None) is not None:
            found[file.path] = "touching"
        elif next(near(file), None) is not None:
            found[file.path] = "near"
    return found
