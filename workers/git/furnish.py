"""What a worktree gets besides the repository's files: copies of the user's files, and links.

What was put there is noted beside the worktree before it is put there, so that it is known for
sure, and removed once the configuration no longer names it.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .commands import refusal
from .excluding import exclude
from .finding import FOUND_MAX, found
from .place import Place
from .standstill import announce
from .worktrees import Worktree

COPY_FILES_MAX = 10_000  # of one folder: more are better linked
COPY_S_MAX = 60.0
COPY, LINK = "copy", "link"
_NOTE = "prd-supervise.furnished"


def furnish(place: Place, worktree: Worktree) -> None:
    """Put there what the configuration names, each copy as the user has it now."""
    rules, put = place.rules.worktree, furnished(worktree)
    if not (rules.copy or rules.link or put):
        return
    wanted = _wanted(place, worktree)
    _note(worktree, put | wanted)
    _keep_from_git(place, worktree, wanted)
    for path, kind in put.items():
        if wanted.get(path) != kind:
            take_away(worktree, path)
    for path, kind in wanted.items():
        _put(place, worktree, path, kind)
    _note(worktree, wanted)


def furnished(worktree: Worktree) -> dict[str, str]:
    """What stands in the worktree and is the user's: paths, each a copy or a link."""
    with suppress(FileNotFoundError, ValueError):
        noted = json.loads((worktree.admin / _NOTE).read_bytes())
        return {str(path): str(kind) for path, kind in dict(noted).items()}
    return {}


def take_away(worktree: Worktree, path: str) -> None:
    """Remove a copy or a link; what it points to stays."""
    place = worktree.path / path
    if not _leads_inside(worktree.path, path):
        return
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _wanted(place: Place, worktree: Worktree) -> dict[str, str]:
    """What is to stand there; links go first, so that nothing is copied through one."""
    rules, wanted = place.rules.worktree, dict[str, str]()
    not_in = frozenset({place.worktrees, place.checkout / ".prd-supervise"})
    for kind, patterns in ((LINK, rules.link), (COPY, rules.copy)):
        for pattern in patterns:
            paths = list(found(place.checkout, pattern, not_in=not_in))
            if not paths:
                place.tell_once(
                    f"[worktree] {kind}: nothing in {place.checkout} is called {pattern}",
                    event="not_furnished",
                )
            if len(paths) == FOUND_MAX:
                text = f"[worktree] {kind}: {pattern} means more than {FOUND_MAX} files"
                place.tell_once(f"{text}; name their folder", event="not_furnished")
            wanted |= {path: kind for path in paths if _is_free(path, wanted)}
    return _possible(place, worktree, wanted)


def _is_free(path: str, wanted: Mapping[str, str]) -> bool:
    parts = Path(path).parts
    return not any("/".join(parts[:end]) in wanted for end in range(1, len(parts) + 1))


def _possible(place: Place, worktree: Worktree, wanted: dict[str, str]) -> dict[str, str]:
    """Leave out what the repository itself has there, and what would not stay in the worktree."""
    if not wanted:
        return wanted
    out = worktree.git.run("ls_files", "-z", "--", *wanted).out
    tracked = {os.fsdecode(name) for name in out.split(b"\0") if name}
    possible = {}
    for path, kind in wanted.items():
        problem = ""
        if path in tracked or any(name.startswith(f"{path}/") for name in tracked):
            problem = "it is committed, so git puts it there"
        elif not _leads_inside(worktree.path, path):
            problem = "a folder on its way is a link, or none"
        elif "\n" in path:
            problem = "git cannot ignore such a name"
        if problem:
            text = f"[worktree] {kind}: {path} is left out: {problem}"
            place.tell_once(text, event="not_furnished")
        else:
            possible[path] = kind
    return possible


def _leads_inside(top: Path, path: str) -> bool:
    """Say whether no folder on the way is a link (an agent may commit one) or a file."""
    folder = top
    for name in Path(path).parts[:-1]:
        folder /= name
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return False
    return True


def _put(place: Place, worktree: Worktree, path: str, kind: str) -> None:
    source, target = place.checkout / path, worktree.path / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == LINK:
            _link(place, source, target)
        elif source.is_dir():
            _copy_folder(place, source, target)
        else:
            copy_file(source, target)
    except OSError as error:
        text = f"[worktree] {kind}: {path} is left out: {error.strerror}"
        place.tell_once(text, event="not_furnished")


def _link(place: Place, source: Path, target: Path) -> None:
    if target.is_symlink():
        if os.readlink(target) == str(source):  # noqa: PTH115  as it is written
            return
        target.unlink()
    if target.exists():
        text = f"[worktree] link: {target} stands there already, and stays"
        place.tell_once(text, event="not_furnished")
        return
    target.symlink_to(source)


def copy_file(source: Path, target: Path) -> None:
    """Make a copy that nobody else may read, in one step; one that is the same already stays."""
    mode = 0o700 if os.access(source, os.X_OK) else 0o600
    if target.is_file() and not target.is_symlink() and filecmp.cmp(source, target, shallow=False):
        target.chmod(mode)
        return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    fresh = target.with_name(f"{target.name}.prd-supervise")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with source.open("rb") as read, os.fdopen(os.open(fresh, flags, mode), "wb") as written:
            shutil.copyfileobj(read, written)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _copy_folder(place: Place, source: Path, target: Path) -> None:
    """Copy a folder with its links as they are; too large a one is left out."""
    announce(COPY_S_MAX)
    files = []
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        files += [Path(folder, name).relative_to(source) for name in (*names, *links)]
        if len(files) > COPY_FILES_MAX:
            text = f"[worktree] copy: {source} has more than {COPY_FILES_MAX} files; link it"
            place.tell_once(text, event="not_furnished")
            return
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        if (source / file).is_symlink():
            (target / file).unlink(missing_ok=True)
            (target / file).symlink_to(os.readlink(source / file))  # noqa: PTH115  as it is written
        elif (source / file).is_file():
            copy_file(source / file, target / file)


def _keep_from_git(place: Place, worktree: Worktree, wanted: Mapping[str, str]) -> None:
    """Have git ignore what it does not yet: `node_modules/` means folders, and no link.

    That goes before the files themselves: a salvage after a kill would take them in.
    """
    if not wanted:
        return
    # It does not know literal names; with a folder before them none of theirs is magic.
    git = worktree.git.at(worktree.path, environment={"GIT_LITERAL_PATHSPECS": "0"})
    names = b"".join(b"./" + os.fsencode(path) + b"\0" for path in wanted)
    answer = git.ask("check_ignore", "-z", "--stdin", stdin=names)
    if answer.status not in {0, 1}:
        raise refusal("check_ignore", answer)
    ignored = {os.fsdecode(name).removeprefix("./") for name in answer.out.split(b"\0")}
    exclude(place, [path for path in wanted if path not in ignored])


def _note(worktree: Worktree, put: Mapping[str, str]) -> None:
    note = worktree.admin / _NOTE
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps(dict(put)))
    fresh.replace(note)
