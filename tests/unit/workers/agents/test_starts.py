from __future__ import annotations

import json
import os

from prd_supervise.policies.values import replace
from prd_supervise.workers.agents import claude, codex
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.messages.agents import AgentSpec

RUN = AgentRun(worktree="/w", attempt_dir="/a", prompt_file="/p", home="/h")
REVIEW = AgentRun(worktree="/w", attempt_dir="/a", prompt_file="/p", is_review=True)
AGAIN = AgentRun(worktree="/w", attempt_dir="/a", prompt_file="/p", session="s-1")
CLAUDE, CODEX = AgentSpec(name="claude"), AgentSpec(name="codex")
CLAUDE_YOLO = AgentSpec(name="claude", is_yolo=True)
CODEX_YOLO = AgentSpec(name="codex", is_yolo=True)
SKIP = "--dangerously-bypass-approvals-and-sandbox"

# --- Claude Code ---------------------------------------------------------------------------------


def test_a_model_can_become_no_option_of_claude() -> None:
    spec = AgentSpec(name="claude", model="--dangerously-skip-permissions", args=("--effort=low",))
    argv = claude.argv(spec, AGAIN)
    assert argv[:2] == ("claude", "-p")
    assert "--model=--dangerously-skip-permissions" in argv
    assert "--dangerously-skip-permissions" not in argv
    assert "--resume=s-1" in argv
    assert argv[-1] == "--effort=low"


def test_claude_has_the_least_rights_unless_yolo() -> None:
    careful = claude.argv(CLAUDE, RUN)
    assert "--permission-mode=acceptEdits" in careful
    (settings,) = [each for each in careful if each.startswith("--settings=")]
    assert json.loads(settings.removeprefix("--settings="))["sandbox"]["enabled"] is True
    assert "--dangerously-skip-permissions" in claude.argv(CLAUDE_YOLO, RUN)


def test_claude_may_run_the_verify_commands_without_yolo_and_nothing_that_is_like_them() -> None:
    run = replace(RUN, may_run=("make test", 'pytest -k "a or b"', "ls *", "make\ntest"))

    (settings,) = [each for each in claude.argv(CLAUDE, run) if each.startswith("--settings=")]
    allowed = json.loads(settings.removeprefix("--settings="))["permissions"]["allow"]

    assert allowed == ["Bash(make test)", 'Bash(pytest -k "a or b")']
    reviewed = claude.argv(CLAUDE, replace(run, is_review=True))
    assert "make test" not in " ".join(reviewed)


def test_a_review_by_claude_can_write_nothing_even_with_yolo() -> None:
    argv = claude.argv(CLAUDE_YOLO, REVIEW)
    assert "--tools=Read,Grep,Glob" in argv
    assert "--dangerously-skip-permissions" not in argv
    assert "IS_SANDBOX" not in claude.env(CLAUDE_YOLO, REVIEW)


def test_claude_keeps_its_things_in_the_home_of_its_run_and_talks_to_its_model_alone() -> None:
    env = claude.env(CLAUDE, RUN)
    assert env["CLAUDE_CONFIG_DIR"] == "/h/.claude"
    assert env["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] == "1"
    assert "CLAUDE_CONFIG_DIR" not in claude.env(CLAUDE, AGAIN)
    assert ("IS_SANDBOX" in claude.env(CLAUDE_YOLO, RUN)) is (os.geteuid() == 0)


def test_the_program_can_be_another() -> None:
    spec = AgentSpec(name="claude", command=("npx", "claude"))
    assert claude.argv(spec, RUN)[:3] == ("npx", "claude", "-p")
    assert claude.version_argv(spec) == ("npx", "claude", "--version")
    assert codex.version_argv(CODEX) == ("codex", "--version")


# --- Codex ---------------------------------------------------------------------------------------


def test_commands_of_codex_are_held_in_its_sandbox_unless_yolo() -> None:
    careful = codex.argv(CODEX, RUN)
    assert careful[:3] == ("codex", "exec", "--json")
    assert careful[-1] == "-"
    assert '--config=sandbox_mode="workspace-write"' in careful
    assert SKIP not in careful
    assert SKIP in codex.argv(CODEX_YOLO, RUN)


def test_a_review_by_codex_only_reads_even_with_yolo() -> None:
    argv = codex.argv(CODEX_YOLO, REVIEW)
    assert '--config=sandbox_mode="read-only"' in argv
    assert SKIP not in argv


def test_codex_goes_on_with_a_conversation_by_its_name() -> None:
    spec = AgentSpec(name="codex", model=SKIP, args=("-c", "x=1"), command=("/bin/codex",))
    argv = codex.argv(spec, AGAIN)
    assert argv[:3] == ("/bin/codex", "exec", "resume")
    assert argv[-4:] == ("-c", "x=1", "s-1", "-")
    assert f"--model={SKIP}" in argv
    assert SKIP not in argv


def test_nothing_is_written_where_a_setting_of_the_users_may_be_linked() -> None:
    assert codex.files(CODEX, RUN) == claude.files(CLAUDE, RUN) == {}
    assert "--config=analytics.enabled=false" in codex.argv(CODEX, RUN)


def test_codex_keeps_no_snapshot_of_a_shell_s_environment_which_has_its_key() -> None:
    assert "--config=features.shell_snapshot=false" in codex.argv(CODEX, RUN)
