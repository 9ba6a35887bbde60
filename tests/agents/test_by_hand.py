"""Each agent without prd-supervise: what the tests beside this one build on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.agent_clis import NAMES, by_hand
from tests.support.loopback import Loopback
from tests.support.model_server.script import Ill, always, say, shell, write
from tests.support.model_server.server import ModelServer
from tests.support.tree import Tree


def run(tree: Tree, name: str, loopback: Loopback, model: ModelServer) -> tuple[int, str]:
    home = tree.repo.path.parent / "agent"
    command = by_hand(name, model)
    for place, text in command.files.items():
        path = home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [*loopback.prefix(), *command.argv],
        cwd=tree.repo.path,
        env=tree.env | command.env | {"HOME": str(home)},
        input="Write hello.txt.",
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_agents_here_reach_nobody_but_this_machine(loopback: Loopback) -> None:
    if loopback.why:
        pytest.skip(loopback.why)

    found = subprocess.run(
        [*loopback.prefix(), "cat", "/proc/net/dev"], capture_output=True, text=True, check=True
    )

    lines = found.stdout.splitlines()[2:]
    assert [line.partition(":")[0].strip() for line in lines] == ["lo"]


@pytest.mark.parametrize("name", NAMES)
def test_it_works_as_the_model_says(
    tree: Tree, model: ModelServer, loopback: Loopback, name: str
) -> None:
    model.play(write("hello.txt", "hello\n"), shell("cat hello.txt > copy.txt"), say("All done."))

    code, said = run(tree, name, loopback, model)

    assert code == 0, said
    assert Path(tree.repo.path, "copy.txt").read_text() == "hello\n", said
    assert "All done." in said
    assert len(model.turns()) == 3


@pytest.mark.parametrize("name", NAMES)
def test_its_vendors_refusal_reaches_it(
    tree: Tree, model: ModelServer, loopback: Loopback, name: str
) -> None:
    model.play(always(Ill.CONTEXT))

    code, said = run(tree, name, loopback, model)

    assert code not in {0, -9}, said
    assert any(words in said for words in ("too long", "context window", "token count"))
