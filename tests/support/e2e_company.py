"""Who was at work at the same time as whom, noted by the agents themselves."""

from __future__ import annotations

from pathlib import Path

from tests.support.e2e_repo import story, write
from tests.support.tree import Tree

# Each agent notes its beginning and its end, by one short append, which no other one can tear.
_NOTE = 'echo "$1$PRD_SUPERVISE_PRD_ID/$PRD_SUPERVISE_STORY_ID" >> "$TMPDIR/notes"'
# Then it waits until all that it is to meet have begun as well.
_MEET = """for name; do until grep -q "^+.*/$name$" "$TMPDIR/notes"; do sleep 0.02; done; done"""


def noted(story_id: str, scope: str, meets: str = "", **fields: object) -> dict[str, object]:
    """A story that is at work until it was seen in this company, and long enough for another."""
    steps = (
        {"run": ["sh", "-c", _NOTE, "sh", "+"]},
        {"run": ["sh", "-c", _MEET, "sh", *meets]},
        {"sleep_s": 0.6},
        write(f"{story_id}.txt", "done\n"),
        {"run": ["sh", "-c", _NOTE, "sh", "-"]},
    )
    return story(story_id, *steps, targetFiles=[scope], **fields)


def at_once(tree: Tree) -> set[frozenset[str]]:
    """The pairs of stories that were at work at the same time."""
    now: set[str] = set()
    pairs = set()
    for line in Path(tree.env["TMPDIR"], "notes").read_text().splitlines():
        name = line[1:].rpartition("/")[2]
        if line[0] == "+":
            pairs |= {frozenset((name, other)) for other in now}
            now.add(name)
        else:
            now.discard(name)
    assert not now
    return pairs
