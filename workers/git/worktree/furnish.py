"""What a worktree gets besides the repository's files: copies of the user's files, and links.

What was put there is noted beside the worktree before it is put there, so that it is known for
sure, and removed once the configuration no longer names it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ...finding import FOUND_MAX, found
from ...secrecy.copied import FILES_MAX, copied_files
from ...secrecy.names import SecretNames
from ..commands import refusal
from ..place import Place
from ..secrets.copies import bring, overwrite
from ..standstill import announce
from .copying import put_copies, why_not
from .excluding import exclude
from .worktrees import Worktree

COPY_S_MAX = 60.0
COPY, LINK = "copy", "link"
_NOTE = "prd-supervise.furnished"
_EVENT = "not_furnished"
_ARGUMENTS_MAX = 500  # more are compared with all that git has


def furnish(place: Place, worktree: Worktree) -> None:
    """Put there what the configuration names, each copy as the user has it now."""
    rules, put = place.rules.worktree, furnished(worktree)
    if not (rules.copy or rules.link or put):
        return
    announce(COPY_S_MAX)
    wanted = _possible(place, worktree, _wanted(place))
    _note(worktree, put | wanted)
    _keep_from_git(place, worktree, wanted)
    for path, kind in put.items():
        if wanted.get(path) != kind:
            take_away(worktree, path)
    _put_all(place, worktree, wanted)
    _note(worktree, wanted)


def furnished(worktree: Worktree) -> dict[str, str]:
    """What stands in the worktree and is the user's: paths, each a copy or a link."""
    with suppress(FileNotFoundError, ValueError):
        noted = json.loads((worktree.admin / _NOTE).read_bytes())
        return {str(path): str(kind) for path, kind in dict(noted).items()}
    return {}


def take_away(worktree: Worktree, path: str) -> None:
    """Remove a copy with its bytes, or a link; what a link points to stays."""
    if _leads_inside(worktree.path, path):
        overwrite(worktree.path, worktree.path / path)


def _wanted(place: Place) -> dict[str, str]:
    """What is to stand there; links go first, so that nothing is copied through one."""
    rules = place.rules.worktree
    links = [path for glob in rules.link for path in _meant(place, LINK, glob)]
    for glob in rules.copy:
        _meant(place, COPY, glob)
    files = copied_files(place.checkout, rules.copy)
    if len(files) == FILES_MAX:
        text = f"[worktree] copy: it means {FILES_MAX} files or more, of which the first are copied"
        place.tell_once(f"{text}; link a folder instead", event=_EVENT)
    wanted: dict[str, str] = {}
    for kind, paths in ((LINK, links), (COPY, files)):
        wanted |= {path: kind for path in paths if _is_free(path, wanted)}
    return wanted


def _meant(place: Place, kind: str, glob: str) -> list[str]:
    """What a glob leads to; people are told of one that leads to nothing."""
    paths = list(found(place.checkout, glob))
    if not paths:
        text = f"[worktree] {kind}: nothing in {place.checkout} is called {glob}"
        place.tell_once(text, event=_EVENT)
    if len(paths) == FOUND_MAX:
        text = f"[worktree] {kind}: {glob} means {FOUND_MAX} files or more; name their folder"
        place.tell_once(text, event=_EVENT)
    return paths


def _is_free(path: str, wanted: Mapping[str, str]) -> bool:
    """Say whether neither the path nor a folder on its way is spoken for."""
    parts = Path(path).parts
    return not any("/".join(parts[:end]) in wanted for end in range(1, len(parts) + 1))


def _possible(place: Place, worktree: Worktree, wanted: dict[str, str]) -> dict[str, str]:
    """Leave out what the repository itself has there, and what would not stay in the worktree."""
    tracked = _tracked(worktree, wanted)
    is_secret = SecretNames(place.rules.secrets.files).match
    possible = {}
    for path, kind in wanted.items():
        problem = ""
        if path in tracked:
            problem = "it is committed, so git puts it there"
        elif not _leads_inside(worktree.path, path):
            problem = "a folder on its way is a link, or none"
        elif kind == LINK and is_secret(path):
            problem = "it looks like a secret file; name it under copy"
        elif "\n" in path:
            problem = "git cannot ignore such a name"
        elif kind == COPY:
            problem = why_not(place.checkout, path)
        if problem:
            _leave_out(place, kind, path, problem)
        else:
            possible[path] = kind
    return possible


def _tracked(worktree: Worktree, paths: Mapping[str, str]) -> set[str]:
    """The files that git has among these paths or below them, and the folders on their way."""
    if not paths:
        return set()
    asked = paths if len(paths) <= _ARGUMENTS_MAX else ()
    out = worktree.git.run("ls_files", "-z", "--", *asked).out
    files = [os.fsdecode(name) for name in out.split(b"\0") if name]
    return {str(each) for file in files for each in (Path(file), *Path(file).parents)}


def _leads_inside(top: Path, path: str) -> bool:
    """Say whether no folder on the way is a link (an agent may commit one) or a file."""
    folder = top
    for name in Path(path).parts[:-1]:
        folder /= name
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return False
    return True


def _keep_from_git(place: Place, worktree: Worktree, wanted: Iterable[str]) -> None:
    """Have git ignore what it does not yet: `node_modules/` means folders, and no link.

    That goes before the files themselves: a salvage after a kill would take them in.
    """
    paths = list(wanted)
    if not paths:
        return
    # It does not know literal names; with a folder before them none of theirs is magic.
    # Our own patterns do not count: an agent's git does not know them.
    environment, options = {"GIT_LITERAL_PATHSPECS": "0"}, ("core.excludesFile=",)
    git = worktree.git.at(worktree.path, environment=environment, options=options)
    names = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    answer = git.ask("check_ignore", "-z", "--stdin", stdin=names)
    if answer.status not in {0, 1}:
        raise refusal("check_ignore", answer)
    ignored = {os.fsdecode(name).removeprefix("./") for name in answer.out.split(b"\0")}
    exclude(place, [path for path in paths if path not in ignored])


def _put_all(place: Place, worktree: Worktree, wanted: Mapping[str, str]) -> None:
    is_secret = SecretNames(place.rules.secrets.files).match
    secrets = [path for path, kind in wanted.items() if kind == COPY and is_secret(path)]
    bring(place, worktree.path, worktree.admin, secrets)
    copies = [path for path, kind in wanted.items() if kind == COPY and path not in secrets]
    problems = put_copies(place.checkout, worktree.path, copies)
    for path in sorted(path for path, kind in wanted.items() if kind == LINK):
        target = worktree.path / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _link(place, place.checkout / path, target)
        except OSError as error:
            problems[path] = error.strerror or str(error)
    for path, problem in problems.items():
        _leave_out(place, wanted[path], path, problem)


def _link(place: Place, source: Path, target: Path) -> None:
    if target.is_symlink():
        if target.readlink() == source:
            return
        target.unlink()
    if target.exists():
        text = f"[worktree] link: {target} stands there already, and stays"
        place.tell_once(text, event=_EVENT)
        return
    target.symlink_to(source)


def _leave_out(place: Place, kind: str, path: str, problem: str) -> None:
    text = f"[worktree] {kind}: {path} is left out: {problem}"
    place.tell_once(text, event=_EVENT)


def _note(worktree: Worktree, put: Mapping[str, str]) -> None:
    note = worktree.admin / _NOTE
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps(dict(put)))
    fresh.replace(note)
