"""PRDs, stories and agents of a repository, quickly: a shell waits for these words.

PRDs that were run are known by what root has accepted; those that were not are read, as many as
there is time for. Whatever cannot be read is left out: `check` is there to say what is wrong.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from math import inf
from pathlib import Path

import msgspec

from ...shell.repository.checkout import RepositoryError, find_checkout
from ...shell.storage.layout import Layout

READ_S_MAX = 0.05  # for PRDs that nobody has run yet
BYTES_MAX = 4 << 20
_SETTINGS = "prd-supervise.toml"


class _Story(msgspec.Struct):
    story_id: str = ""
    title: str = ""


class _Prd(msgspec.Struct):
    prd_id: str = ""
    title: str = ""
    path: str = ""
    stories: tuple[_Story, ...] = ()


def known_prds(folder: Path) -> dict[str, str]:
    """The titles of PRDs by their ids, sorted by those."""
    titles = {each.prd_id: _line(each.title) for each in _prds(folder)}
    return dict(sorted(titles.items()))


def known_stories(folder: Path, prd_id: str) -> dict[str, str]:
    """The titles of a PRD's stories by their ids, in its own order."""
    for prd in _prds(folder):
        if prd.prd_id == prd_id:
            return {story.story_id: _line(story.title) for story in prd.stories}
    return {}


def all_stories(folder: Path) -> dict[str, str]:
    """The titles of all stories by their own ids."""
    return {each.story_id: _line(each.title) for prd in _prds(folder) for each in prd.stories}


def known_agents(folder: Path) -> tuple[str, ...]:
    """Our agents, and those to which the repository's settings give a name that can be one.

    Another name could be words that the shell obeys, once they stand in its line.
    """
    from ....workers.agents.registry import AGENT_NAMES  # noqa: PLC0415  it is not always asked for
    from ...prd.names import is_safe_name  # noqa: PLC0415

    layout = _layout(folder)
    said = _settings(layout.repository).get("agents") if layout is not None else {}
    named = filter(is_safe_name, said if isinstance(said, dict) else ())
    return tuple(sorted({*AGENT_NAMES, *named}))


def _prds(folder: Path) -> Iterator[_Prd]:
    layout = _layout(folder)
    if layout is None:
        return
    accepted = [prd for path in _plans(layout) if (prd := _accepted(path)) is not None]
    yield from accepted
    yield from _fresh(layout, {each.path for each in accepted}, {each.prd_id for each in accepted})


def _layout(folder: Path) -> Layout | None:
    try:
        return find_checkout(folder).layout()
    except RepositoryError:
        return None


def _plans(layout: Layout) -> list[Path]:
    return sorted(layout.plan("x").parent.glob("*.json"))


def _accepted(path: Path) -> _Prd | None:
    try:
        if path.stat().st_size > BYTES_MAX:
            return None
        return msgspec.json.decode(path.read_bytes(), type=_Prd)
    except (OSError, msgspec.MsgspecError):
        return None


def _fresh(layout: Layout, paths: set[str], ids: set[str]) -> Iterator[_Prd]:
    from ...prd.discover import discover  # noqa: PLC0415  a repository may have nothing to be read
    from ...prd.read import read_file  # noqa: PLC0415

    said = _settings(layout.repository).get("prds")
    more = tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()
    found = discover(layout.repository, more).paths
    deadline_s = inf  # from the first one on, which takes in what reads them all
    for number, path in enumerate(found):
        if number == 1:
            deadline_s = time.monotonic() + READ_S_MAX
        if time.monotonic() > deadline_s:
            return
        if str(path) in paths or path.stat().st_size > BYTES_MAX:
            continue
        for plan in read_file(path).plans:
            if plan.prd_id not in ids:
                stories = tuple(_Story(each.story_id, each.title) for each in plan.stories)
                yield _Prd(plan.prd_id, plan.title, str(path), stories)


def _settings(top: Path) -> dict[str, object]:
    try:
        return tomllib.loads((top / _SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _line(title: str) -> str:
    """A title as a shell may show it beside a word."""
    return "".join(char if char.isprintable() else " " for char in title)[:80]
