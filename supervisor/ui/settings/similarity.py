"""Whether texts can be compared here in the way that is set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect
from ...prd.graph.embeddings import EmbeddingsError, find_model
from .origin import at_its_origin
from .parallel import ParallelSettings

_KEY = ("parallel", "similarity")


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
    return at_its_origin(_KEY, message, repository, environ)
