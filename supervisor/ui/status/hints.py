"""What to type next."""

from __future__ import annotations

from collections.abc import Sequence

from ...shell.lines import safe
from ...shell.status.document import PrdStatus, StatusDocument
from ...shell.status.states import has_landed, is_kept_back

NAMED_MAX = 3  # stories or PRDs whose release or retry is written out


def hints(document: StatusDocument, *, root_serves: bool) -> list[str]:
    """What to type next, if anything."""
    states = {prd.state for prd in document.prds}
    stories = {story.state for prd in document.prds for story in prd.stories}
    found = []
    is_open = states & {"stopped", "queued", "interrupted"} or (
        "failed" in states and stories & {"waiting", "backing off"}
    )
    if is_open and not root_serves:
        found.append("`prd-supervise resume` goes on with what was not finished")
    if "damaged" in states:
        named = " ".join(prd.id for prd in document.prds if prd.state == "damaged")
        text = "goes on with what can be read of its records"
        found.append(f"`prd-supervise resume {named} --repair` {text}")
    if "failed" in stories:
        first, *_ = _failed_stories(document)
        found.append(f"`prd-supervise status {first}` shows why a story failed")
        word = f"retry {_failed(document)}" if root_serves else "resume --retry"
        found.append(f"`prd-supervise {word}` gives the stories that failed a new start")
    if any(prd.held or any(story.held for story in prd.stories) for prd in document.prds):
        found.append("`prd-supervise release` lets go on what is held, while root runs")
    found += _budget_hints(document.prds)
    kept = [
        prd.id for prd in document.prds if prd.state == "completed" and is_kept_back(prd.landed)
    ]
    if kept:
        found.append(f"`prd-supervise start {' '.join(kept)}` tries to land again")
    return found


def _failed_stories(document: StatusDocument) -> list[str]:
    return [
        f"{prd.id}/{story.id}"
        for prd in document.prds
        for story in prd.stories
        if story.state == "failed"
    ]


def _failed(document: StatusDocument) -> str:
    """The stories that failed, as they are named to `retry`; their PRDs where they are many."""
    names = _failed_stories(document)
    if len(names) > NAMED_MAX:
        names = list(dict.fromkeys(name.partition("/")[0] for name in names))
    return " ".join(names) if len(names) <= NAMED_MAX else "PRD/STORY"


def _budget_hints(prds: Sequence[PrdStatus]) -> list[str]:
    """How what waits for its budget goes on."""
    names: list[str] = []
    for prd in prds:
        if prd.budget_used:
            names.append(prd.id)
            continue  # it goes for its stories as well
        names += [f"{prd.id}/{story.id}" for story in prd.stories if story.budget_used]
    if not names:
        return []
    named = " ".join(names) if len(names) <= NAMED_MAX else ""
    command = f"prd-supervise release --budget {named}".rstrip()
    return [f"`{command}` lets what has used up its budget spend as much again"]


def harvest(prds: Sequence[PrdStatus]) -> list[str]:
    """How to take the work of completed PRDs."""
    lines = [
        f"git merge {safe(prd.branch)}"
        for prd in prds
        if prd.state == "completed" and prd.branch and not has_landed(prd.landed)
    ]
    width = max(map(len, lines), default=0)
    return [f"{line:<{width}}   # takes the work" for line in lines]
