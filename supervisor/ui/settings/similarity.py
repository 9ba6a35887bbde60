"""Whether texts can be compared here in the way that is set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect
from ...prd.graph.embeddings import EmbeddingsError, find_model
from .layers import FILE, PREFIX, Layer, file_layer, repository_layer, user_file
from .parallel import ParallelSettings

_KEY = ("parallel", "similarity")
_VARIABLE = f"{PREFIX}PARALLEL_SIMILARITY"


def similarity_defects(
    settings: ParallelSettings, repository: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """What is not installed though it is asked for."""
    if settings.similarity != "embeddings":
        return ()
    try:
        find_model()
    except EmbeddingsError as error:
        return (similarity_defect(str(error), repository, environ),)
    return ()


def similarity_defect(message: str, repository: Path, environ: Mapping[str, str]) -> Defect:
    """The same at its place: the origin that asks for it, the nearest one first."""
    if environ.get(_VARIABLE):
        return Defect(path="environment", message=message)
    user = user_file(environ)
    for layer in (repository_layer(repository), None if user is None else file_layer(user)):
        if isinstance(layer, Layer) and _asks(layer.values.get(_KEY[0])):
            return layer.defect(_KEY, message)
    return Defect(path=str(repository / FILE), message=message)


def _asks(table: object) -> bool:
    return isinstance(table, Mapping) and _KEY[1] in table
