"""Where a setting was said, for defects that only the place where it is used can know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect
from .layers import FILE, PREFIX, KeyPath, Layer, file_layer, repository_layer, user_file


def at_its_origin(
    key: KeyPath, message: str, repository: Path, environ: Mapping[str, str]
) -> Defect:
    """A defect of `table.key` at the origin that says it, the nearest one first."""
    table, name = key
    if environ.get(PREFIX + "_".join(key).upper()):
        return Defect(path="environment", message=message)
    user = user_file(environ)
    for layer in (repository_layer(repository), None if user is None else file_layer(user)):
        said = layer.values.get(table) if isinstance(layer, Layer) else None
        if isinstance(layer, Layer) and isinstance(said, Mapping) and name in said:
            return layer.defect(key, message)
    return Defect(path=str(repository / FILE), message=message)
