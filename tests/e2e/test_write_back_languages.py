"""The PRD file in the PRD's branch, in Markdown and YAML: of all bytes the marks alone change."""

from __future__ import annotations

import codecs
import re
import subprocess

import pytest

from tests.support.e2e_repo import Repo
from tests.support.tree import Tree

AGENT = """#!/bin/sh
cat > prompt.seen
printf spoilt > "$PRD_FILE_TO_SPOIL"
mkdir -p done && echo "$PRD_SUPERVISE_STORY_TITLE" > "done/$PRD_SUPERVISE_STORY_ID"
"""

# Each text as its tool's users write it; `«was|will be»` is what the supervisor may change.
TEXTS = {
    "PRD.md": """\
# PRD: Größer

As it was agreed.

## User Stories

### «|[x] »US-001: Boxes below
**Description:** As a reader, I want one.

**Acceptance Criteria:**
- [ ] `true` passes
- [x] half of it is there

### [«~|x»] US-002: A box of its own  ##
**Depends on:** US-001

#### Notes
- [ ] a box that is nobody's flag

### US-003: A status
- **Status**: «In progress|Done»\x20\x20
- **Priority:** High

### [x] US-004: Done before
""",
    "todo.md": """\
# Todo

Soon.

- [« |x»] A-1: Milk
  - [ ] fresh
* [x] A-2: Eggs
+ [« |x»] A-3: Bread \\
  and rolls


""",
    "user-stories.md": """\
# User Stories

### «|[x] »1. First
**Agent**: command
**Dependencies**: none

### «|[x] »2. Second
**Agent**: command

### «|[x] »3. Third

## Execution Order

### Phase 1 (Sequential)
- Story #2 (agent: command)

### Phase 2: the rest (Parallel - nothing shared)
- Story #1 (agent: command) - depends on Story #2
- Story #3
""",
    "tasks.yaml": """\
%YAML 1.1
---
# as it was agreed
branchName:   "feature/yaml"   # a branch
tasks:
- title: 'Größer'
  id:    A-1
  completed:   «no|true»   # not yet
  mutex: [db]
- {id: A-2, title: "Two",completed: «false|true», dependsOn: [A-1]}
-   id: 007
    title: >-
      Folded
      text
    completed:
      «False|True»
    notes: |
      completed: false

- id: A-4
  title: Done before
  completed: yes
...
""",
    "status.yml": """\
userStories:
  - id: US-1
    title: Quoted
    status: "«todo|done»"
  - id: US-2
    title: Plain
    status: «in_progress|done» # now
  - id: US-3
    title: Left out
    status: cancelled
""",
}
ENCODINGS = {
    "UTF-8": (b"", "utf-8", "\n"),
    "UTF-8 with a mark and CRLF": (codecs.BOM_UTF8, "utf-8", "\r\n"),
    "UTF-16 with CRLF": (codecs.BOM_UTF16_LE, "utf-16-le", "\r\n"),
}
_CHOICE = re.compile("\u00ab([^|]*)\\|([^\u00bb]*)\u00bb")


CASES = [
    *((name, "UTF-8") for name in TEXTS),
    *((name, encoding) for name in ("PRD.md", "tasks.yaml") for encoding in [*ENCODINGS][1:]),
]


@pytest.mark.parametrize(("name", "encoding"), CASES)
def test_the_marks_alone_change(repo: Repo, tree: Tree, name: str, encoding: str) -> None:
    mark, codec, newline = ENCODINGS[encoding]

    def written(group: str) -> bytes:
        text = _CHOICE.sub(group, TEXTS[name]).replace("\n", newline)
        return mark + text.encode(codec)

    repo.path.joinpath(name).write_bytes(written(r"\1"))
    agent = AGENT.replace("$PRD_FILE_TO_SPOIL", name)
    repo.put("agent.sh", agent, mode=0o755)
    repo.configure(
        agent={"use": "command", "command": ["./agent.sh"]},
        verify={"commands": ['test -s "done/$PRD_SUPERVISE_STORY_ID"']},
    )
    repo.commit()

    tree.begin("start", name).wait_exit(0)

    (branch,) = [
        ref
        for ref in repo.refs("heads/")
        if ref != "refs/heads/main" and not ref.startswith("refs/heads/prd-supervise/")
    ]
    words = ["git", "cat-file", "blob", f"{branch}:{name}"]
    found = subprocess.run(words, cwd=repo.path, env=repo.env, capture_output=True, check=True)
    assert found.stdout == written(r"\2")
    assert not tree.events("not_marked")
