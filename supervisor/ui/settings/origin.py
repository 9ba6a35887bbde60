"""Where a setting was said, for defects that only the place where it is used can know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect
from .layers import FILE, PREFIX, KeyPath, Layer, file_layer, repository_layer, user_file


def at_its_origin(
    key: KeyPath, message: str, repository: Path, environ: Mapping[str, str]
) -> Defect:
    """A defect of a key at the origin that says it, the nearest one first.

    Where none does, it stands at the table around it.
    """
    if environ.get(PREFIX + "_".join(key).upper()):
        return Defect(path="environment", message=message)
    user = user_file(environ)
    found = (repository_layer(repository), None if user is None else file_layer(user))
    layers = [layer for layer in found if isinstance(layer, Layer)]
    for length in range(len(key), 0, -1):
        for layer in layers:
            if _says(layer.values, key[:length]):
                return layer.defect(key, message)
    return Defect(path=str(repository / FILE), message=message)


def _says(values: Mapping[str, object], key: KeyPath) -> bool:
    found: object = values
    for name in key:
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return True
