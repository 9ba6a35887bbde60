"""The PRDs as root accepted them, one file each, for the PRD supervisors and for `status`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from ..core.prd.records import Terms
from ..prd.documents.document import UnreadableError
from ..prd.documents.text import read_bytes
from ..prd.model import Plan, PlannedStory
from .storage.layout import Layout
from .storage.store import write_atomically


def write_accepted(layout: Layout, plan: Plan) -> None:
    """Keep a plan as it was read; the user may edit the document meanwhile."""
    place = layout.plan(plan.prd_id)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep_document(layout, plan)
    write_atomically(place, msgspec.json.encode(plan), durable=True)


def _keep_document(layout: Layout, plan: Plan) -> None:
    """Keep the bytes too: the branch's copy of the PRD file follows them."""
    place = layout.document(plan.prd_id)
    try:
        write_atomically(place, read_bytes(Path(plan.path)), durable=True)
    except UnreadableError:  # gone since it was read: the branch keeps what it has
        place.unlink(missing_ok=True)


def read_accepted(layout: Layout, prd_id: str) -> Plan | None:
    """A plan as it was accepted; None if there is none that can be read."""
    try:
        return msgspec.json.decode(layout.plan(prd_id).read_bytes(), type=Plan)
    except (OSError, msgspec.MsgspecError):
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
