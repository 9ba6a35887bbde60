from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.agents import plugins
from prd_supervise.workers.agents.base import AgentRun, Ended, UnknownAgentError
from prd_supervise.workers.agents.registry import adapter_for, agent_names
from prd_supervise.workers.messages.agents import AgentSpec
from tests.support.plugins import example, lay_down


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which distributions lie."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    forget()
    yield folder
    for name in set(sys.modules) - before:
        del sys.modules[name]
    forget()


def forget() -> None:
    importlib.invalidate_caches()
    for cached in (plugins._found, plugins.adapter, agent_names):
        cached.cache_clear()


def test_the_example_of_the_page_is_an_adapter(site: Path) -> None:
    lay_down(site, "acme_adapter", example(), agent="acme")
    adapter, run = adapter_for("acme"), AgentRun(worktree="/w", attempt_dir="/a", prompt_file="/p")
    listener = adapter.listener(AgentSpec(name="acme"), run)
    listener.feed('{"event": "end", "ok": true, "text": "Done.", "tokens": {"in": 70}}')

    verdict = listener.finish(Ended(exit_code=0))

    assert "acme" in agent_names()
    assert adapter.argv(AgentSpec(name="acme", model="m"), run)[-1] == "--model=m"
    assert verdict.usage.input_tokens == 70
    assert len(example().splitlines()) < 60


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise RuntimeError('no\\nluck')", r"cannot be imported \(RuntimeError: no luck\)"),
        ("import nowhere_at_all", "cannot be imported"),
        ("import sys; sys.exit(3)", "cannot be imported"),
        ("TRAITS = {}", "has no TRAITS of type Traits"),
        (example().replace("def argv", "def other"), "lacks argv"),
    ],
)
def test_one_that_is_no_adapter_is_told_in_one_line(site: Path, text: str, why: str) -> None:
    lay_down(site, "broken", text)
    with pytest.raises(UnknownAgentError, match=why) as raised:
        adapter_for("broken")
    said = str(raised.value)
    assert "\n" not in said
    assert said.startswith("agent 'broken': broken of broken ")
    assert said.endswith("mend or uninstall it (docs/adapters.md)")


def test_nobody_takes_the_name_of_one_of_ours(site: Path) -> None:
    lay_down(site, "taker", example(), agent="claude")
    assert adapter_for("claude").TRAITS.program == "claude"
    assert list(agent_names()).count("claude") == 1


def test_a_name_that_two_offer_is_nobodys(site: Path) -> None:
    lay_down(site, "one", example(), agent="acme")
    lay_down(site, "two", example(), agent="acme")
    with pytest.raises(UnknownAgentError, match=r"offered by one, two; uninstall all but one"):
        adapter_for("acme")


def test_a_name_that_no_configuration_can_say_is_none(site: Path) -> None:
    lay_down(site, "odd", example(), agent="o d/d")
    assert "o d/d" not in agent_names()
    with pytest.raises(UnknownAgentError, match="is not one of"):
        adapter_for("o d/d")
