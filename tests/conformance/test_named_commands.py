"""What pages tell people to type can be typed: the commands and their options exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from prd_supervise.supervisor.ui.cli.main import cli

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
# At the beginning of a line, a code span or a command substitution; ended by what ends these.
_TYPED = re.compile(r"(?:^\$ |^|`|\$\()prd-supervise ([a-z][^`\n#|;)]*)", re.MULTILINE)
_OPTION = re.compile(r"(?<!\S)--?[A-Za-z][\w-]*")


def typed_in(page: Path) -> list[str]:
    return [found.strip() for found in _TYPED.findall(page.read_text(encoding="utf-8"))]


def defects(words: str) -> list[str]:
    name, _, rest = words.partition(" ")
    command = cli.commands.get(name)
    if command is None:
        return [f"no command {name!r}: {words}"]
    known = {
        option
        for each in command.params
        if isinstance(each, click.Option)
        for option in (*each.opts, *each.secondary_opts)
    }
    return [
        f"{name} has no {option}: {words}"
        for option in _OPTION.findall(rest)
        if option not in known | {"-h", "--help"} and not isinstance(command, click.Group)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_what_a_page_tells_to_type_exists(page: Path) -> None:
    assert [defect for words in typed_in(page) for defect in defects(words)] == []


def test_commands_that_do_not_exist_are_found_out() -> None:
    assert len(typed_in(CHECKOUT / "README.md")) >= 8
    assert defects("reprot shop") == ["no command 'reprot': reprot shop"]
    assert defects("status --jason") == ["status has no --jason: status --jason"]
    assert defects("status shop --json") == []
