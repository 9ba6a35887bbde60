"""From a draft to a plan: what the PRD says as a whole, and its stories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..defect import quoted
from ..documents.document import JsonPath
from ..graph.edges import faults, resolved, unknown
from ..model import LooseEnd, Plan
from ..names import SAFE_NAME_RULE, clean_title, is_safe_name, ref_problem, slug
from .draft import Draft
from .fields import Findings, Record, identifier
from .story import VERIFY, ReadStory, read_story
from .supervision import read_supervision

_OWN_ID = ("id", "prdId")
_NAMES = ("project", "name", "projectName")


def read_draft(draft: Draft, path: Path, *, base_branch: str) -> tuple[Plan, tuple[LooseEnd, ...]]:
    """Read a PRD. It is worth something only if its findings have no error afterwards."""
    record = draft.record
    stories = [read_story(each, folder=path.parent) for each in draft.stories]
    _check_ids(stories, record.findings)
    _check_graph(stories, record.findings)
    prd_id = _prd_id(draft, path)
    plan = Plan(
        prd_id=prd_id,
        title=clean_title(record.text((*_NAMES, "title"))) or prd_id,
        path=str(path),
        stories=resolved([read.story for read in stories]),
        description=record.text(("description",)),
        branch=_branch(record, base_branch),
        verify=record.commands(VERIFY),
        supervision=read_supervision(record),
        part=draft.part,
        own_id=prd_id if record.find(_OWN_ID) is not None else "",
    )
    return plan, tuple(_loose_ends(stories, draft))


def _loose_ends(stories: Sequence[ReadStory], draft: Draft) -> Iterable[LooseEnd]:
    for at, name, near in unknown([read.story for read in stories]):
        place = draft.record.findings.document.place(stories[at].depends_where[name])
        story_id = stories[at].story.story_id
        yield LooseEnd(
            story_id=story_id,
            name=name,
            line=place.line,
            column=place.column,
            near=near,
            part=draft.part,
        )


def _check_ids(stories: Iterable[ReadStory], findings: Findings) -> None:
    first_places: dict[str, JsonPath] = {}
    for read in stories:
        story_id = read.story.story_id
        first = first_places.setdefault(story_id, read.id_where)
        if not story_id or first is read.id_where:
            continue
        lines = [findings.document.place(where).line for where in (first, read.id_where)]
        message = f"id {quoted(story_id)} stands on line {lines[0]} already "
        message += f"and on line {lines[1]} again; give every story its own id"
        findings.add(read.id_where, message)


def _check_graph(stories: Sequence[ReadStory], findings: Findings) -> None:
    for fault in faults([read.story for read in stories]):
        findings.add(stories[fault.story].depends_where[fault.dependency], fault.message)


def _prd_id(draft: Draft, path: Path) -> str:
    record = draft.record
    member = record.find(_OWN_ID)
    if member is None:
        return next(filter(None, map(slug, _free_names(draft, path))), "prd")
    prd_id = identifier(member.value)
    if prd_id is None:
        record.refuse(member, "a text or a number")
    elif not is_safe_name(prd_id):
        message = f"{member.key} {quoted(prd_id)} is no safe name; {SAFE_NAME_RULE}"
        record.findings.add(member.where, message)
    return prd_id or ""


def _free_names(draft: Draft, path: Path) -> Iterable[str]:
    yield draft.part
    folders = path.parts[:-1]
    for at in range(len(folders) - 1, 1, -1):
        if folders[at - 2 : at] == ("prds", "active"):
            yield folders[at]
            break
    for member in draft.record.find_all(_NAMES):
        if isinstance(member.value, str):
            yield member.value
    yield path.stem


def _branch(record: Record, base_branch: str) -> str:
    member = record.find(("branchName", "branch"))
    branch = record.text(("branchName", "branch"))
    if member is None or not branch:
        return ""
    problem = ref_problem(branch)
    if branch == base_branch:
        problem = "that is the branch that the work starts from, name another one"
    if problem:
        record.findings.add(member.where, f"{member.key} is {quoted(branch)}; {problem}")
    return branch
