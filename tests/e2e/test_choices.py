"""Who works on a story, with which model, and what it is told."""

from __future__ import annotations

import json

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

# It says who it is, and keeps what it was told.
AGENT = """#!/bin/sh
cat > "prompt-$PRD_SUPERVISE_STORY_ID.md"
echo "$1" > "$PRD_SUPERVISE_STORY_ID.txt"
echo "${PRD_SUPERVISE_MODEL-none}" > "model-$PRD_SUPERVISE_STORY_ID.txt"
"""
TEMPLATE = """\
# Work on $id with $agent/$model

$story

$criteria

## As

$role

## Context

$context

## Before

$failure

## Rules

It costs $$0. Once $judged.
"""


SETTINGS = """[agent]
use = "command"
command = ["./agent.sh", "usual"]
prompt = "prompts/story.md"
FALLBACK

[agents.second]
kind = "command"
command = ["./agent.sh", "second"]
models = { high = "deep-thought", opus = "oeuvre" }

[agents.third]
kind = "command"
command = ["no-such-agent"]

[roles.backend]
agent = "second"
prompt = "You know HTTP."
context = ["context/**"]

[restart]
backoff_base_s = 0.05
backoff_cap_s = 0.2
"""


def with_agents(repo: Repo, fallback: str = "") -> None:
    repo.put("agent.sh", AGENT, mode=0o755)
    repo.put("prompts/story.md", TEMPLATE)
    repo.put("context/api.md", "the API is $private")
    repo.put("prd-supervise.toml", SETTINGS.replace("FALLBACK", fallback))
    repo.commit()
    repo.put("context/.env", "KEY=1")  # which is not committed


def test_a_role_brings_its_agent_its_words_and_its_files(repo: Repo, tree: Tree) -> None:
    with_agents(repo)
    tested = {"text": "it is second", "testCommand": "grep -q second US-1.txt"}
    repo.prd(
        story(
            "US-1",
            replay=None,
            agent="backend",
            complexity="complex",
            acceptanceCriteria=["one", tested],
        ),
        story("US-2", replay=None, agent="unknown-role"),
        story("US-3", replay=None, agent="second", suggestedModel="opus"),
    )
    repo.commit()

    plan = json.loads(tree.run("plan", "--json").out)
    told = {each["id"]: each["agents"] for each in plan["prds"][0]["stories"]}
    assert told == {
        "US-1": [{"agent": "second", "model": "deep-thought"}],
        "US-2": [{"agent": "command", "model": None}],
        "US-3": [{"agent": "second", "model": "oeuvre"}],
    }
    assert "the role backend: 1 file, " in tree.run("plan").out

    tree.begin().wait_exit(0)

    branch = "feature/ALPHA"
    assert [repo.show(branch, f"US-{number}.txt") for number in (1, 2, 3)] == [
        *("second\n", "usual\n", "second\n")
    ]
    models = [repo.show(branch, f"model-US-{number}.txt") for number in (1, 2, 3)]
    assert models == ["deep-thought\n", "none\n", "oeuvre\n"]
    prompt = repo.show(branch, "prompt-US-1.md")
    assert prompt.startswith("# Work on US-1 with second/deep-thought\n")
    assert "## As\n\nYou know HTTP.\n" in prompt
    assert "### context/api.md\n\n```\nthe API is $private\n```\n" in prompt
    assert "KEY=1" not in prompt
    assert "## Before" not in prompt
    commands = "`test -s US-1.txt` and `grep -q second US-1.txt` passed here"
    assert f"It costs $0. Once {commands}" in prompt
    assert "## As" not in repo.show(branch, "prompt-US-2.md")
    assert repo.show(branch, "prompt-US-3.md").startswith("# Work on US-3 with second/oeuvre\n")
    evidence = tree.prd()["stories"]["US-1"]["evidence"]
    assert "by `test -s US-1.txt` and `grep -q second US-1.txt` of its criterion" in evidence
    (read,) = tree.events("context_read")
    assert read["text"].startswith("the role backend: 1 file, ")


def test_a_plan_shows_what_an_agent_of_the_command_line_would_mean(repo: Repo, tree: Tree) -> None:
    with_agents(repo)
    repo.prd(story("US-1", replay=None, agent="backend"))
    repo.commit()

    told = tree.run("plan", "--agent", "second", "--model", "oeuvre").out
    refused = tree.run("plan", "--agent", "secnod", code=78).err

    assert "  second oeuvre as backend: all of them" in told
    assert "agent.use: 'secnod' is no agent; did you mean 'second'?" in refused


def test_a_template_with_an_unknown_placeholder_starts_nothing(repo: Repo, tree: Tree) -> None:
    with_agents(repo)
    repo.put("prompts/story.md", "# $id\n\n  $stroy\n")
    repo.prd(story("US-1", replay=None))
    repo.commit()
    repo.seal()
    refused = tree.run("start")
    assert refused.code == 78
    (line,) = refused.lines
    assert line.startswith("prompts/story.md:3:3: '$stroy' is no placeholder; did you mean '$sto")


def test_an_agent_that_may_take_over_is_looked_for_before_the_night(repo: Repo, tree: Tree) -> None:
    with_agents(repo, 'fallback = ["third"]')
    repo.prd(story("US-1", replay=None))
    repo.commit()
    repo.seal()
    refused = tree.run("start")
    assert refused.code == 78
    assert (
        "agents.third.command: 'no-such-agent' is not on PATH; install it, or write its"
        in refused.err
    )
