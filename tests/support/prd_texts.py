"""Texts for the PRD readers: sound ones of every form and language, spoilt ones, and soup."""

from __future__ import annotations

import json

import yaml
from hypothesis import strategies as st

# How tools write a story that is open; each of them is given an id and a title where it has none.
_OPEN: tuple[dict[str, object], ...] = (
    {"passes": False},
    {"passes": False, "status": "open", "notes": ""},
    {"completed": False, "parallel_group": 1},
    {"complete": None},
    {"status": "pending", "dependencies": []},
    {"status": "in_progress", "files": ["a/*.py"], "mutex": ["db"]},
    {"priority": 1.50, "acceptanceCriteria": ["it runs", {"text": "b", "testCommand": "true"}]},
    {"steps": ["one"], "category": "x"},
    {"priority": "high", "description": "Two\nlines: of it", "tested": False},
)
_DONE: tuple[dict[str, object], ...] = (
    {"passes": True},
    {"completed": True, "parallel_group": 1},
    {"status": "done"},
    {"status": "Completed", "priority": 1},
)
_TITLE = st.text(alphabet="aB -:#'\"\\[]{}*&!|>%@`,äß日😀", min_size=1, max_size=12)
_NOISE = st.dictionaries(
    st.sampled_from(["x", "ключ", "a b", "x-y", "1"]),
    st.none() | st.booleans() | st.integers(-5, 5) | _TITLE | st.lists(_TITLE, max_size=2),
    max_size=2,
)
_ENCODINGS = (
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
)

_WITH_LABELS = """\
# PRD: Shop

## Overview

Prose it is.

## User Stories

### US-001: A cart

**Description:** As a user, I want a cart.

**Acceptance Criteria:**
- [ ] it holds things
- [ ] it is tested

### US-002: A till

**Priority:** 2
**Dependencies:** US-001

- [x] it rings
"""
_WITH_BOXES = (
    "# Tasks\n\n### [ ] US-001: A cart\n- it holds\n\n### [x] US-002: A till\n- it rings\n"
)
_WITH_STATUS = """\
# Shop

### SHOP-1: A cart
**Status:** todo
**Priority:** 1

- [ ] it holds

### SHOP-2: A till
**Status:** done
"""
_WITH_ORDER = """\
# Stories

### Story 1.1: A cart

**Agent**: dev
**Dependencies**: none

**Acceptance Criteria**:
- it holds

### Story 1.2: A till

**Dependencies**: Story 1.1

## Execution Order

### Phase 1 (Sequential)
- Story #1.1

### Phase 2 (Parallel)
- Story #1.2 (agent: dev) - depends on Story #1.1
"""
_LIST = """\
---
project: Shop
branchName: feature/shop
---

# Shop

- [ ] A cart
  - it holds
- [x] A till
"""
_PROSE = "# Prose\n\n## 1. Goals\n\nNothing of a story.\n"
MARKDOWN = (_WITH_LABELS, _WITH_BOXES, _WITH_STATUS, _WITH_ORDER, _LIST, _PROSE)

_SIGNS = "{}[],:\"'\\\n\r\t#-*>|&!%@`~0é日😀\u2028\ufeff "
TOKENS = (
    *_SIGNS,
    *("1.10", "1e5", "true", "null", "NaN", "\\u0000", "\\ud800", "//", "..."),
    *('"id"', '"passes": false', '"tasks": [', '"a": 1,', "{}", "[]", "''"),
    *("\n- ", "\n  ", ": ", "? ", "&a ", "*a", "<<: *a", "|\n", ">-\n", "!!str ", "%YAML 1.1\n"),
    *("\ntasks:\n", "\n  - title: a\n", "completed: no\n", "\n---\n", "\n...\n"),
    *("\n# ", "\n### ", "\n- [ ] ", "\n- [x] ", "**Status:** ", "\n```\n", "\n> ", "<!-- ", "-->"),
    *("\n### US-001: A\n", "**Acceptance Criteria:**\n", "**Dependencies:** ", "~~", "[a](b)"),
    *("\n## Execution Order\n", "### Phase 1 (Parallel)\n", "- Story #1 - depends on Story #2\n"),
)


@st.composite
def stories(draw: st.DrawFn) -> list[dict[str, object]]:
    """A few stories, each in a way of its own."""
    found = []
    for number in range(1, draw(st.integers(2, 4))):
        says = draw(st.sampled_from(_OPEN + _DONE))
        title = draw(_TITLE)
        named: dict[str, object] = {"id": number, "title": f"t{number} {title}"}
        members = list({**named, **draw(_NOISE), **says}.items())
        found.append(dict(draw(st.permutations(members))))
    return found


@st.composite
def documents(draw: st.DrawFn) -> object:
    """A document of one of the forms."""
    listed = draw(stories())
    more = draw(_NOISE)
    key = draw(st.sampled_from(["userStories", "stories", "user_stories", "tasks"]))
    return draw(
        st.sampled_from(
            [
                {"project": "Shop", **more, key: listed},
                {**more, key: listed, "branchName": "feature/shop", "verify": ["true"]},
                {"version": 1, key: listed, "metadata": {"project": "Shop"}},
            ]
        )
    )


@st.composite
def sound_texts(draw: st.DrawFn) -> str:
    """A text that a reader takes whole: of objects, in JSON or YAML, in any layout."""
    value = draw(documents())
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    ascii_only = draw(st.booleans())
    if draw(st.booleans()):
        indent = draw(st.sampled_from([None, 0, 2, 4, "\t"]))
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
        return text.replace("\n", newline) + draw(st.sampled_from(["", newline, " "]))
    return yaml.safe_dump(
        value,
        sort_keys=False,
        allow_unicode=not ascii_only,
        line_break=newline,
        indent=draw(st.integers(2, 4)),
        default_flow_style=draw(st.sampled_from([False, None])),
    )


@st.composite
def spoilt_texts(draw: st.DrawFn) -> str:
    """A sound text with a few changes in it, as people and models make them."""
    text = draw(sound_texts() | st.sampled_from(MARKDOWN))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        new = draw(st.sampled_from(TOKENS) | st.just("") | st.just(text[start:end] * 2))
        text = text[:start] + new + text[end:]
    return text


def soups() -> st.SearchStrategy[str]:
    """Tokens of all languages, in any order."""
    begin = st.sampled_from(["", "{", "[", "tasks:\n", "# A\n", "- title: a\n", "### US-1: A\n"])
    rest = st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)
    return st.builds(str.__add__, begin, rest)


@st.composite
def encoded(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> bytes:
    """Such a text as the bytes of a file."""
    encoding, mark = draw(st.sampled_from(_ENCODINGS))
    return mark + draw(texts).encode(encoding, "surrogatepass")


@st.composite
def spoilt_bytes(draw: st.DrawFn) -> bytes:
    """The bytes of a file with some of them changed, or any bytes."""
    data = bytearray(draw(encoded(sound_texts()) | st.binary(max_size=40)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)
