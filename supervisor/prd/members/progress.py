"""How far a story is: its flags, its status, and the member that marks it as done."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from .fields import Member, Record, folded, keys_by_name

# In the order in which they count: the first one that says yes or no has the say.
DONE_FLAGS = ("passes", "passed", "completed", "complete", "tested", "done", "isDone", "isComplete")
SKIP_FLAGS = ("skip", "skipped", "cancelled", "canceled", "deferred")
STATUS = ("status", "state")

# Statuses as they are found in PRDs, with one space between their words.
DONE = "done"
DONE_WORDS = frozenset(
    "done completed complete pass passed passing finished closed merged shipped implemented "
    "verified resolved success succeeded x ✅ ✓ ✔ ☑".split()
)
SKIPPED_WORDS = frozenset(
    (
        *"cancelled canceled superseded deferred wontfix skipped obsolete abandoned".split(),
        *"dropped duplicate removed postponed rejected".split(),
        *("wont fix", "won't fix", "wont do", "won't do", "not planned", "out of scope"),
    )
)
OPEN_WORDS = frozenset(
    (
        *"todo open active dispatched pending ready backlog planned new draft doing wip".split(),
        *"started running review blocked failed fail failing waiting queued incomplete".split(),
        *"partial approved untested unverified proposed paused assigned unknown".split(),
        *(
            "to do",
            "not started",
            "in progress",
            "in review",
            "on hold",
            "not done",
            "needs review",
        ),
        *("ready for review", "not complete", "not completed", "partially done", "❌", "⬜"),
    )
)
_YES = frozenset("true yes y on 1 x".split())
_NO = frozenset(("false", "no", "n", "off", "0", ""))

_BETWEEN_WORDS = re.compile(r"[\s_-]+")
# What stands behind the status itself: `done (yesterday)`, `done: see notes`.
_REMARK = re.compile(r"[(\[,;:.]| [-\u2013\u2014] ")


class Progress(Struct, frozen=True, kw_only=True):
    """What the document says of a story's end."""

    is_done: bool
    is_skipped: bool


def read_progress(record: Record) -> Progress:
    """Read flags and status: a flag counts more than the status, and done more than skipped."""
    flag = _flag(record, DONE_FLAGS)
    skip = _flag(record, SKIP_FLAGS)
    word = _status(record)
    is_done = word in DONE_WORDS if flag is None else flag
    return Progress(
        is_done=is_done,
        is_skipped=not is_done and (skip is True or word in SKIPPED_WORDS),
    )


def done_member(members: Mapping[str, object]) -> tuple[str, bool | str]:
    """The member that marks a story as done, by the rule of `read_progress`, and its value then."""
    keys = keys_by_name(members)
    flags = [key for name in DONE_FLAGS for key in keys.get(folded(name), ())]
    says = next((key for key in flags if _yes_or_no(members[key]) is not None), None)
    if says is not None:
        return says, True
    empty = next((key for key in flags if members[key] is None), None)
    if empty is not None:
        return empty, True
    statuses = (key for name in STATUS for key in keys.get(folded(name), ()))
    texts = (key for key in statuses if members[key] is None or isinstance(members[key], str))
    return next(((key, DONE) for key in texts), ("passes", True))


def done_status(members: Mapping[str, object]) -> tuple[str, ...]:
    """The members that say in a word that a story is done."""
    keys = keys_by_name(members)
    statuses = (key for name in STATUS for key in keys.get(folded(name), ()))
    texts = ((key, members[key]) for key in statuses)
    return tuple(
        key for key, word in texts if isinstance(word, str) and status_word(word) in DONE_WORDS
    )


def status_word(status: str) -> str:
    """A status as the lists above have it."""
    head = _REMARK.split(status.replace("\ufe0f", "").strip(), maxsplit=1)[0]
    words = _BETWEEN_WORDS.sub(" ", head).strip().casefold()
    plain = " ".join(word for word in words.split() if word.isascii())
    return plain or words


def _flag(record: Record, names: tuple[str, ...]) -> bool | None:
    for member in record.find_all(names):
        said = _yes_or_no(member.value)
        if said is not None and not isinstance(member.value, bool):
            record.warn(member, f"it counts as {str(said).lower()}; write true or false")
        if said is not None:
            return said
        if not _is_remark(member):
            record.warn(member, "it is passed over; true or false is allowed")
    return None


def _yes_or_no(value: object) -> bool | None:
    match value:
        case bool():
            return value
        case int() if value in {0, 1}:
            return value == 1
        case str():
            word = value.strip().casefold()
            return word in _YES if word in _YES or word in _NO else None
        case _:
            return None


def _is_remark(member: Member) -> bool:
    """Say whether this is no flag at all: a date of completion, a list of tests."""
    return isinstance(member.value, (list, dict)) or (
        isinstance(member.value, str) and member.value[:1].isdigit()
    )


def _status(record: Record) -> str:
    for member in record.find_all(STATUS):
        if not isinstance(member.value, str):
            record.warn(member, "it is passed over; a text is allowed, such as 'done' or 'todo'")
            continue
        word = status_word(member.value)
        if word and word not in DONE_WORDS | SKIPPED_WORDS | OPEN_WORDS:
            record.warn(member, "it counts as not done; write 'done', 'todo' or 'cancelled'")
        return word
    return ""
