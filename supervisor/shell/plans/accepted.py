"""The PRDs as root accepted them, one file each, for the PRD supervisors and for `status`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import field

from ....policies.values import replace
from ...core.prd.records import Terms
from ...prd.model import Plan, PlannedStory
from ..storage.atomic import write_atomically
from ..storage.conversion import converted_plan
from ..storage.layout import Layout
from ..storage.migrations.migration import MigrationError
from ..storage.older import plan_as_today

_Plan = TypeVar("_Plan", bound=Plan)


class Accepted(Plan, frozen=True, kw_only=True):
    """A plan, and which of its titles are shown otherwise, for a secret value stands in them.

    By story, the PRD's own under "". Agents and verify commands are told what was written.
    """

    shown: dict[str, str] = field(default_factory=dict)

    def title_of(self, story: PlannedStory | None = None) -> str:
        """A title as everybody may see it."""
        own, name = (self.title, "") if story is None else (story.title, story.story_id)
        return self.shown.get(name, own)


def _as_it_is(text: str) -> str:
    return text


def write_accepted(layout: Layout, plan: Plan, hide: Callable[[str], str] = _as_it_is) -> None:
    """Keep a plan as it was read, and its document: the branch's copy of the PRD file follows it.

    The user may edit the file meanwhile: what is kept are the bytes of which the plan was made.
    `hide` makes of a text one that may be shown.
    """
    titles = {"": plan.title} | {each.story_id: each.title for each in plan.stories}
    shown = {name: told for name, title in titles.items() if (told := hide(title)) != title}
    members = msgspec.structs.asdict(replace(plan, source=b"")) | {"shown": shown}
    place = layout.plan(plan.prd_id)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(layout.document(plan.prd_id), plan.source, durable=True)
    write_atomically(place, msgspec.json.encode(Accepted(**members)), durable=True)


def read_accepted(layout: Layout, prd_id: str) -> Plan | None:
    """A plan as it was accepted; None if there is none that can be read."""
    return _read(layout, prd_id, Plan)


def read_shown(layout: Layout, prd_id: str) -> Accepted | None:
    """Likewise, for who shows it."""
    return _read(layout, prd_id, Accepted)


def _read(layout: Layout, prd_id: str, kind: type[_Plan]) -> _Plan | None:
    try:
        text = layout.plan(prd_id).read_bytes()
        change = plan_as_today(layout)
        text = text if change is None else converted_plan(text, change)
        return msgspec.json.decode(text, type=kind)
    except (OSError, msgspec.MsgspecError, MigrationError):
        return None


def terms_of(story: PlannedStory) -> Terms:
    """What a story asks for, as fingerprints; how its lines are spaced is no matter.

    Verify commands of the PRD or of the configuration are not among them: a change of those would
    reopen every story that is done.
    """
    judged = (tuple(_plain(each) for each in story.criteria), story.verify, story.no_code)
    told = (judged, _plain(story.title), _plain(story.description), story.files)
    return Terms(judged=_fingerprint(judged), told=_fingerprint((told, story.agent, story.model)))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _fingerprint(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:16]
