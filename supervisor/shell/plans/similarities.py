"""How the texts of stories are compared, by the method that is set; vectors are kept in a file.

The file only saves time: one that is damaged, or of another version, counts as empty, and one that
cannot be written is done without.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

from ...prd.graph import embeddings
from ...prd.graph.inference import Rules, Similar
from ...prd.graph.similarity import similar_pairs
from ..storage.atomic import write_atomically
from ..storage.layout import Layout

TEXTS_MAX = 1_000  # of a PRD, two minutes; texts after that are not compared
_KEPT_MAX = 4_000  # vectors in the file, 2 KiB each
_FILE_BYTES_MAX = 16 << 20
_VERSION = f"1 {embeddings.SHA256[embeddings.WEIGHTS]}"

Vectors = dict[str, bytes]


def comparison(rules: Rules, layout: Layout, *, is_kept: bool) -> Similar:
    """The method that the rules name; vectors are kept only if that is wanted."""
    if rules.similarity != "embeddings":
        return similar_pairs
    return partial(_by_embeddings, layout.embeddings, is_kept=is_kept)


@lru_cache(maxsize=8)
def _by_embeddings(
    path: Path, texts: tuple[str, ...], least: float, *, is_kept: bool
) -> tuple[tuple[int, int, float], ...]:
    if len(texts) < 2:  # noqa: PLR2004  a pair
        return ()
    compared = texts[:TEXTS_MAX]
    keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in compared]
    known = read_vectors(path)
    new = {key: text for key, text in zip(keys, compared, strict=True) if key not in known}
    if new:
        known |= zip(new, embeddings.encode(list(new.values())), strict=True)
        # A start that may still be refused makes no folder.
        if is_kept and path.parent.is_dir():
            write_vectors(path, known)
    return embeddings.pairs([known[key] for key in keys], least)


def read_vectors(path: Path) -> Vectors:
    """The vectors that the file holds, by their texts' hashes; none if it is not as we wrote it."""
    try:
        if path.stat().st_size > _FILE_BYTES_MAX:
            return {}
        checksum, _, body = path.read_bytes().partition(b"\n")
        if checksum != hashlib.sha256(body).hexdigest().encode():
            return {}
        found = json.loads(body)
        if found["version"] != _VERSION:
            return {}
        vectors = {key: base64.b64decode(text) for key, text in found["vectors"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, binascii.Error):
        return {}
    return vectors if all(len(each) == embeddings.SIZE_BYTES for each in vectors.values()) else {}


def write_vectors(path: Path, vectors: Mapping[str, bytes]) -> None:
    """Keep the newest vectors, behind a checksum."""
    kept = list(vectors.items())[-_KEPT_MAX:]
    coded = {key: base64.b64encode(vector).decode() for key, vector in kept}
    body = json.dumps({"version": _VERSION, "vectors": coded}).encode()
    with suppress(OSError):  # another start may write it too, or the disk be full
        write_atomically(path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
