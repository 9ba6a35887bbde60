"""What becomes of the secret files of a worktree when it passes on, and what people are told."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ...secrecy.names import SecretNames
from ..commands import Commands
from ..place import Place
from .copies import bytes_of, digest_of, forget_copies, leads_inside, overwrite, read_copies
from .excludes import is_from_here

KEPT_OUT = "secret_kept_out"
NAMED_MAX = 10
_BLOBS_MAX = 50


def put_away(place: Place, git: Commands, path: Path, admin: Path) -> None:
    """Leave no secret file to who comes next.

    Our copies are overwritten. What an agent made itself, or made of a copy, waits among the
    leftovers: of a copy without the values that the user's own file has already.
    """
    copies = read_copies(admin)
    for name, digest in copies.items():
        data = bytes_of(path / name) if leads_inside(path, path / name) else None
        if data is not None and digest_of(data) != digest:
            aside = set_bytes_aside(place, place.hiding.data(data), label=_label(path, name))
            text = f"{path.name}: {name} was changed by an agent; what it wrote is in {aside}"
            place.tell(text, event="secret_set_aside")
        overwrite(path, path / name)
    for name in own_secrets(place, git, admin):
        found = path / name
        data = bytes_of(found)
        if data is None or not leads_inside(path, found):
            continue
        if digest_of(data) not in copies.values():
            aside = set_bytes_aside(place, place.hiding.data(data), label=_label(path, name))
            text = f"{path.name}: {name} is nobody's to inherit; it is {aside} now"
            place.tell(text, event="secret_set_aside")
        overwrite(path, found)
    forget_copies(admin)


def own_secrets(place: Place, git: Commands, admin: Path) -> list[str]:
    """The secret files that nobody committed and we did not copy, those in caches left out.

    A folder that is ignored as a whole is a cache: certificates of libraries are no secrets.
    """
    options = ("--others", "--ignored", "--exclude-standard", "--directory", "-z")
    names = os.fsdecode(git.run("ls_files", *options).out).split("\0")
    secret, copies = SecretNames(place.rules.secrets.files), read_copies(admin)
    return [
        name
        for name in names
        if name and not name.endswith("/") and name not in copies and secret.match(name)
    ]


def kept_out_by_us(place: Place, git: Commands, admin: Path) -> list[str]:
    """Those of them that git would have committed without our patterns."""
    names = own_secrets(place, git, admin)
    if not names:
        return []
    # It refuses to take names literally; behind the dot none of theirs is magic.
    asking = git.at(git.directory, environment={"GIT_LITERAL_PATHSPECS": "0"})
    told = b"".join(b"./" + os.fsencode(name) + b"\0" for name in names)
    words = os.fsdecode(asking.ask("check_ignore", "--verbose", "-z", "--stdin", stdin=told).out)
    fields = words.split("\0")[:-1]
    rows = zip(fields[0::4], fields[3::4], strict=True)
    return [name.removeprefix("./") for source, name in rows if is_from_here(source)]


def tell_kept_out(place: Place, story_id: str, names: Iterable[str]) -> None:
    """Name what was not committed, and how it can be."""
    for name in list(dict.fromkeys(names))[:NAMED_MAX]:
        allowed = f'[worktree] secret_files = ["!{name}"]'
        text = f"{story_id}: {name} was kept out of every commit, for it looks like a secret file"
        place.tell_once(f"{text}; {allowed} allows it", event=KEPT_OUT)


def put_named_aside(place: Place, path: Path, names: Iterable[str]) -> None:
    """Put files that are named after a value among the leftovers: no commit can have them."""
    for name in names:
        shown = place.hiding.text(name)
        data = bytes_of(path / name) if shown != name and leads_inside(path, path / name) else None
        if data is not None:
            set_bytes_aside(place, place.hiding.data(data), label=_label(path, shown))
            (path / name).unlink()


def put_lost_aside(place: Place, story_id: str, lost: Iterable[tuple[str, str]]) -> None:
    """Put secret files among the leftovers that only a commit or an index had: salvage has none.

    Not those that are the user's own file.
    """
    for name, blob in sorted(lost)[:_BLOBS_MAX]:
        data = place.git.run("cat_file", "blob", blob).out
        if data != bytes_of(place.checkout / name):
            label = f"{story_id}-{Path(name).name}"
            aside = set_bytes_aside(place, place.hiding.data(data), label=label)
            text = f"{story_id}: {name} is kept in no salvage ref; it is {aside} now"
            place.tell_once(text, event="secret_set_aside")


def set_bytes_aside(place: Place, data: bytes, *, label: str) -> Path:
    """Keep bytes among our leftovers, for the user alone; the same bytes once."""
    place.leftovers.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = label.rpartition("-")[2]
    for known in sorted(place.leftovers.iterdir()):
        if known.name.endswith(name) and bytes_of(known) == data:
            return known
    number, target = 1, place.leftovers / label
    while target.exists() and bytes_of(target) != data:
        number += 1
        target = place.leftovers / f"{label}.{number}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileExistsError), os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        file.write(data)
    return target


def _label(path: Path, name: str) -> str:
    return f"{path.name}-{Path(name).name}"
