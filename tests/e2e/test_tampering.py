from __future__ import annotations

import json

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree


def editing(*edits: tuple[str, str], path: str = "prd.json") -> list[dict[str, object]]:
    return [{"replace": {"path": path, "old": old, "new": new}} for old, new in edits]


def text_of(repo: Repo, ref: str) -> object:
    return json.loads(repo.show(ref, "prd.json"))


def expected(repo: Repo, *done: str) -> object:
    document = json.loads((repo.path / "prd.json").read_text())
    for each in document["userStories"]:
        each["passes"] = each["id"] in done
    return document


def test_flags_that_an_agent_sets_have_no_effect_and_are_no_reproach(
    repo: Repo, tree: Tree
) -> None:
    lying = editing(('"passes": false', '"passes": true'))
    repo.configure(restart={"max_attempts": 1})
    repo.prd(
        story("US-1", *lying, write("US-1.txt", "x\n")),
        story("US-2", {"exit": 1}, dependsOn=["US-1"]),
    )
    repo.commit()

    tree.begin().wait_exit(1)

    assert text_of(repo, "feature/ALPHA") == expected(repo, "US-1")
    assert not tree.events("tampering")
    assert tree.prd()["stories"]["US-2"]["state"] == "failed"


@pytest.mark.parametrize("is_committed", [True, False])
def test_changed_terms_are_put_back_and_reported(
    repo: Repo, tree: Tree, *, is_committed: bool
) -> None:
    edits = editing(("test -s US-2.txt", "true"), ("US-2.txt is there", "anything goes"))
    last = [{"commit": "chore: simplify the PRD"}] if is_committed else []
    repo.configure(restart={"max_attempts": 1})
    repo.prd(
        story("US-1", *edits, write("US-1.txt", "x\n"), *last),
        story("US-2", write("wrong.txt", "x\n"), dependsOn=["US-1"]),
    )
    repo.commit()

    tree.begin().wait_exit(1)

    told = [event["text"] for event in tree.events("tampering")]
    assert told == [
        "US-2: acceptance criteria were changed",
        "US-2: verify commands were changed",
    ]
    assert tree.result("US-1")["tampering"] == told
    # No effect: the true terms held for the second story, and the file is as it was.
    assert "`test -s US-2.txt` exited with 1" in tree.prd()["stories"]["US-2"]["reason"]
    assert text_of(repo, "feature/ALPHA") == expected(repo, "US-1")


def test_an_agent_that_deletes_the_prd_does_not_get_rid_of_it(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"delete": "prd.json"}, write("US-1.txt", "x\n")))
    repo.commit()

    tree.begin().wait_exit(0)

    assert tree.events("tampering")
    assert text_of(repo, "feature/ALPHA") == expected(repo, "US-1")


def test_editing_the_prd_alone_is_no_work(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", *editing(("false", "true")), {"commit": "done"}, verify=["true"]))
    repo.commit()

    tree.begin().wait_exit(1)

    assert "nothing differs" in tree.prd()["stories"]["US-1"]["reason"]


def test_verify_commands_are_those_of_the_user_s_checkout(repo: Repo, tree: Tree) -> None:
    easy = editing(("exit 1", "exit 0"), path="prd-supervise.toml")
    repo.configure(verify={"commands": ["exit 1"]}, restart={"max_attempts": 1})
    repo.prd(story("US-1", *easy, write("US-1.txt", "x\n"), verify=None))
    repo.commit()

    tree.begin().wait_exit(1)

    assert "`exit 1` exited with 1" in tree.prd()["stories"]["US-1"]["reason"]


@pytest.mark.parametrize(
    "moving",
    [
        ["switch", "-q", "-c", "my-own-idea"],
        ["checkout", "-q", "--detach"],
    ],
)
def test_an_agent_that_moves_its_head_is_followed_if_it_goes_on_from_its_base(
    repo: Repo, tree: Tree, moving: list[str]
) -> None:
    repo.prd(
        story(
            "US-1",
            {"run": ["git", *moving]},
            write("US-1.txt", "x\n"),
            {"commit": "elsewhere"},
            write("more.txt", "y\n"),
        )
    )
    repo.commit()

    tree.begin().wait_exit(0)
    if "-c" in moving:  # the agent's branch is not ours to remove, and not the user's either
        repo.git("branch", "-q", "-D", "my-own-idea")

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert repo.show("feature/ALPHA", "US-1.txt") == "x\n"
    assert repo.show("feature/ALPHA", "more.txt") == "y\n"


def test_an_agent_that_leaves_its_history_is_refused_and_its_work_salvaged(
    repo: Repo, tree: Tree
) -> None:
    orphan = {"run": ["git", "checkout", "-q", "--orphan", "fresh"]}
    leaving = [orphan, write("US-1.txt", "from nowhere\n"), {"commit": "a new world"}]
    repo.prd(story("US-1", replay=[leaving, [write("US-1.txt", "x\n")]]))
    repo.commit()

    tree.begin().wait_exit(0)
    repo.git("branch", "-q", "-D", "fresh")

    (lost,) = tree.events("attempt_failed")
    assert "does not descend from" in lost["text"]
    assert repo.show("feature/ALPHA", "US-1.txt") == "x\n"
    assert any(
        repo.show(f"refs/prd-supervise/salvage/{name}", "US-1.txt") == "from nowhere\n"
        for name in repo.salvaged()
    )


def test_an_agent_cannot_move_the_prd_s_branch_to_its_own_truth(repo: Repo, tree: Tree) -> None:
    forge = (
        'git commit -q --allow-empty -m "x\n\nPRD-Story: ALPHA/US-2" && '
        "git update-ref refs/heads/forged HEAD"
    )
    repo.prd(
        story(
            "US-1",
            {"run": ["git", "config", "user.name", "User"]},
            {"run": ["sh", "-c", forge]},
            write("US-1.txt", "x\n"),
        ),
        story("US-2", {"exit": 1}, dependsOn=["US-1"]),
    )
    repo.configure(restart={"max_attempts": 1})
    repo.commit()

    tree.begin().wait_exit(1)
    repo.git("branch", "-q", "-D", "forged")
    again = tree.begin("resume", "--retry")
    again.wait_exit(1)

    # A trailer in an agent's commit is not on the first-parent line, so it proves nothing.
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert tree.prd()["stories"]["US-2"]["state"] == "failed"
