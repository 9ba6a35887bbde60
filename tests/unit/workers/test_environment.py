from __future__ import annotations

import pytest

from prd_supervise.workers.jobs.environment import agent_environment, story_variables
from prd_supervise.workers.messages.story import Assign

ASSIGN = Assign(
    prd_id="PRD-1",
    story_id="US-2",
    title="A title",
    attempt=3,
    base="abc",
    worktree="/w",
    attempt_dir="/a",
    marker="run-1",
)


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LC_ALL",
        "TERM",
        "TMPDIR",
        "TZ",
        "XDG_RUNTIME_DIR",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_EMAIL",
        "SSH_AUTH_SOCK",
    ],
)
def test_what_every_program_needs_goes_through(name: str) -> None:
    assert agent_environment({name: "x"}, extra_names=(), assigned={}) == {name: "x"}


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "PYTHONPATH", "LD_PRELOAD", "GIT_ASKPASS"])
def test_anything_else_goes_through_only_if_it_is_named(name: str) -> None:
    assert agent_environment({name: "x"}, extra_names=(), assigned={}) == {}
    assert agent_environment({name: "x"}, extra_names=(name, "ABSENT"), assigned={}) == {name: "x"}


@pytest.mark.parametrize(
    "name",
    [
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "GIT_CONFIG_KEY_0",
        "CLAUDECODE",
        "NOTIFY_SOCKET",
        "SPT_NOENV",
        "PRD_SUPERVISE_MAX_PRDS",
        "PRD_SUPERVISE_JOB",
    ],
)
def test_some_names_never_go_through_even_if_named(name: str) -> None:
    assert agent_environment({name: "x"}, extra_names=(name,), assigned={}) == {}


def test_what_is_assigned_goes_before_what_was_there() -> None:
    source = {"PRD_SUPERVISE_RUN": "another", "PATH": "/bin"}
    seen = agent_environment(source, extra_names=(), assigned=story_variables(ASSIGN, "/a/p.md"))
    assert seen == {
        "PATH": "/bin",
        "PRD_SUPERVISE_PRD_ID": "PRD-1",
        "PRD_SUPERVISE_STORY_ID": "US-2",
        "PRD_SUPERVISE_STORY_TITLE": "A title",
        "PRD_SUPERVISE_ATTEMPT": "3",
        "PRD_SUPERVISE_WORKTREE": "/w",
        "PRD_SUPERVISE_PROMPT_FILE": "/a/p.md",
        "PRD_SUPERVISE_BASE": "abc",
        "PRD_SUPERVISE_RUN": "run-1",
    }
