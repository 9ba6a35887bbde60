"""From a draft to a plan: what the PRD says as a whole, and its stories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from ....policies.merging.prd_folders import folder_of
from ..defect import quoted
from ..documents.document import JsonPath
from ..model import LooseEnd, Plan
from ..names import SAFE_NAME_RULE, clean_title, is_safe_name, ref_problem, slug
from .approve import read_approve
from .budget import read_budget
from .commands import read_commands, read_gates
from .draft import Draft
from .failure import read_fail_fast, read_on_failure
from .fields import Findings, Record, identifier
from .links import linked
from .parallel import grouped, read_parallel
from .story import ReadStory, read_story
from .supervision import read_supervision

IDS = ("id", "prdId")
NAMES = ("project", "name", "projectName", "productName")
TITLES = (*NAMES, "title")
AGENT = ("agent", "defaultAgent")
MODEL = ("model", "defaultModel")
BRANCH = ("branchName", "branch")
DESCRIPTION = ("description", "overview", "summary", "goal")


def read_draft(draft: Draft, path: Path, *, base_branch: str) -> tuple[Plan, tuple[LooseEnd, ...]]:
    """Read a PRD. It is worth something only if its findings have no error afterwards."""
    record = draft.record
    read = [read_story(each, folder=path.parent) for each in draft.stories]
    _check_ids(read, record.findings)
    stories, loose = linked(draft, read)
    prd_id = _prd_id(draft, path)
    commands, gates = read_commands(record), read_gates(record)
    plan = Plan(
        prd_id=prd_id,
        title=clean_title(_title(draft)) or prd_id,
        path=str(path),
        stories=grouped(record, stories),
        description=_description(record, (*commands.prose, *gates.prose)),
        branch=_branch(draft, base_branch),
        verify=gates.run if commands.run is None else commands.run,
        supervision=read_supervision(record),
        part=draft.part,
        parallel=read_parallel(record),
        on_failure=read_on_failure(record),
        fail_fast=read_fail_fast(record),
        agent=_said(draft, AGENT),
        model=_said(draft, MODEL),
        budget=read_budget(record),
        approve=read_approve(record),
        own_id=prd_id if record.find(IDS) is not None else "",
    )
    return plan, loose


def _title(draft: Draft) -> str:
    about = _about(draft)
    said = (record.word(TITLES) for record in about)
    # A tag has nothing but a description, and its own name.
    last = about[-1].word(("description",)) if draft.part else ""
    return next(filter(None, said), last)


def _said(draft: Draft, names: tuple[str, ...]) -> str:
    return next(filter(None, (record.word(names) for record in _about(draft))), "")


def _about(draft: Draft) -> list[Record]:
    """The objects that speak of the PRD as a whole."""
    record = draft.record
    inner = (record.inner(member) for member in record.find_all(("metadata", "meta")))
    return [record, *(each for each in inner if each is not None)]


def _description(record: Record, prose: Sequence[str]) -> str:
    gates = "\n".join(f"- {text}" for text in prose)
    parts = (
        record.prose(DESCRIPTION),
        f"To hold at the end of every story:\n{gates}" if gates else "",
    )
    return "\n\n".join(filter(None, parts))


def _check_ids(stories: Iterable[ReadStory], findings: Findings) -> None:
    firsts: dict[str, tuple[str, JsonPath]] = {}
    for read in stories:
        story_id = read.story.story_id
        first_id, first = firsts.setdefault(story_id.casefold(), (story_id, read.id_where))
        if not story_id or first is read.id_where:
            continue
        lines = [findings.document.place(where).line for where in (first, read.id_where)]
        message = f"id {quoted(first_id)} stands on line {lines[0]} already "
        message += f"and on line {lines[1]} again; give every story its own id"
        if first_id != story_id:
            message = f"id {quoted(story_id)} differs from {quoted(first_id)} on line {lines[0]} "
            message += "in case alone, which some file systems do not tell apart; give it another"
        findings.add(read.id_where, message)


def _prd_id(draft: Draft, path: Path) -> str:
    record = draft.record
    member = record.find(IDS)
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
    yield PurePath(folder_of(path.as_posix())).name  # a completed one is called what it was
    for record in _about(draft):
        for member in record.find_all(NAMES):
            if isinstance(member.value, str):
                yield member.value
    yield path.stem


def _branch(draft: Draft, base_branch: str) -> str:
    for record in _about(draft):
        member = record.find(BRANCH)
        branch = record.text(BRANCH)
        if member is None or not branch:
            continue
        problem = ref_problem(branch)
        if branch == base_branch:
            problem = "that is the branch that the work starts from, name another one"
        if problem:
            record.findings.add(member.where, f"{member.key} is {quoted(branch)}; {problem}")
        return branch
    return ""
