from __future__ import annotations

import pytest

from prd_supervise.supervisor.prd.documents import parse as parsed
from prd_supervise.supervisor.prd.documents.document import UnreadableError
from prd_supervise.supervisor.prd.documents.languages import is_json, may_be_yaml
from prd_supervise.supervisor.prd.documents.parse import parse


def language(text: str) -> str:
    if is_json(text):
        return "json"
    return "yaml" if may_be_yaml(text) else "markdown"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "json"),
        ("[1]", "json"),
        ('["a"]', "json"),
        ("[ {", "json"),
        ("// why\n{}", "json"),
        ("[x] a box", "markdown"),
        ("[ ] a box", "markdown"),
        ("[![badge](x)](y)", "markdown"),
        ("[Back](x.md)", "markdown"),
        ("tasks:\n  - title: a\n", "yaml"),
        ("# A comment\n---\ntasks:\n- title: a\n", "yaml"),
        ("- title: a\n  completed: false\n", "yaml"),
        ("-\n  title: a\n", "yaml"),
        ("- &a\n  title: a\n", "yaml"),
        ('"tasks": [\n  a\n]\n', "yaml"),
        ("$schema: x\ntasks:\n- a\n", "yaml"),
        ("tasks:\n  - title: a\n    description: |\n      ## Goals\n      Prose it is.\n", "yaml"),
        ("tasks:\n  - title: 'it\n- a\n", "yaml"),
        ("# A PRD\n\nProse it is.\n", "markdown"),
        ("- [ ] a box\n- [x] another\n", "markdown"),
        ("- one\n- two\n", "markdown"),
        ("* one\n", "markdown"),
        ("**Status:** draft\n", "markdown"),
        ("---\ntitle: A\n---\n# A PRD\n", "markdown"),
        ("---\ntitle: A\n---\n\nProse it is.\n", "markdown"),
        ("Status: draft\n\nIt is prose.\n\nAnd more of it.\n", "markdown"),
        ("<!-- a -->\ntasks:\n", "markdown"),
    ],
)
def test_the_language_shows_in_the_lines_at_the_margin(text: str, found: str) -> None:
    assert language(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Status: draft\nOwner: me\n\n## Goals\n\n- a\n\n### US-001: A story\n- [ ] a box\n",
        "Status: draft\n\n# US-001: A story\n",
    ],
)
def test_markdown_that_could_be_yaml_is_not_taken_for_it(text: str) -> None:
    assert may_be_yaml(text)
    assert parsed._yaml(text) is None


def test_json_between_fences_is_told_so() -> None:
    with pytest.raises(UnreadableError, match="fences of Markdown; remove the lines") as caught:
        parse('\n```json\n{"stories": []}\n```\n')
    assert (caught.value.line, caught.value.excerpt) == (2, "```json\n^")
