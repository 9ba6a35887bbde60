"""Many files' contents, read and written by one git command each."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .commands import Commands, GitRefused

_SHA1_DIGITS = 40


def read_blobs(
    git: Commands, names: Iterable[str], *, bytes_max: int, total_max: int | None = None
) -> Mapping[str, bytes]:
    """The blobs that are there and not larger than that, by their names; others are left out.

    Of all of them together not more than `total_max` bytes are read, the first ones first.
    """
    wanted = list(dict.fromkeys(names))
    asked = _each_on_a_line(wanted)
    about = git.run("cat_file", "--batch-check", stdin=asked).line.split("\n") if wanted else []
    small = []
    left = total_max
    for line in about:
        name, _, rest = line.partition(" ")
        kind, _, size = rest.partition(" ")
        if kind == "blob" and int(size) <= (bytes_max if left is None else min(bytes_max, left)):
            small.append(name)
            left = left - int(size) if left is not None else None
    if not small:
        return {}
    out = git.run("cat_file", "--batch", stdin=_each_on_a_line(small)).out
    found: dict[str, bytes] = {}
    at = 0
    for name in small:  # <name> SP <type> SP <size> LF <contents> LF
        end = out.index(b"\n", at)
        length = int(out[at:end].rsplit(b" ", 1)[1])
        found[name] = out[end + 1 : end + 1 + length]
        at = end + 1 + length + 1
    return found


def write_blobs(git: Commands, texts: Sequence[bytes]) -> list[str]:
    """Write contents as they are, and say under which names."""
    return write_objects(git, texts, kind="blob")


def write_objects(git: Commands, texts: Sequence[bytes], *, kind: str) -> list[str]:
    """Write objects of one kind, which git checks, and say under which names."""
    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as folder:
        paths = [Path(folder, str(number)) for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text)
        listed = _each_on_a_line(map(str, paths))
        options = ("-w", "-t", kind, "--no-filters", "--stdin-paths")
        out = git.run("hash_object", *options, stdin=listed).line
    names = out.split("\n") if out else []
    if len(names) != len(texts):
        raise GitRefused(f"git hash-object: {len(names)} names for {len(texts)} files")
    return names


def object_name(text: bytes, *, kind: str, like: str) -> str:
    """The name that git gives an object, in a repository whose names look like this one."""
    is_sha1 = len(like) == _SHA1_DIGITS
    method = hashlib.sha1 if is_sha1 else hashlib.sha256
    return method(f"{kind} {len(text)}\0".encode() + text).hexdigest()


def _each_on_a_line(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()
