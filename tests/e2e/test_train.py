from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

NAMES = ("US-1", "US-2", "US-3", "US-4", "US-5")
BRANCH = "feature/ALPHA"
# Over the merge of the story `first` it waits for the test, so that all others are ready by then.
CHECK = """
echo "$(basename "$PWD") ${PRD_SUPERVISE_STORIES:-$PRD_SUPERVISE_STORY_ID}" >> "$TMPDIR/runs"
if [ "$(basename "$PWD")" = ALPHA ] && [ -e first.txt ]; then
    touch "$TMPDIR/held"
    until [ -e "$TMPDIR/go" ]; do sleep 0.02; done
fi
"""

# An agent that is at work until then.
WAIT = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/held" ]; do sleep 0.02; done']}

Lay = Callable[..., None]


@pytest.fixture
def lay(repo: Repo) -> Lay:
    """A PRD of the story `first` and these others, all verified by one script."""

    def laid(*stories: dict[str, Any], check: str = "", **settings: Any) -> None:  # noqa: ANN401
        repo.configure(max_workers=6, verify={"commands": ["sh check.sh"]}, **settings)
        repo.put("check.sh", CHECK + check)
        every = (story("first"), *stories)
        repo.prd(*({k: v for k, v in each.items() if k != "verify"} for each in every))
        repo.commit()

    return laid


# Another story is merged while this agent is at work.
UNTIL_LEFT = 'until git log --format=%s feature/ALPHA | grep -q "Merge left"; do sleep 0.02; done'
APP = "import os\nimport sys\n\n\ndef one():\n    return sys\n\n\ndef two():\n    return 2\n"


def _edit(old: str, new: str) -> dict[str, Any]:
    return {"replace": {"path": "app.py", "old": old, "new": new}}


def _late(story_id: str, *steps: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """A story that is ready once the train of `first` is on its way."""
    return story(story_id, WAIT, *(steps or [write(f"{story_id}.txt", "x\n")]))


def _go_when_ready(tree: Tree, *names: str) -> None:
    """Let the first train go on once these stories wait for the next one."""
    for name in names:
        tree.wait_event("verified", story=name)

    def are_waiting() -> bool:
        stories = tree.prd()["stories"]
        return all(stories[name]["reason"] == "waits for the next train" for name in names)

    tree.wait(are_waiting, f"{names} wait for the next train")
    tree.go()


def _runs(repo: Repo) -> list[str]:
    """The runs over merges and bases, in order: the stories that the script was told."""
    lines = (repo.path.parent / "tmp" / "runs").read_text().splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith("ALPHA ")]


def test_five_finished_stories_are_verified_once(repo: Repo, tree: Tree, lay: Lay) -> None:
    lay(*map(_late, NAMES))

    run = tree.begin()
    _go_when_ready(tree, *NAMES)
    run.wait_exit(0)

    assert repo.merged(BRANCH) == [f"ALPHA/{name}" for name in ("first", *NAMES)]
    assert _runs(repo)[-2:] == ["first", " ".join(NAMES)]
    assert "US-1, US-2, US-3, US-4, US-5 are done" in repo.subjects(BRANCH)[0]
    assert repo.flags(BRANCH) == [True] * 6
    evidence = tree.prd()["stories"]["US-2"]["evidence"]
    assert "`sh check.sh` (with US-1, US-3, US-4, US-5 on board)" in evidence
    (told,) = tree.events("train_merged")
    assert told["text"].startswith("US-1, US-2, US-3, US-4, US-5 are merged as ")


def test_one_culprit_among_five_is_found_and_the_other_four_are_merged(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    bad = story("US-3", replay=[[WAIT, write("bad.txt", "x\n")], [write("US-3.txt", "x\n")]])
    stories = [bad if name == "US-3" else _late(name) for name in NAMES]
    lay(*stories, check="! { [ -e bad.txt ] && [ -e first.txt ] && echo 'bad and first'; }")

    run = tree.begin()
    _go_when_ready(tree, *NAMES)
    run.wait_exit(0)

    assert Counter(repo.merged(BRANCH)) == {f"ALPHA/{name}": 1 for name in ("first", *NAMES)}
    assert repo.merged(BRANCH)[:3] == ["ALPHA/first", "ALPHA/US-1", "ALPHA/US-2"]
    (lost,) = tree.events("goes_again")
    assert lost["story"] == "US-3"
    assert not tree.events("attempt_failed")  # others were merged first: that costs nothing
    assert "bad and first" in (tree.attempt("US-3", 2) / "prompt.md").read_text()
    assert not repo.has(BRANCH, "bad.txt")


def test_who_conflicts_with_a_story_in_front_goes_again_on_top_and_pays_nothing(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    lay(_late("US-1", write("same.txt", "one\n")), _late("US-2", write("same.txt", "two\n")))

    run = tree.begin()
    _go_when_ready(tree, "US-1", "US-2")
    run.wait_exit(0)

    assert [event["story"] for event in tree.events("merge_waits")] == ["US-2"]
    (lost,) = tree.events("goes_again")
    assert (lost["story"], "conflicts in same.txt" in lost["text"]) == ("US-2", True)
    assert not tree.events("attempt_failed")
    assert repo.show(BRANCH, "same.txt") == "two\n"


def test_without_a_fallback_a_conflict_is_the_end_of_a_story(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    stories = (_late("US-1", write("same.txt", "one\n")), _late("US-2", write("same.txt", "two\n")))
    lay(*stories, merge={"fallback": False})

    run = tree.begin()
    _go_when_ready(tree, "US-1", "US-2")
    run.wait_exit(1)

    failed = tree.prd()["stories"]["US-2"]
    assert (failed["state"], failed["attempt"]) == ("failed", 1)
    assert "conflicts in same.txt" in failed["reason"]
    assert repo.show("prd-supervise/ALPHA/US-2", "same.txt") == "two\n"


def test_a_commit_that_the_user_makes_on_the_branch_meanwhile_is_merged_upon(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    lay(_late("US-1"))

    run = tree.begin()
    tree.wait((repo.path.parent / "tmp" / "held").exists, "the first train is verified")
    head = repo.git("rev-parse", BRANCH)
    theirs = repo.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", "by hand")
    repo.git("update-ref", f"refs/heads/{BRANCH}", theirs, head)
    _go_when_ready(tree, "US-1")
    run.wait_exit(0)

    assert "by hand" in repo.subjects(BRANCH)
    assert Counter(repo.merged(BRANCH)) == {"ALPHA/first": 1, "ALPHA/US-1": 1}
    assert tree.events("train_dissolved")
    assert not tree.events("attempt_failed")


def test_a_script_that_depends_on_the_story_is_found_out_and_run_for_each(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    lay(_late("US-1"), _late("US-2"), check='test -s "$PRD_SUPERVISE_STORY_ID.txt"')

    run = tree.begin()
    _go_when_ready(tree, "US-1", "US-2")
    run.wait_exit(0)

    assert len(repo.merged(BRANCH)) == 3
    assert tree.events("verify_by_story")
    assert not tree.events("goes_again") + tree.events("attempt_failed")
    assert _runs(repo)[-4:] == ["US-1 US-2", "US-1", "US-2", "US-1"]


def test_a_story_starts_from_a_merge_that_is_still_being_verified(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    lay(story("US-1", dependsOn=["first"]))

    run = tree.begin()
    tree.wait_event("agent_ended", story="US-1")  # the first train waits for us
    _go_when_ready(tree, "US-1")
    run.wait_exit(0)

    assert repo.merged(BRANCH) == ["ALPHA/first", "ALPHA/US-1"]
    merge = repo.git("log", "--format=%H", "--grep=PRD-Story: ALPHA/first", BRANCH)
    assert tree.result("US-1")["base"] == merge


@pytest.mark.parametrize("strategy", ["entity", "none"])
def test_an_import_that_one_removed_and_the_other_uses_is_done_again_with_the_finding(
    repo: Repo, tree: Tree, strategy: str
) -> None:
    repo.put("app.py", APP)
    begun = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/begun" ]; do sleep 0.02; done']}
    first = [
        {"run": ["sh", "-c", f'touch "$TMPDIR/begun"; {UNTIL_LEFT}']},
        _edit("return 2", "return os.name"),
    ]
    again = [_edit("import sys", "import os\nimport sys"), _edit("return 2", "return os.curdir")]
    repo.prd(
        story("left", begun, _edit("import os\n", ""), verify=None),
        story("right", replay=[first, again], verify=None),
    )
    repo.commit()

    tree.begin("start", "--conflict-strategy", strategy).wait_exit(0)

    if strategy == "none":
        assert "import os" not in repo.show(BRANCH, "app.py")
        return
    (lost,) = tree.events("goes_again")
    assert lost["story"] == "right"
    assert "is clean for git alone: app.py:" in lost["text"]
    assert "'os'" in (tree.attempt("right", 2) / "prompt.md").read_text()
    assert "return os.curdir" in repo.show(BRANCH, "app.py")
    assert not tree.events("attempt_failed")


def test_with_verify_commands_who_is_doubted_rides_alone_and_they_decide(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    repo.put("app.py", APP)
    lay(
        _late("left", _edit("import os\n", "")),
        _late("right", _edit("return 2", "return os.name")),
        _late("third"),
    )

    run = tree.begin()
    _go_when_ready(tree, "left", "right", "third")
    run.wait_exit(0)

    assert "right" in {event["story"] for event in tree.events("merge_doubted")}
    assert _runs(repo)[-2:] == ["left third", "right"]
    assert not tree.events("goes_again")
    assert repo.merged(BRANCH) == [f"ALPHA/{name}" for name in ("first", "left", "third", "right")]
    (merged,) = tree.events("merged", story="right")
    assert "; doubted: app.py:" in merged["text"]


def test_a_type_check_that_shares_the_doubt_has_the_story_done_again(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    repo.put("app.py", APP)
    again = [_edit("import sys", "import os\nimport sys"), _edit("return 2", "return os.curdir")]
    right = story("right", replay=[[WAIT, _edit("return 2", "return os.name")], again])
    check = "! grep -q 'os[.]' app.py || grep -q 'import os' app.py || { echo no os here; false; }"
    lay(_late("left", _edit("import os\n", "")), right, merge={"checks": [check]})

    run = tree.begin()
    _go_when_ready(tree, "left", "right")
    run.wait_exit(0)

    (lost,) = tree.events("goes_again")
    assert (lost["story"], lost["text"].rpartition(": ")[2]) == ("right", "no os here")
    assert "its merge is clean for git alone (app.py:" in lost["text"]
    prompt = (tree.attempt("right", 2) / "prompt.md").read_text()
    (diff,) = re.findall(r"`git (diff \w+\.\.\w+)`", prompt)
    assert "os.name" in repo.git(*diff.split()), "what was done before is at hand"
    assert "return os.curdir" in repo.show(BRANCH, "app.py")
    assert not tree.events("attempt_failed")


def test_a_ceiling_that_ends_the_commands_over_several_blames_none_of_them(
    repo: Repo, tree: Tree, lay: Lay
) -> None:
    bomb = "for i in $(seq 40); do sleep 600 & done; wait"
    bomb = f'case "$PRD_SUPERVISE_STORIES" in *" "*) {bomb};; esac'
    lay(_late("US-1"), _late("US-2"), check=bomb, limits={"processes": 20})

    run = tree.begin()
    _go_when_ready(tree, "US-1", "US-2")
    run.wait_exit(0)

    (told,) = tree.events("train_dissolved")
    assert "with US-1, US-2 together: each of them is verified by itself" in told["text"]
    assert _runs(repo)[-2:] == ["US-1", "US-2"]
    assert not tree.events("goes_again") + tree.events("attempt_failed")
    assert len(repo.merged(BRANCH)) == 3
