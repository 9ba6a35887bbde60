"""The PRD file as git has it: its bytes copied out, and bytes of ours taken in."""

from __future__ import annotations

from pathlib import Path

from ...messages.git import MARKED_BYTES_MAX
from ...messages.train import PrdCopy
from ..blobs import object_name
from ..commands import GitKilledError, GitRefused
from ..place import Branch, Place
from ..trees import Entry, entry_at

_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_BYTES_MAX = 1024  # Git LFS: pointer files are smaller than this


def copied(place: Place, entry: Entry, path: Path, *, is_shown: bool = False) -> PrdCopy:
    """Write the bytes of a blob to a file of ours, or say why it cannot be marked.

    What is going to be shown to people goes there without values that nobody may see.
    """
    if not entry.is_file:
        return PrdCopy(problem=f"it is {entry.kind} there")
    size = _size(place, entry)
    if size > MARKED_BYTES_MAX:
        return PrdCopy(problem=f"it has {size} bytes; up to {MARKED_BYTES_MAX} are marked")
    data = place.git.run("cat_file", "blob", entry.blob).out
    if _points(data):
        return PrdCopy(problem="Git LFS keeps its content, the branch has only a pointer to it")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(place.hiding.data(data) if is_shown else data)
    except OSError as error:
        return PrdCopy(problem=f"{path} cannot be written: {error.strerror}")
    return PrdCopy(path=str(path))


def is_pointer(place: Place, entry: Entry) -> bool:
    """Say whether a file is only a pointer of Git LFS's."""
    if not entry.is_file or _size(place, entry) >= _POINTER_BYTES_MAX:
        return False
    return _points(place.git.run("cat_file", "blob", entry.blob).out)


def _points(data: bytes) -> bool:
    return len(data) < _POINTER_BYTES_MAX and data.startswith(_POINTER)


def _size(place: Place, entry: Entry) -> int:
    if entry.size >= 0:
        return entry.size
    return int(place.git.run("cat_file", "-s", entry.blob).line)


def marked_blob(place: Place, copy: PrdCopy) -> str:
    """Take marked bytes in as they are; "" where that fails, which must not cost the merge."""
    try:
        return place.git.run("hash_object", "-w", "--no-filters", "--", copy.path).line
    except GitKilledError:
        raise
    except GitRefused as refused:
        if refused.lock or refused.empty_object:  # what a killed git left: asked again
            raise
        return ""


def accepted_blob(place: Place, branch: Branch, document: Path, known: Entry) -> str:
    """Take the user's document in, as `git add` would do in his checkout.

    His attributes may say that git keeps it otherwise than he sees it (line ends, encoding, LFS).
    """
    path = f"--path={branch.user_file}"
    blob = place.git.run("hash_object", "-w", path, "--", str(document)).line
    plain = object_name(document.read_bytes(), kind="blob", like=blob)
    if blob != plain and _keeps_crlf(place, known, document, blob):
        return place.git.run("hash_object", "-w", "--no-filters", "--", str(document)).line
    return blob


def _keeps_crlf(place: Place, known: Entry, document: Path, blob: str) -> bool:
    """Say whether only line ends were changed, of a file that has such line ends in git already.

    `git add` leaves them alone then (gitattributes(5): text=auto); `hash-object` does not look.
    """
    if not known.is_file:
        return False
    given = document.read_bytes()
    if place.git.run("cat_file", "blob", blob).out != given.replace(b"\r\n", b"\n"):
        return False
    return b"\r\n" in place.git.run("cat_file", "blob", known.blob).out


def prd_entry(place: Place, branch: Branch, commit: str) -> Entry | None:
    """The PRD file in a commit or tree; None where it is not kept in git."""
    return entry_at(place.git, commit, branch.prd_file) if branch.prd_file else None
