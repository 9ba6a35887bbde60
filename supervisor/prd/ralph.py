"""The Ralph family: a JSON object with a list of stories, under many names of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from .defect import quoted
from .fields import Findings, Member, Record, identifier
from .graph import faults, resolved
from .model import Plan
from .names import SAFE_NAME_RULE, clean_title, is_safe_name, ref_problem, slug
from .source import JsonPath
from .story import VERIFY, ReadStory, read_story
from .supervision import read_supervision

LISTS = ("userStories", "stories", "user_stories", "tasks")
_NAMES = ("project", "name", "projectName")


def story_list(document: object) -> Member | None:
    """The list of stories of a document of this form; None if it has none.

    Of several lists the first one with objects in it counts. `tasks` is a word of many programs:
    without an object in it, it is a list of something else.
    """
    if not isinstance(document, dict):
        return None
    lists = [
        Member(key=key, value=document[key], where=(key,))
        for key in LISTS
        if isinstance(document.get(key), list)
    ]
    filled = [found for found in lists if any(isinstance(story, dict) for story in items(found))]
    others = [found for found in lists if found.key != "tasks" or not items(found)]
    return next(iter((*filled, *others)), None)


def items(member: Member) -> list[object]:
    """The values of a list."""
    return member.value if isinstance(member.value, list) else []


def read_document(
    document: dict[str, object], path: Path, findings: Findings, *, base_branch: str
) -> Plan:
    """Read a PRD. It is worth something only if `findings` has no defect afterwards."""
    record = Record(document, where=(), findings=findings)
    stories = _stories(record, path.parent)
    prd_id = _prd_id(record, path)
    return Plan(
        prd_id=prd_id,
        title=clean_title(record.text((*_NAMES, "title"))) or prd_id,
        path=str(path),
        stories=resolved([read.story for read in stories]),
        description=record.text(("description",)),
        branch=_branch(record, base_branch),
        verify=record.commands(VERIFY),
        supervision=read_supervision(record),
    )


def _stories(record: Record, folder: Path) -> list[ReadStory]:
    found = story_list(record.members)
    if found is None:
        present = record.find(LISTS)
        if present is not None:
            record.refuse(present, "a list of stories")
        else:
            record.findings.add((), "no stories were found; put them into a list 'userStories'")
        return []
    if not items(found):
        record.findings.add(found.where, f"{found.key} is empty; write at least one story")
    stories = []
    for at, value in enumerate(items(found)):
        where = (*found.where, at)
        if isinstance(value, dict):
            story = Record(value, where=where, findings=record.findings)
            stories.append(read_story(story, folder=folder))
        else:
            record.refuse(Member(key="story", value=value, where=where), "an object")
    _check_ids(stories, record.findings)
    _check_graph(stories, record.findings)
    return stories


def _check_ids(stories: Iterable[ReadStory], findings: Findings) -> None:
    first_places: dict[str, JsonPath] = {}
    for read in stories:
        story_id = read.story.story_id
        first = first_places.setdefault(story_id, read.id_where)
        if not story_id or first is read.id_where:
            continue
        lines = [findings.source.span(where).line for where in (first, read.id_where)]
        message = f"id {quoted(story_id)} stands on line {lines[0]} already "
        message += f"and on line {lines[1]} again; give every story its own id"
        findings.add(read.id_where, message)


def _check_graph(stories: Sequence[ReadStory], findings: Findings) -> None:
    for fault in faults([read.story for read in stories]):
        findings.add(stories[fault.story].depends_where[fault.dependency], fault.message)


def _prd_id(record: Record, path: Path) -> str:
    member = record.find(("id", "prdId"))
    if member is None:
        return next(filter(None, map(slug, _free_names(record, path))), "prd")
    prd_id = identifier(member.value)
    if prd_id is None:
        record.refuse(member, "a text or a number")
    elif not is_safe_name(prd_id):
        message = f"{member.key} {quoted(prd_id)} is no safe name; {SAFE_NAME_RULE}"
        record.findings.add(member.where, message)
    return prd_id or ""


def _free_names(record: Record, path: Path) -> Iterable[str]:
    folders = path.parts[:-1]
    for at in range(len(folders) - 1, 1, -1):
        if folders[at - 2 : at] == ("prds", "active"):
            yield folders[at]
            break
    for member in record.find_all(_NAMES):
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
