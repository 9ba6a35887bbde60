"""Whether what the settings put to work can be run here: agents' programs, and the template."""

from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.ui.settings.agent import agent_defects, named_agent_warnings
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.template import template_defects


def put(folder: Path, text: str, name: str = "prd-supervise.toml") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- the agent's command -----------------------------------------------------------------------


def agent(folder: Path, *command: str, use: str = "command") -> list[str]:
    overrides = {"agent.command": list(command), "agent.use": use}
    settings, _ = load_settings(folder, environ={}, overrides=overrides)
    assert settings is not None
    return [str(defect.relative_to(folder)) for defect in agent_defects(settings, folder, {})]


def test_no_command_is_a_defect_only_when_an_agent_is_needed(tmp_path: Path) -> None:
    assert agent(tmp_path) == [
        (
            'prd-supervise.toml: no agent is set; write use = "claude" under [agent], or codex,'
            ' gemini, opencode, qwen, aider, or command = ["./agent.sh"]'
        )
    ]
    assert agent(tmp_path, use="replay") == []


def test_a_command_must_be_there_and_executable(tmp_path: Path) -> None:
    assert "'./agent.sh' is no file in the repository" in agent(tmp_path, "./agent.sh", "-x")[0]
    put(tmp_path, "#!/bin/sh\n", "agent.sh")
    (tmp_path / "agent.sh").chmod(0o644)
    assert "'./agent.sh' is not executable; run chmod +x" in agent(tmp_path, "./agent.sh")[0]
    (tmp_path / "agent.sh").chmod(0o755)
    assert agent(tmp_path, "./agent.sh") == []
    assert agent(tmp_path, str(tmp_path / "agent.sh")) == []


def test_a_bare_word_is_looked_up_on_path(tmp_path: Path) -> None:
    assert agent(tmp_path, "sh", "-c", "true") == []
    assert "'no-such-agent' is not on PATH" in agent(tmp_path, "no-such-agent")[0]


# --- the programs of agents that are known ------------------------------------------------------


def programs(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, *here: str, **overrides: object
) -> list[str]:
    """What is told where these programs are on PATH, and no others."""
    put(folder, text)
    for name in here:
        put(folder, "#!/bin/sh\n", f"bin/{name}")
        (folder / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"))
    settings, _ = load_settings(folder, environ={}, overrides=overrides)
    assert settings is not None
    return [str(defect.relative_to(folder)) for defect in agent_defects(settings, folder, {})]


def test_every_agent_that_is_set_to_work_needs_its_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """[agent]
use = "claude"
fallback = ["codex", "second"]
[agents.second]
kind = "command"
[review]
agent = "gemini"
"""
    claude, second, gemini = programs(tmp_path, text, monkeypatch, "codex")
    place, _, rest = claude.partition(" ")
    assert place == "prd-supervise.toml:2:1:"
    assert rest.startswith("agent.use: claude needs 'claude', which is not on PATH; install it")
    assert second == (
        'prd-supervise.toml:4:2: second has no command; write command = ["./agent.sh"] under '
        "[agents.second]"
    )
    assert gemini.startswith("prd-supervise.toml:7:1: review.agent: gemini needs 'gemini', which")


def test_a_program_of_ones_own_takes_the_place_of_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """[agent]
use = "claude"
command = ["./left-over.sh"]
[agents.claude]
command = ["tools/claude"]
"""
    (missing,) = programs(tmp_path, text, monkeypatch)
    assert missing.startswith("prd-supervise.toml:5:1: agents.claude.command: 'tools/claude' is no")
    put(tmp_path, "#!/bin/sh\n", "tools/claude")
    (tmp_path / "tools" / "claude").chmod(0o755)
    assert programs(tmp_path, text, monkeypatch) == []


def test_the_command_line_may_name_any_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[agent]\nuse = "command"\ncommand = ["./agent.sh"]\nfallback = ["codex"]\n'
    here = "codex"
    assert programs(tmp_path, text, monkeypatch, here, **{"agent.use": "codex"}) == []


def test_an_agent_that_only_a_prd_names_is_told_of_and_refuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, '[agent]\nuse = "replay"\n')
    monkeypatch.setenv("PATH", str(tmp_path))
    stories = tuple(
        PlannedStory(story_id=name, title="t", agent=agent, is_done=name == "D")
        for name, agent in (("A", "claude"), ("B", "claude"), ("C", "replay"), ("D", "codex"))
    )
    plan = Plan(prd_id="P", title="p", path=str(tmp_path / "prd.json"), stories=stories)
    settings, _ = load_settings(tmp_path, environ={}, overrides={})
    assert settings is not None
    (warning,) = named_agent_warnings(settings, [plan], tmp_path)
    assert str(warning.relative_to(tmp_path)).startswith(
        "prd.json:1:1: warning: A, B: agents.claude: claude needs 'claude', which is not on PATH"
    )


# --- the template of prompts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "text", "defect"),
    [
        ("p.md", "$story", ""),
        ("p.md", "$id\n $sory", "p.md:2:2: '$sory' is no placeholder; did you mean '$story'?"),
        ("p.md", "$id alone", "p.md:1:1: no agent could tell from this what to do; put in one of"),
        ("p.md", "x" * 50_001, "p.md:1:1: this template has 50001 characters; 50000 are allowed"),
        ("no.md", "", "prd-supervise.toml:2:1: agent.prompt: 'no.md' is no file in the reposit"),
        ("../p.md", "", "prd-supervise.toml:2:1: agent.prompt: '../p.md' is not in the repository"),
    ],
)
def test_a_template_has_to_tell_the_agent_what_to_do(
    tmp_path: Path, prompt: str, text: str, defect: str
) -> None:
    put(tmp_path, f'[agent]\nprompt = "{prompt}"\n')
    put(tmp_path, text, "p.md")
    found = [str(each.relative_to(tmp_path)) for each in template_defects(prompt, tmp_path, {})]
    assert [line[: len(defect)] for line in found] == ([defect] if defect else [])
