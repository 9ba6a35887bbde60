"""What is wrong and wants a person: the first thing to see at night, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ....policies.approval import EVERYTHING_WAITS
from ....policies.values import replace
from ...shell.status.document import NOT_ANSWERING, PrdStatus, StatusDocument
from ...shell.status.states import is_kept_back
from ..looks.rows import Tone
from ..words.accounts import account_text
from .seen import StoryName

NAMED_MOST = 20  # stories; a row cuts them where it ends


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing that does not mend itself, and what mends it: a key, or a command."""

    what: str
    why: str
    cure: str
    rank: int  # the lower the sooner it is told
    tone: Tone = Tone.BAD
    name: StoryName | None = None  # where the cursor has to go for it
    brief: str = ""  # why, where there is room for little
    many: str = ""  # what is said of several stories in its place


def troubles(document: StatusDocument) -> tuple[Trouble, ...]:
    """Everything that waits for a person."""
    found = [*_of_root(document), *_of_agents(document)]
    for prd in document.prds:
        found += _of_prd(prd)
    found.sort(key=lambda each: each.rank)
    if document.root.pid is None or document.root.state == NOT_ANSWERING:
        return tuple(replace(each, cure="") for each in found)  # nobody would hear a key
    return tuple(found)


def in_short(found: Sequence[Trouble], most: int) -> Sequence[Trouble]:
    """All of them; where they are too many, those of one kind in one PRD become one."""
    if len(found) <= most:
        return found
    groups: dict[tuple[str, str] | int, list[Trouble]] = {}
    for at, each in enumerate(found):
        kind = (each.name[0], each.many) if each.name is not None and each.many else at
        groups.setdefault(kind, []).append(each)
    return [group[0] if len(group) == 1 else _of_several(group) for group in groups.values()]


def _of_several(group: Sequence[Trouble]) -> Trouble:
    names = [each.name for each in group if each.name is not None]
    stories = ", ".join(name[1] for name in names[:NAMED_MOST])
    why = f"{len(group)} stories {group[0].many}: {stories}"
    more = ", ..." if len(names) > NAMED_MOST else ""
    return replace(group[0], what=names[0][0], why=why + more, brief="")


def _of_root(document: StatusDocument) -> Iterator[Trouble]:
    root = document.root
    if root.note not in {"", EVERYTHING_WAITS}:  # for what, is told by the rows of that
        yield Trouble(what="root", why=f"nothing new starts: {root.note}", cure="", rank=0)


def _of_agents(document: StatusDocument) -> Iterator[Trouble]:
    for agent in document.agents:
        if agent.state == "closed":
            why = account_text(agent, document.at)
            yield Trouble(what=agent.agent, why=why, cure="A lets it start again", rank=2)


def _of_prd(prd: PrdStatus) -> Iterator[Trouble]:
    if prd.awaits:
        why = "all is done; it waits for approval"
        yield _approval(prd.id, (prd.id, ""), why)
    if prd.budget_used:
        yield _budget(prd.id, (prd.id, ""), prd.budget_used)
    told = False
    for story in prd.stories:
        name, shown = (prd.id, story.id), f"{prd.id}/{story.id}"
        if story.awaits:
            waits = _approval(shown, name, f"waits for approval: {story.title}")
            brief = f"approval? {story.title}"
            yield replace(waits, brief=brief, many="wait for approval")
        if story.budget_used and not prd.budget_used:
            used = _budget(shown, name, story.budget_used)
            yield replace(used, many="have used up their budgets")
        if story.state == "failed":
            told = True
            why = story.reason or (story.failure.message if story.failure else "")
            yield Trouble(
                what=shown,
                why=f"failed: {why}" if why else "failed",
                cure="r retries",
                rank=3,
                name=name,
                many="failed",
            )
    if prd.state == "completed" and is_kept_back(prd.landed):
        cure = f"prd-supervise start {prd.id}"
        why = f"all is done, but {prd.landed}"
        yield Trouble(what=prd.id, why=why, cure=cure, rank=3, tone=Tone.WARN, name=(prd.id, ""))
    if prd.state == "failed" and not told:
        why = f"failed: {prd.reasons[0]}" if prd.reasons else "failed"
        yield Trouble(what=prd.id, why=why, cure="r retries", rank=3, name=(prd.id, ""))


def _approval(what: str, name: StoryName, why: str) -> Trouble:
    cure = "a approves, x rejects"
    return Trouble(what=what, why=why, cure=cure, rank=1, tone=Tone.WARN, name=name)


def _budget(what: str, name: StoryName, used: str) -> Trouble:
    why = f"its budget is used up: {used}"
    cure = "u lets it spend as much again"
    return Trouble(what=what, why=why, cure=cure, rank=1, name=name)
