"""Our own form: any PRD that can be read, written as a JSON object with our documented names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from ...policies.bounds import AUTO_WORKERS
from ...policies.costs.budget import Budget
from .documents.document import Document, UnreadableError
from .documents.json_document import JsonDocument
from .documents.parse import parse
from .documents.text import read_text
from .forms.aliases import PRD_NAMES, SEVERAL, STORY_NAMES
from .forms.recognise import recognise
from .members.criteria import tested_by
from .members.draft import Draft, StoryDraft
from .members.fields import Findings, Record, folded
from .members.parallel import AUTO
from .members.plan import read_draft
from .members.rank import RANK_ABSENT
from .members.story import read_story
from .model import LooseEnd, Parallel, Plan, PlannedStory, Supervision
from .read import Reading

LIST = "userStories"
SKIPPED = "cancelled"
_NOWHERE = JsonDocument("{}")

JsonObject = dict[str, object]


class OwnForm(Struct, frozen=True, kw_only=True):
    """One PRD in our own form: its text, as a file has it."""

    plan: Plan
    text: str


def own_forms(reading: Reading) -> tuple[OwnForm, ...]:
    """Write the PRDs of a file that was read. Raises UnreadableError.

    Members that our form does not know are kept as they are, and what depends on other PRDs keeps
    the names that it has.
    """
    document = parse(read_text(reading.path))
    drafts = {draft.part: draft for draft in _drafts(document, reading.path)}
    return tuple(
        OwnForm(plan=plan, text=_text(_prd(plan, drafts.get(plan.part), reading.loose)))
        for plan in reading.plans
    )


def own_object(plan: Plan, loose: Iterable[LooseEnd] = ()) -> JsonObject:
    """A PRD as an object with our names; what it does not say is left out."""
    ends: dict[str, list[str]] = {}
    for end in loose:
        if end.part == plan.part:
            ends.setdefault(end.story_id, []).append(end.name)
    said: JsonObject = {
        "id": plan.prd_id,
        "project": plan.title,
        "branchName": plan.branch,
        "description": plan.description,
        "verify": None if plan.verify is None else list(plan.verify),
        "supervision": _supervision(plan.supervision),
        "parallel": _parallel(plan.parallel),
        "onFailure": plan.on_failure,
        "failFast": plan.fail_fast,
        "agent": plan.agent,
        "model": plan.model,
        **_budget(plan.budget),
        "approve": list(plan.approve) or None,
    }
    stories = [_story(story, ends.get(story.story_id, [])) for story in plan.stories]
    return {**_without_nothing(said), LIST: stories}


def _drafts(document: Document, path: Path) -> Sequence[Draft]:
    return recognise(document.value, Findings(path=str(path), document=document))


def _prd(plan: Plan, draft: Draft | None, loose: Iterable[LooseEnd]) -> JsonObject:
    found = own_object(plan, loose)
    stories = found.pop(LIST)
    if draft is None or not isinstance(stories, list):
        return {**found, LIST: stories}
    records = {read_story(each).story.story_id: each.record for each in draft.stories}
    head = _with_others(found, _without_stories(draft), PRD_NAMES, _said_of_prd)
    told = [
        _with_others(story, records[story["id"]], STORY_NAMES, _said_of_story)
        if story["id"] in records
        else story
        for story in stories
    ]
    return {**head, LIST: told}


def _without_stories(draft: Draft) -> Record:
    """What else the PRD says: the lists that its stories stand in, `phases[].tasks`, are left out.

    The document is changed for it; nobody else has it.
    """
    above = len(draft.record.where)
    for path in {story.record.where[above:-1] for story in draft.stories} - {()}:
        value: object = draft.record.members
        for step in path[:-1]:
            value = value[step]  # type: ignore[index]  # a story stands below it
        if isinstance(value, dict):
            value.pop(path[-1], None)
    return Record(draft.record.members, where=draft.record.where, findings=draft.record.findings)


def _with_others(
    ours: JsonObject,
    record: Record,
    names: Mapping[str, tuple[str, ...]],
    said: Callable[[JsonObject], object],
) -> JsonObject:
    """The object with all other members of the record that do not change what it says."""
    used = {folded(name) for name in ours} | {folded(LIST)}
    for subject, each in names.items():
        read = record.find_all(each)
        used |= {folded(member.key) for member in (read if subject in SEVERAL else read[:1])}
    others = {name: value for name, value in record.members.items() if folded(name) not in used}
    before = said(ours)
    if said({**ours, **others}) != before:
        others = {
            name: value for name, value in others.items() if said({**ours, name: value}) == before
        }
    return {**ours, **others}


def _said_of_prd(members: JsonObject) -> object:
    findings = Findings(path="", document=_NOWHERE)
    draft = Draft(record=Record(members, where=(), findings=findings), stories=())
    return read_draft(draft, Path("/prd.json"), base_branch=""), len(findings.defects)


def _said_of_story(members: JsonObject) -> object:
    findings = Findings(path="", document=_NOWHERE)
    draft = StoryDraft(record=Record(members, where=(), findings=findings))
    return read_story(draft), len(findings.defects)


def _story(story: PlannedStory, ends: Sequence[str]) -> JsonObject:
    said: JsonObject = {
        "id": story.story_id,
        "title": story.title,
        "description": story.description,
        "acceptanceCriteria": [_criterion(each, story.checks) for each in story.criteria] or None,
        "priority": _priority(story.rank),
        "dependsOn": [*story.depends_on, *story.needs, *ends] or None,
        "startsAfter": list(story.after) or None,
        "targetFiles": list(story.files) or None,
        "mutex": list(story.mutex) or None,
        "group": story.group,
        "verify": None if story.verify is None else list(story.verify),
        "noCode": story.no_code or None,
        "agent": story.agent,
        "model": story.model,
        "complexity": story.complexity,
        **_budget(story.budget),
        "approve": list(story.approve) or None,
        "replay": json.loads(story.replay) if story.replay else None,
        "status": SKIPPED if story.is_skipped else None,
    }
    return {**_without_nothing(said), "passes": story.is_done}


def _criterion(text: str, checks: Iterable[str]) -> object:
    """A criterion, as an object where a command of its own shows that it holds."""
    for command in checks:
        ending = tested_by(command)
        if text == command or text.endswith(ending):
            return {"text": text.removesuffix(ending), "testCommand": command}
    return text


def _budget(budget: Budget | None) -> JsonObject:
    if budget is None:
        return {}
    usd = int(budget.usd) if budget.usd.is_integer() else budget.usd
    return {
        "budgetUsd": usd if usd or not budget.tokens else None,
        "budgetTokens": budget.tokens or None,
    }


def _priority(rank: float) -> float | None:
    if rank == RANK_ABSENT:
        return None
    return int(rank) if rank.is_integer() else rank


def _supervision(supervision: Supervision | None) -> JsonObject | None:
    return None if supervision is None else _without_nothing(asdict(supervision))


def _parallel(parallel: Parallel | None) -> JsonObject | None:
    if parallel is None:
        return None
    return _without_nothing(
        {
            "enabled": parallel.enabled,
            "maxWorkers": AUTO if parallel.max_workers == AUTO_WORKERS else parallel.max_workers,
            "conflictStrategy": parallel.conflict_strategy,
            "inferenceMode": parallel.inference,
        }
    )


def _without_nothing(said: JsonObject) -> JsonObject:
    return {name: value for name, value in said.items() if value is not None and value != ""}


def _text(prd: JsonObject) -> str:
    try:
        text = json.dumps(prd, indent=2, ensure_ascii=False)
    except RecursionError as error:
        message = "the document is nested too deeply to be written; make it flatter"
        raise UnreadableError(message, line=1, column=1) from error
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half a character, which JSON's escapes can write
            text = json.dumps(prd, indent=2)
    return f"{text}\n"
