"""`salvage`: work that was kept before a worktree was used again is listed, shown, restored."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from ...policies.counting import counted
from ...workers.git.commands import FAILURES, GitRefused, one_line
from ...workers.git.place import Place
from ...workers.git.salvage.bringing_back import (
    BRANCHES,
    SALVAGE,
    Content,
    Salvage,
    content_of,
    difference,
    restore_branch,
    restore_folder,
    salvages,
)
from ..shell.lines import safe
from ..shell.repository.checkout import RepositoryError
from ..shell.repository.places import place_of
from .errors import FatalError, UsageError
from .whereabouts import layout_of
from .words.times import elapsed

VERSION = 1
NAMES_SHOWN = 10


def list_them(folder: Path, prd_id: str | None, *, as_json: bool) -> int:
    """Say what there is, the latest first."""
    place = _place(folder)
    try:
        found = salvages(place, prd_id or "")
        contents = [content_of(place, each) for each in found]
    except FAILURES as error:
        raise FatalError(one_line(str(error))) from None
    if as_json:
        items = [_document(content) for content in contents]
        print(json.dumps({"version": VERSION, "salvage": items}, indent=2))  # noqa: T201
        return 0
    if not contents:
        print("nothing was salvaged")  # noqa: T201
    for content in contents:
        print(_line(content))  # noqa: T201
    return 0


def show(folder: Path, name: str, *, is_patch: bool) -> int:
    """Say what is in one, against where it began."""
    place = _place(folder)
    found = _named(place, name)
    try:
        content = content_of(place, found)
        text = difference(place, content, is_patch=is_patch)
    except FAILURES as error:
        raise FatalError(one_line(str(error))) from None
    if is_patch and not sys.stdout.isatty():
        sys.stdout.buffer.write(text)  # byte for byte, for `git apply`
        return 0
    if not is_patch:
        print(_line(content))  # noqa: T201
        for said in content.commits:
            print(f"  {safe(said)}")  # noqa: T201
    for line in text.decode("utf-8", "replace").splitlines():
        print(safe(line.expandtabs()))  # noqa: T201
    return 0


def restore(folder: Path, name: str, *, to: Path | None, branch: str | None) -> int:
    """Bring one back as a new branch, or as files in a new folder."""
    if to is not None and branch is not None:
        raise UsageError("--to and --branch: both say where to; name one of them")
    place = _place(folder)
    found = _named(place, name)
    try:
        if to is not None:
            count = restore_folder(place, found, to)
            print(f"{found.name}: {counted(count, 'file')} written to {to}")  # noqa: T201
        else:
            chosen = branch or f"{BRANCHES}{found.name}"
            restore_branch(place, found, chosen)
            print(f"{found.name}: it is the branch {chosen} now")  # noqa: T201
    except GitRefused as error:
        raise UsageError(one_line(str(error))) from None
    except FAILURES as error:
        raise FatalError(one_line(str(error))) from None
    return 0


def names(folder: Path, beginning: str) -> list[str]:
    """What a shell completes; a repository that is none has nothing to complete."""
    try:
        found = [each.name for each in salvages(_place(folder))]
    except (UsageError, FatalError, *FAILURES):
        return []
    return [each for each in found if each.startswith(beginning)]


def _place(folder: Path) -> Place:
    try:
        return place_of(layout_of(folder))
    except RepositoryError as error:
        raise FatalError(str(error)) from None


def _named(place: Place, name: str) -> Salvage:
    """The one that is meant: by its whole name, or by any part that is one's alone."""
    short = name.removeprefix(SALVAGE).strip("/")
    try:
        known = salvages(place)
    except FAILURES as error:
        raise FatalError(one_line(str(error))) from None
    exact = [each for each in known if each.name == short]
    near = [each for each in known if f"/{short}/" in f"/{each.name}/"]
    found = exact or near
    if len(found) == 1:
        return found[0]
    there = ", ".join(each.name for each in (found or known)[:NAMES_SHOWN]) or "none yet"
    what = "more than one is called so" if found else "no salvage is called so"
    raise UsageError(f"{safe(name)}: {what}; there are: {safe(there)}")


def _line(content: Content) -> str:
    found = content.salvage
    age = elapsed(time.time() - found.at_s)
    files = counted(len(content.files), "file")
    return f"{safe(found.name):<24}  {age:>7}  {files:>11}  {safe(found.subject)}"


def _document(content: Content) -> dict[str, object]:
    found = content.salvage
    return {
        "name": found.name,
        "ref": found.ref,
        "prd": found.prd_id,
        "story": found.story_id,
        "attempt": found.attempt,
        "commit": found.commit,
        "at": datetime.fromtimestamp(found.at_s, UTC).isoformat(),
        "subject": found.subject,
        "origin": content.origin,
        "commits": list(content.commits),
        "files": list(content.files),
    }
