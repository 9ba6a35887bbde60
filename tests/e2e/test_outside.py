"""Agents that write where they have no business: it is told, and nothing is undone."""

from __future__ import annotations

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree


def shell(line: str) -> dict[str, list[str]]:
    return {"run": ["sh", "-c", line]}


def test_what_an_agent_does_to_the_users_branches_and_files_is_told(repo: Repo, tree: Tree) -> None:
    home = str(repo.path)
    free = f"env -u GIT_DIR git -C {home}"
    commit = "$(git -c user.name=a -c user.email=a@b commit-tree -p main -m mine main^{tree})"
    repo.prd(
        story(
            "US-1",
            shell(f"echo mine >{home}/README"),
            shell(f"echo new >{home}/new.txt"),
            shell(f"git update-ref refs/heads/main {commit}"),
            shell(f"{free} tag v1"),
            write("US-1.txt", "x\n"),
        ),
        story("US-2", dependsOn=["US-1"]),
    )
    before = repo.commit()

    tree.begin().wait_exit(0)

    now = repo.git("rev-parse", "main")
    assert now != before
    lines = tree.result("US-1")["tampering"]
    whose = "; if that was not you, it was an agent of US-1"
    assert lines == [
        f"while it ran: refs/heads/main moved from {before[:10]} to {now[:10]}{whose}",
        f"while it ran: refs/tags/v1 was made, at {now[:10]}{whose}",
        f"while it ran: files changed in the checkout: README, new.txt{whose}",
    ]
    assert [each["text"] for each in tree.events("tampering")] == lines
    assert not tree.result("US-2")["tampering"]
    assert (repo.path / "README").read_text() == "mine\n"
    assert tree.prd()["stories"]["US-1"]["state"] == "done"
    repo.seal()


def test_what_an_agent_does_to_the_work_of_another_story_is_told_and_changes_nothing(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"max_attempts": 1}, max_workers=1)
    slots = f"{repo.state}/worktrees"
    spoil = f'for each in {slots}/*; do [ "$each" -ef . ] || echo spoilt >"$each/US-1.txt"; done'
    branch = "refs/heads/prd-supervise/ALPHA/US-1"
    repo.prd(
        story("US-1", verify=["false"]),
        story("US-2"),
        story(
            "US-3",
            shell(spoil),
            shell(f"git update-ref {branch} main"),
            write("US-3.txt", "x\n"),
        ),
    )
    repo.commit()

    tree.begin().wait_exit(1)

    moved, changed = tree.result("US-3")["tampering"]
    assert moved.startswith(f"while it ran: {branch} moved from ")
    assert changed.startswith("while it ran: files changed in the worktree of US-1: US-1.txt; if")
    assert not tree.result("US-2")["tampering"]


def test_what_the_user_does_between_two_agents_is_nobodys(repo: Repo, tree: Tree) -> None:
    hold = f"until [ -e {repo.path.parent}/go ]; do sleep 0.02; done; test -s US-1.txt"
    repo.configure(max_workers=1)
    repo.prd(story("US-1", verify=[hold]), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin()
    log = tree.attempt("US-1") / "verify.story.log"
    tree.wait(log.exists, "its work is committed", run)
    repo.git("branch", "mine")
    repo.put("README", "mine\n")
    (repo.path.parent / "go").touch()
    run.wait_exit(0)
    assert not tree.events("tampering")
    repo.seal()
