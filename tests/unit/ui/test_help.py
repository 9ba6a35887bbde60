from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from prd_supervise.supervisor.ui.cli.main import cli


def shown(*words: str) -> list[str]:
    found = CliRunner().invoke(
        cli, [*words, "--help"], terminal_width=80, prog_name="prd-supervise"
    )
    assert found.exit_code == 0
    return found.output.splitlines()


def test_every_command_stands_in_the_overview_once_with_a_whole_sentence() -> None:
    lines = [line for line in shown() if line.startswith("  ")]
    for name in cli.commands:
        (line,) = (line for line in lines if line.split()[0] == name)
        assert line.endswith(".")
        assert not line.endswith("..")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_says_what_it_does_within_eighty_columns(name: str) -> None:
    lines = shown(name)
    assert max(map(len, lines)) <= 80
    options = [each for each in cli.commands[name].params if isinstance(each, click.Option)]
    assert all(each.help for each in options)
