"""What a PRD says of its stories side by side: `parallel`, or `parallelization` in some tools."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.bounds import AUTO_WORKERS, COUNT_MAX
from ....policies.values import replace
from ..defect import Severity, advice, quoted
from ..model import Parallel, PlannedStory
from ..names import clean_title
from .fields import Member, Record, folded, identifier, items
from .references import Called, References

SECTIONS = ("parallel", "parallelization", "parallelism")
AUTO = "auto"
ENABLED = ("enabled",)
WORKERS = ("maxWorkers", "maxConcurrency", "maxConcurrent", "maxParallel", "workers", "concurrency")
CONFLICTS = ("conflictStrategy",)
INFERENCE = ("inferenceMode", "inference")
GROUPS = ("groups",)

# The words of others for ours.
CONFLICT_WORDS = {
    **dict.fromkeys(("entity", "entitybased", "ast", "semantic"), "entity"),
    **dict.fromkeys(("file", "files", "filebased"), "file"),
    **dict.fromkeys(("none", "off"), "none"),
}
INFERENCE_WORDS = {
    **dict.fromkeys(("files", "file", "filebased"), "files"),
    **dict.fromkeys(("text", "embeddings", "embedding", "semantic", "similarity"), "text"),
    **dict.fromkeys(("hybrid", "both"), "hybrid"),
    **dict.fromkeys(("none", "off", "explicit"), "none"),
}
_NEAR_ENOUGH = ("enabled", "maxWorkers", "maxConcurrency", "conflictStrategy", "inferenceMode")


def read_parallel(record: Record) -> Parallel | None:
    """Read it; None where the PRD does not speak of it. A word that is not known is an error.

    It might be meant to turn a protection on.
    """
    member = record.find(SECTIONS)
    if member is None:
        return None
    if isinstance(member.value, bool):
        return Parallel(enabled=member.value)
    said = record.inner(member)
    if said is None:
        return Parallel(max_workers=_workers(record, member))
    _warn_of_typos(said)
    workers = said.find(WORKERS)
    return Parallel(
        enabled=said.flag(ENABLED),
        max_workers=None if workers is None else _workers(said, workers),
        conflict_strategy=_word(said, CONFLICTS, CONFLICT_WORDS),
        inference=_word(said, INFERENCE, INFERENCE_WORDS),
    )


def grouped(record: Record, stories: Sequence[PlannedStory]) -> tuple[PlannedStory, ...]:
    """The stories with the labels of the section's groups; one at a time where a group says so."""
    member = record.find(SECTIONS)
    said = None if member is None else record.inner(member)
    listed = None if said is None else said.find(GROUPS)
    if said is None or listed is None:
        return tuple(stories)
    names = References([Called(story_id=each.story_id, title=each.title) for each in stories])
    found = {each.story_id: each for each in stories}
    for at, item in enumerate(items(listed)):
        group = said.inner(item)
        if group is None:
            said.warn(item, "it is passed over; an object with 'name' and 'stories' is allowed")
            continue
        label = clean_title(group.word(("name", "id", "title"))) or f"group {at + 1}"
        is_alone = _is_alone(group)
        for story_id in _members(group, names):
            story = found[story_id]
            mutex = (*story.mutex, f"group {label}") if is_alone else story.mutex
            found[story_id] = replace(story, group=label, mutex=tuple(dict.fromkeys(mutex)))
    return tuple(found[each.story_id] for each in stories)


def _members(group: Record, names: References) -> list[str]:
    member = group.find(("stories", "storyIds", "tasks", "members", "ids"))
    found = []
    for item in () if member is None else items(member):
        name = identifier(item.value)
        story_id = None if name is None else names.find(name.strip())
        if story_id is None:
            group.warn(item, "it is passed over; the id of a story of this PRD is allowed")
        else:
            found.append(story_id)
    return found


def _is_alone(group: Record) -> bool:
    member = group.find(WORKERS)
    if member is None:
        return False
    count = _count(group, member)
    if count is not None and count > 1:
        message = f"{member.key} of one group is {count}; only 1 is kept to, "
        message += "the PRD's own bounds all its stories"
        group.findings.add(member.where, message, severity=Severity.HINT)
    return count == 1


def _workers(record: Record, member: Member) -> int | None:
    if isinstance(member.value, str) and folded(member.value) == AUTO:
        return AUTO_WORKERS
    return _count(record, member, or_else=f', or "{AUTO}"')


def _count(record: Record, member: Member, *, or_else: str = "") -> int | None:
    value = member.value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_MAX:
        return value
    record.refuse(member, f"a whole number from 0 (no bound) to {COUNT_MAX}{or_else}")
    return None


def _word(record: Record, names: tuple[str, ...], words: dict[str, str]) -> str | None:
    member = record.find(names)
    if member is None:
        return None
    word = words.get(folded(member.value)) if isinstance(member.value, str) else None
    if word is None:
        record.refuse(member, f"one of {', '.join(dict.fromkeys(words.values()))}")
    return word


def _warn_of_typos(said: Record) -> None:
    known = {folded(name) for name in (*ENABLED, *WORKERS, *CONFLICTS, *INFERENCE, *GROUPS)}
    for name in said.members:
        todo = advice(name, _NEAR_ENOUGH)
        if folded(name) not in known and todo.startswith("did you mean"):
            said.findings.add(
                (*said.where, name),
                f"unknown key {quoted(name)}; {todo}",
                severity=Severity.WARNING,
            )
