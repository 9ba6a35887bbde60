"""Who waits for a person, as follows from what is known: nothing is asked or decided here.

A question is about some work: the words that a story would begin with, the commit that an attempt
has made, or all commits of a PRD. Where that is another one, the answer to it counts no more.
"""

from __future__ import annotations

import hashlib

from .....policies.approval import Approval, Point, Word
from ..memory import Memory, StoryState
from ..state import Prd, Stage, Story


def merge_work(memory: Memory) -> str:
    """What is asked before a merge: a commit, as what one attempt has made."""
    return f"{memory.head}#{memory.attempt}"


def prd_work(prd: Prd) -> str:
    """What is asked before a PRD is complete: everything that was merged; empty where nothing."""
    merged = sorted(
        f"{story.story_id}:{story.memory.commit}"
        for story in prd.stories
        if story.memory.state is StoryState.DONE and story.memory.commit
    )
    return hashlib.blake2b("\n".join(merged).encode(), digest_size=16).hexdigest() if merged else ""


def wants_word_to_begin(story: Story) -> bool:
    """Say whether it may not begin before a person has said so: no agent was told these words."""
    memory, words = story.memory, story.terms.told
    if Point.STORY not in story.approve or memory.is_claimed:
        return False
    if memory.state is not StoryState.PENDING:
        return False
    known = memory.approval
    if known is None or known.point is not Point.STORY:
        return memory.attempt == 0 or memory.terms.told not in {"", words}
    if known.work == words:
        return known.word is not Word.APPROVED
    return memory.terms.told != words


def merge_word(story: Story) -> Approval | None:
    """What a person was asked, or has said, about the work that the story has just now."""
    memory = story.memory
    known = memory.approval
    if known is None or memory.state is not StoryState.PENDING or not memory.is_claimed:
        return None
    return known if known.is_about(Point.MERGE, merge_work(memory)) else None


def waits_for_person(story: Story) -> bool:
    """Say whether nothing of the story may begin before a person has spoken, or was obeyed."""
    if wants_word_to_begin(story):
        return True
    known = merge_word(story)
    if known is None:
        return False
    return known.word is Word.REJECTED or (known.word is None and Point.MERGE in story.approve)


def awaited_of(story: Story) -> str:
    """The point at which people see it wait; that follows from the journal alone."""
    memory = story.memory
    known = memory.approval
    if known is None or known.word is not None or memory.state is not StoryState.PENDING:
        return ""
    if story.run is not None and story.run.stage is not Stage.FINISH:
        return ""
    if known.point is Point.MERGE and merge_word(story) is None:
        return ""
    return known.point.value


def end_refused(prd: Prd) -> Approval | None:
    """The word of a person who refused all that the PRD has done; none where it was asked anew."""
    known = prd.approval
    if known is None or not known.is_refused:
        return None
    return known if known.work == prd_work(prd) else None


def end_awaited(prd: Prd) -> bool:
    """Say whether the PRD, all of which is done, is not complete before a person has spoken."""
    work = prd_work(prd) if prd.asks_at_end else ""
    if not work:
        return False
    known = prd.approval
    return known is None or known.work != work or known.word is None
