from __future__ import annotations

from pathlib import Path

from tests.support.e2e_repo import Repo, story
from tests.support.plugins import ACME, example, lay_down
from tests.support.tree import Tree


def installed(tree: Tree, folder: Path, text: str) -> None:
    """Install the adapter, and the agent that it is for."""
    lay_down(folder / "site", "acme_adapter", text, agent="acme")
    programs = folder / "programs"
    programs.mkdir()
    (programs / "acme").write_text(ACME)
    (programs / "acme").chmod(0o755)
    tree.env["PYTHONPATH"] = str(folder / "site")
    tree.env["PATH"] = f"{programs}:{tree.env['PATH']}"


def test_the_adapter_of_the_page_brings_a_story_to_its_end(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    installed(tree, tmp_path, example())
    repo.configure(agent={"use": "acme"})
    repo.prd(story("US-1", verify=["test -s acme.txt"]))
    repo.commit()

    tree.run("start", code=0)

    assert repo.show("feature/ALPHA", "acme.txt").split() == ["work", "--json"]
    assert "US-1" in repo.show("feature/ALPHA", "acme.seen")
    journal = (repo.state / "prds" / "ALPHA" / "journal.log").read_text()
    assert '"session":"talk-1"' in journal
    assert '"input_tokens":70' in journal


def test_an_adapter_that_raises_costs_the_attempt_and_no_worker(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    broken = example().replace('case "tool":', 'case "tool":\n                1 / 0')
    installed(tree, tmp_path, broken)
    repo.configure(agent={"use": "acme"}, restart={"max_attempts": 1})
    repo.prd(story("US-1"))
    repo.commit()

    tree.run("start", code=1)

    failure = tree.result("US-1")["failure"]
    assert failure["type"] == "agent_failed"  # not worker_died
    assert "the adapter of agent 'acme' raised ZeroDivisionError" in failure["message"]


def test_an_adapter_that_cannot_be_imported_is_a_line_and_no_traceback(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    installed(tree, tmp_path, "import nowhere_at_all\n")
    repo.configure(agent={"use": "acme"}, restart={"max_attempts": 1})
    repo.prd(story("US-1"))
    repo.commit()

    for command, code in (("check", 0), ("start", 78)):  # PRDs can be right without an agent
        done = tree.run(command, code=code)
        said = done.out + done.err
        assert "agent.use: agent 'acme': acme_adapter of acme_adapter cannot be imported" in said
        assert "No module named 'nowhere_at_all'" in said
    found = tree.run("doctor", "--agent", "acme", code=1).out
    assert "cannot be imported" in " ".join(found.split())
