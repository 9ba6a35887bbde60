"""The edges of a PRD's graph: what the names in dependencies mean, and what stages add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ....policies.values import replace
from ..defect import Severity, quoted
from ..documents.document import JsonPath
from ..graph.edges import faults
from ..model import LooseEnd, PlannedStory
from .dependencies import Mention
from .draft import Draft
from .references import Called, References
from .stages import staged
from .story import ReadStory

NEAR_MAX = 50  # for so many unknown names it is worth a search what was meant


def linked(
    draft: Draft, stories: Sequence[ReadStory]
) -> tuple[tuple[PlannedStory, ...], tuple[LooseEnd, ...]]:
    """The stories with the ids of all that they wait for, and what no story of the PRD is."""
    links = _Links(draft=draft, stories=stories, depends=[{} for _ in stories])
    for at, read in enumerate(stories):
        for mention in read.depends:
            links.add(at, mention)
    for read in stories:
        for mention in read.blocks:
            links.add_blocked(read, mention)
    found = staged(
        [
            replace(read.story, depends_on=tuple(depends), after=links.order(read, depends))
            for read, depends in zip(stories, links.depends, strict=True)
        ],
        draft,
    )
    for fault in faults(found):
        where = links.depends[fault.story].get(fault.dependency, stories[fault.story].where)
        draft.record.findings.add(where, fault.message)
    return found, tuple(links.loose)


@dataclass(slots=True, kw_only=True)
class _Links:
    """The dependencies as they are found out: of each story the ids, and where they are named."""

    draft: Draft
    stories: Sequence[ReadStory]
    depends: list[dict[str, JsonPath]]
    loose: list[LooseEnd] = field(default_factory=list)
    names: References = field(init=False)
    positions: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.names = References([_called(read) for read in self.stories])
        self.positions = {read.story.story_id: at for at, read in enumerate(self.stories)}

    def add(self, at: int, mention: Mention) -> None:
        """What the story at that position depends on."""
        read = self.stories[at]
        for name in self.names.split(mention.text):
            found = self.names.find(name)
            if found is None:
                self._unknown(read, name, mention)
            # A task that names a subtask of its own says nothing of others.
            elif found != read.story.story_id or name not in read.aliases:
                self.depends[at].setdefault(found, mention.where)

    def order(self, read: ReadStory, depends: Mapping[str, JsonPath]) -> tuple[str, ...]:
        """What has to be over before the story, beside what it depends on."""
        found: dict[str, None] = {}
        for mention in read.starts_after:
            for name in self.names.split(mention.text):
                story_id = self.names.find(name)
                if story_id is not None:
                    found[story_id] = None
                    continue
                message = f"{quoted(name)} is no story of this PRD; name one of its stories"
                self.draft.record.findings.add(mention.where, message)
        return tuple(name for name in found if name not in depends)

    def add_blocked(self, read: ReadStory, mention: Mention) -> None:
        """What depends on the story."""
        for name in self.names.split(mention.text):
            found = self.names.find(name)
            if found is not None:
                self.depends[self.positions[found]].setdefault(read.story.story_id, mention.where)
                continue
            self.draft.record.findings.add(
                mention.where,
                f"{quoted(name)} is no story of this PRD and cannot be blocked; "
                "say there what it depends on",
                severity=Severity.WARNING,
            )

    def _unknown(self, read: ReadStory, name: str, mention: Mention) -> None:
        findings = self.draft.record.findings
        if mention.may_be_prose and not self.names.may_mean_one(name):
            message = f"{quoted(name)} is no story, nothing waits for it; "
            message += "name stories in 'dependsOn'"
            findings.add(mention.where, message, severity=Severity.HINT)
            return
        place = findings.document.place(mention.where)
        end = LooseEnd(
            story_id=read.story.story_id,
            name=name,
            line=place.line,
            column=place.column,
            near=self.names.near(name) if len(self.loose) < NEAR_MAX else "",
            part=self.draft.part,
        )
        self.loose.append(end)


def _called(read: ReadStory) -> Called:
    return Called(
        story_id=read.story.story_id,
        title=read.story.title,
        aliases=read.aliases,
        has_own_id=read.has_own_id,
    )
