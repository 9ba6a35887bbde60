"""What a form found in a document: where its PRDs and their stories stand."""

from __future__ import annotations

from msgspec import Struct

from .fields import Record


class StoryDraft(Struct, frozen=True, kw_only=True):
    """The object of one story, and what follows from where it stands.

    `made_id` is the id of a story that has none of its own. Stories of a `stage` wait for those of
    the stages before it: until they are done if the form means a dependency (`stage_binds`), else
    only until they are over.
    """

    record: Record
    made_id: str = ""
    group: str = ""
    stage: int | None = None
    stage_binds: bool = False


class Draft(Struct, frozen=True, kw_only=True):
    """One PRD: the object that speaks of it as a whole, and its stories in their order."""

    record: Record
    stories: tuple[StoryDraft, ...]
    part: str = ""  # its name in a document that holds several
    is_plain_list: bool = False  # bare checkboxes: a PRD if it is named, not if it is found
