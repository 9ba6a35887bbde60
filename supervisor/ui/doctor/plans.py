"""What the PRDs name: whether they can be read, files that are not there, files of roles."""

from __future__ import annotations

from collections.abc import Iterator

from ....policies.counting import counted
from ...prd.defect import Severity
from ...prd.graph.tracked import Tracked
from ...shell.prd.role_context import contexts_of
from ..settings.secrecy import secret_rules
from .around import Here
from .words import Line, ok, warn

_SHOWN = 3
SCOPES_MAX = 2000  # that are looked at
_GLOB = frozenset("*?[{")


def prd_lines(here: Here) -> Iterator[Line]:
    """Those that are found, and what is wrong with them."""
    read = here.read
    wrong = [each for each in read.errors if each.severity is Severity.ERROR]
    if wrong:
        first = str(wrong[0].relative_to(here.top)).splitlines()[0]
        more = f"; and {len(wrong) - 1} more" if wrong[1:] else ""
        yield warn("PRDs", f"{first}{more}", "`prd-supervise check` says all that is wrong")
    stories = sum(len(plan.stories) for plan in here.plans)
    if here.plans:
        names = ", ".join(plan.prd_id for plan in here.plans[:_SHOWN])
        rest = ", ..." if here.plans[_SHOWN:] else ""
        count = counted(stories, "story")
        yield ok("PRDs", f"{counted(len(here.plans), 'PRD')} with {count}: {names}{rest}")
    elif not wrong:
        yield warn("PRDs", "none is found that is not done", "`prd-supervise init` writes one")


def scope_lines(here: Here) -> Iterator[Line]:
    """Scopes of open stories that match no file: those of folders that are not there are told."""
    tracked, folders = Tracked(here.tracked), _folders(here.tracked)
    scopes = [
        (f"{plan.prd_id}/{story.story_id}", glob)
        for plan in here.plans
        for story in plan.stories
        if not story.is_done and not story.is_skipped
        for glob in story.files
    ][:SCOPES_MAX]
    absent = [each for each in scopes if not tracked.example(each[1], each[1])]
    absent = [(name, glob) for name, glob in absent if glob.rstrip("/") not in folders]
    lost = [f"{name} {glob}" for name, glob in absent if _folder_of(glob) not in folders]
    if lost:
        shown = ", ".join(lost[:_SHOWN]) + (", ..." if lost[_SHOWN:] else "")
        text = f"{counted(len(lost), 'scope')} in folders that are not there: {shown}"
        yield warn("file scopes", text, "right, if the story makes the folder; else mend the path")
    elif scopes:
        more = f", {len(absent)} of files that are not there yet" if absent else ""
        yield ok("file scopes", f"{counted(len(scopes), 'scope')} of open stories{more}")


def _folders(names: tuple[str, ...]) -> set[str]:
    found = {""}
    for name in names:
        folder = name.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _folder_of(glob: str) -> str:
    """The folder in which all that a glob matches surely lies."""
    plain: list[str] = []
    for part in glob.split("/")[:-1]:
        if _GLOB & {*part}:
            break
        plain.append(part)
    return "/".join(plain)


def context_lines(here: Here) -> Iterator[Line]:
    """What each role brings into prompts."""
    contexts = contexts_of(here.top, secret_rules(here.settings, here.rules.specs), here.rules)
    for role in here.rules.roles:
        if not role.context:
            continue
        context = contexts.of(role)
        if context.text:
            yield ok("context", context.note)
        else:
            yield warn("context", context.note, f"mend context under [roles.{role.name}]")
