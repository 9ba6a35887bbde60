from __future__ import annotations

from collections import Counter

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

# Held until both have begun, so that they start from the same commit.
MEET = """
touch "$TMPDIR/$0"
until [ -e "$TMPDIR/left" ] && [ -e "$TMPDIR/right" ]; do sleep 0.02; done
"""


def insert(after: str, text: str) -> dict[str, object]:
    return {"insert": {"path": "README", "after": after, "text": text}}


def test_a_story_without_code_may_be_done_without_a_change(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "nothing to do"}, noCode=True, verify=["test -s README"]))
    repo.commit()

    tree.begin().wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert repo.flags("feature/ALPHA") == [True]
    assert "green before the work too" in tree.result("US-1")["evidence"]


def test_a_story_without_verify_commands_is_done_unverified(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", verify=None))
    repo.commit()

    tree.begin().wait_exit(0)

    assert tree.prd()["stories"]["US-1"]["state"] == "done (unverified)"
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert "done (unverified)" in tree.run("status", "ALPHA").out


def test_verify_commands_are_the_story_s_else_the_prd_s_else_the_configuration_s(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(verify={"commands": ["echo configured"]})
    own, shared = story("own", verify=["echo own"]), story("shared", verify=None)
    repo.prd(own, shared, verify=["echo whole"])
    repo.prd(story("plain", verify=None), name="tasks/b.json", project="BETA")
    repo.commit()

    tree.begin().wait_exit(0)

    for prd, name, word in (
        ("ALPHA", "own", "own"),
        ("ALPHA", "shared", "whole"),
        ("BETA", "plain", "configured"),
    ):
        run = tree.result(name, prd=prd)["merged_run"]
        assert [each["command"] for each in run["commands"]] == [f"echo {word}"]


def test_two_stories_that_change_one_file_in_two_places_are_both_merged(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(
        story("top", insert("one", "after one"), verify=["grep -q 'after one' README"]),
        story("end", insert("seven", "after seven"), verify=["grep -q 'after seven' README"]),
    )
    repo.commit()

    tree.begin().wait_exit(0)

    lines = repo.show("feature/ALPHA", "README").splitlines()
    assert lines[1] == "after one"
    assert lines[-1] == "after seven"
    assert not tree.events("attempt_failed")


def test_a_story_that_conflicts_goes_again_on_top_of_what_was_merged(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(
        *(
            story(
                side,
                {"run": ["sh", "-c", MEET, side]},
                insert("one", f"from {side}"),
                verify=[f"grep -q 'from {side}' README"],
            )
            for side in ("left", "right")
        )
    )
    repo.commit()

    tree.begin().wait_exit(0)

    assert Counter(repo.merged("feature/ALPHA")) == {"ALPHA/left": 1, "ALPHA/right": 1}
    text = repo.show("feature/ALPHA", "README")
    assert "from left" in text
    assert "from right" in text
    (lost,) = tree.events("goes_again")
    assert "conflicts in README" in lost["text"]
    # The work that conflicted is not on the branch any more, and not lost either.
    assert list(repo.salvaged()) == [f"ALPHA/{lost['story']}/1"]
    prompt = (tree.attempt(lost["story"], 2) / "prompt.md").read_text()
    assert "conflicts in README" in prompt


def test_stories_that_the_document_calls_done_or_cancelled_are_not_run(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(
        story("was", passes=True),
        story("not", passes=None, status="cancelled"),
        story("new", dependsOn=["was"]),
    )
    repo.commit()

    tree.begin().wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/new"]
    assert tree.prd()["state"] == "completed"
    assert tree.prd()["stories"]["not"]["state"] == "skipped"


def test_a_retry_runs_what_was_quarantined_and_what_waited_for_it(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 2})
    fails_twice = [[{"exit": 7}], [{"exit": 7}], [write("US-1.txt", "at last\n")]]
    repo.prd(story("US-1", replay=fails_twice), story("US-2", dependsOn=["US-1"]), story("US-3"))
    repo.commit()
    tree.begin().wait_exit(1)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-3"]

    assert "`prd-supervise resume --retry`" in tree.run("resume", code=1).err
    tree.begin("resume", "--retry").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-3", "ALPHA/US-1", "ALPHA/US-2"]
    assert repo.flags("feature/ALPHA") == [True, True, True]
    assert tree.prd()["stories"]["US-1"]["attempt"] == 3


def test_the_agent_s_own_commits_are_merged_as_they_are(repo: Repo, tree: Tree) -> None:
    repo.prd(
        story(
            "US-1",
            write("one.txt", "1\n"),
            {"commit": "feat: by the agent"},
            write("US-1.txt", "2\n"),
        )
    )
    repo.commit()

    tree.begin().wait_exit(0)

    subjects = repo.subjects("feature/ALPHA")
    assert "feat: by the agent" in subjects
    assert "US-1: make US-1.txt" in subjects
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_names_from_a_prd_become_neither_code_nor_paths(repo: Repo, tree: Tree) -> None:
    title = "`touch pwned` $(touch pwned); touch pwned \x1b[31m\n-rf --force \"'"
    repo.prd(story("US-1", title=title), project="`touch pwned`/../x", branchName="feature/x-1.y")
    repo.commit()

    tree.begin().wait_exit(0)

    assert not list(repo.path.rglob("pwned"))
    assert "\x1b" not in tree.run("status").out
    assert "Merge US-1: `touch pwned`" in repo.subjects("feature/x-1.y")[1]
    assert "\x1b" not in repo.git("log", "--format=%B", "feature/x-1.y")
