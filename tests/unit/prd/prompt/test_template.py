from __future__ import annotations

import pytest

from prd_supervise.supervisor.prd.prompt.default import PLACEHOLDERS, TEMPLATE
from prd_supervise.supervisor.prd.prompt.template import flaws, names_in, rendered

VALUES = {"id": "US-1", "story": "do it", "empty": "", "none": ""}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$id: $story", "US-1: do it\n"),
        ("${id}x", "US-1x\n"),
        ("costs $$5, $$id", "costs $5, $id\n"),
        ("`$$HOME`", "`$HOME`\n"),
        ("a\n\n$empty\n\nb", "a\n\nb\n"),
        ("a\n$empty\nb", "a\nb\n"),
        ("a $empty b", "a  b\n"),
        ("", "\n"),
        ("\n\n\n", "\n"),
        ("a\n\n\n\nb", "a\n\nb\n"),
    ],
)
def test_placeholders_get_their_values(text: str, shown: str) -> None:
    assert rendered(text, VALUES) == shown


def test_a_value_is_never_looked_into_again() -> None:
    hostile = "$story ${id} $$ \\1 \\g<0>\n# no heading of ours\n\n\n$(rm -rf /)"
    assert rendered("$story", VALUES | {"story": hostile}) == f"{hostile}\n"


def test_a_section_whose_placeholders_say_nothing_is_left_out() -> None:
    text = (
        "# $id\n\n## Empty $none\n\nwords $empty\n\n## Full\n\n$story $empty\n\n## Plain\n\nas is"
    )
    assert rendered(text, VALUES) == "# US-1\n\n## Full\n\ndo it \n\n## Plain\n\nas is\n"


def test_a_heading_in_a_block_of_code_begins_no_section() -> None:
    text = "# $id\n\n```sh\n# $empty\n~~~\n## x\n```\n\n# $none\n"
    assert rendered(text, VALUES) == "# US-1\n\n```sh\n# \n~~~\n## x\n```\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$id $$ ${story}", []),
        ("a\n  $stroy", [(2, 3, "'$stroy' is no placeholder; did you mean '$story'?")]),
        ("$HOME", [(1, 1, "'$HOME' is no placeholder; allowed are $empty, $id, $none, $story")]),
        ("${id", [(1, 1, "'$' begins a placeholder; write $$ where a dollar sign is meant")]),
        ("5 $ $(x)\n${}", [(1, 3, "'$' begins"), (1, 5, "'$' begins"), (2, 1, "'$' begins")]),
    ],
)
def test_what_is_no_placeholder_has_its_place(text: str, found: list[tuple[int, int, str]]) -> None:
    told = flaws(text, VALUES)
    assert len(told) == len(found)
    for flaw, (line, column, message) in zip(told, found, strict=True):
        assert (flaw.line, flaw.column) == (line, column)
        assert flaw.message.startswith(message)


def test_our_own_template_is_without_a_flaw() -> None:
    assert flaws(TEMPLATE, PLACEHOLDERS) == ()
    assert {"story", "criteria", "failure", "judged", "no_code"} < names_in(TEMPLATE)
