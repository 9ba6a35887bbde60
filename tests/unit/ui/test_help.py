from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from prd_supervise.supervisor.ui.cli.command import ROW_CHARS
from prd_supervise.supervisor.ui.cli.examples import EXAMPLES, typed
from prd_supervise.supervisor.ui.cli.main import cli

# The glossary's words that we do not use, and those that computers have too many of.
NOT_USED = "manager handler helper utility util job task watcher arbiter nanny".split()


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")


COMMANDS = dict(commands(cli))


def shown(*words: str, width: int = 80) -> list[str]:
    found = CliRunner().invoke(
        cli, [*words, "--help"], terminal_width=width, prog_name="prd-supervise"
    )
    assert found.exit_code == 0
    return found.output.splitlines()


def test_every_command_stands_in_the_overview_once_with_a_whole_sentence() -> None:
    lines = [line for line in shown() if line.startswith("  ")]
    for name in cli.commands:
        (line,) = (line for line in lines if line.split()[0] == name)
        assert line.endswith(".")
        assert not line.endswith("..")


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_says_what_it_does_within_eighty_columns(path: str) -> None:
    lines = shown(*path.split())
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    options = [each for each in COMMANDS[path].params if isinstance(each, click.Option)]
    assert all(each.help for each in options)


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_has_examples_of_what_to_type(path: str) -> None:
    text = "\n".join(shown(*path.split()))
    assert EXAMPLES[path]
    _, _, examples = text.partition("\nExamples:\n")
    assert all(typed(words) in examples for words, _ in EXAMPLES[path])


@pytest.mark.parametrize("path", ["", *sorted(COMMANDS)])
def test_the_examples_are_commands_and_options_that_there_are(path: str) -> None:
    for line, _ in EXAMPLES[path]:
        words = re.split(r"[|)<>]", line.removeprefix('eval "$(').removeprefix("prd-supervise "))[0]
        first, *rest = shlex.split(words)
        command = cli.commands[first]
        while isinstance(command, click.Group):
            command = command.commands[rest.pop(0)]
        with command.make_context(first, rest, resilient_parsing=False) as context:
            assert context.command is command


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_what_a_command_is_for_is_short_and_in_the_words_of_the_glossary(path: str) -> None:
    command = COMMANDS[path]
    said = command.get_short_help_str(1000)
    assert 0 < len(said) <= ROW_CHARS
    assert said.endswith(".")
    text = " ".join(shown(*path.split())).casefold()
    found = [word for word in NOT_USED if re.search(rf"\b{word}s?\b", text)]
    assert found == []


def test_options_of_a_command_with_many_stand_under_headings_each_once() -> None:
    lines = shown("start")
    headings = [line.rstrip(":") for line in lines if line.endswith(":") and line[0] != " "]
    assert headings[0] == "Who works"
    assert headings[-2:] == ["Options", "Examples"]
    for option in (each for each in COMMANDS["start"].params if isinstance(each, click.Option)):
        assert sum(line.startswith(f"  {option.opts[0]} ") for line in lines) == 1


def test_a_narrow_terminal_gets_the_examples_in_two_lines() -> None:
    lines = shown("clean", width=50)
    at = lines.index("  prd-supervise clean")
    assert lines[at + 1].startswith("      ")


def test_without_a_command_all_commands_are_shown() -> None:
    alone = CliRunner().invoke(cli, [], prog_name="prd-supervise")
    helped = CliRunner().invoke(cli, ["help"], prog_name="prd-supervise")
    assert (alone.exit_code, helped.exit_code) == (0, 0)
    assert alone.output == helped.output
    assert "Before a night:" in alone.output


def test_help_shows_one_command_as_its_option_does() -> None:
    for words in (("start",), ("salvage", "show")):
        helped = CliRunner().invoke(cli, ["help", *words], prog_name="prd-supervise")
        assert helped.output == "\n".join(shown(*words)) + "\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("stat",), "there is no command 'stat'; did you mean 'status'?"),
        (("sta",), "there is no command 'sta'; did you mean 'start' or 'status'?"),
        (("strat",), "there is no command 'strat'; did you mean 'start'?"),
        (("salvage", "lst"), "there is no command 'lst'; did you mean 'list'?"),
        (("help", "stauts"), "did you mean 'status'?"),
        (("help", "start", "x"), "prd-supervise start has no commands of its own"),
        (("x" * 9000,), "allowed are"),
        (("\x1b[31m",), r"there is no command '\x1b[31m'"),
    ],
)
def test_a_command_that_there_is_not_is_refused_with_the_nearest_one(
    words: tuple[str, ...], told: str
) -> None:
    found = CliRunner().invoke(cli, words, prog_name="prd-supervise")
    assert found.exit_code == 2
    assert told in found.output
    assert "\x1b" not in found.output
