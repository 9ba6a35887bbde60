from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from prd_supervise.supervisor.ui.cli.examples import EXAMPLES, typed
from prd_supervise.supervisor.ui.cli.main import cli
from prd_supervise.supervisor.ui.cli.man import man_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "man" / "prd-supervise.1"
RUN_S_MAX = 60.0


def rendered() -> str:
    """The page as a terminal of a hundred columns shows it, without overstruck letters."""
    argv = ["groff", "-man", "-Tutf8", "-rLL=100n", "-P-cbou", str(PAGE)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=RUN_S_MAX, check=True)
    return done.stdout


def test_the_page_is_what_the_commands_say() -> None:
    made = man_page(click.Context(cli, info_name="prd-supervise"))
    assert PAGE.read_text(encoding="utf-8") == made, "`make man` writes it anew"


def test_the_page_has_every_command_and_option() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\", "")
    for name, command in cli.commands.items():
        assert f'.SS "{name}' in text
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert [each.opts[0] for each in options if f"{each.opts[0]}" not in text] == []


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_page_is_set_without_a_warning() -> None:
    argv = ["groff", "-man", "-ww", "-z", str(PAGE)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=RUN_S_MAX, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_examples_can_be_copied_from_the_page() -> None:
    text = " ".join(rendered().split())
    for examples in EXAMPLES.values():
        assert [words for words, _ in examples if typed(words) not in text] == []
