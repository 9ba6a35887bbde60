"""Two stories from one commit whose changes stand at the same places of the same files."""

from __future__ import annotations

from collections import Counter

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

# Held until both have begun, so that they start from the same commit.
MEET = """
touch "$TMPDIR/$0"
until [ -e "$TMPDIR/left" ] && [ -e "$TMPDIR/right" ]; do sleep 0.02; done
"""
APP = "import abc\nimport sys\n\nprint(abc, sys)\n"
LOG = "# Changelog\n\n## Unreleased\n\n"


def add(path: str, after: str, text: str) -> dict[str, object]:
    return {"insert": {"path": path, "after": after, "text": text}}


def both(repo: Repo, *, verify: str = "python3 -m compileall -q app.py") -> None:
    """Both stories import something in app.py and say so in the changelog."""
    repo.put("app.py", APP)
    repo.put("CHANGELOG.md", LOG)
    repo.prd(
        *(
            story(
                side,
                {"run": ["sh", "-c", MEET, side]},
                add("app.py", "import abc", f"import {module}"),
                add("CHANGELOG.md", "## Unreleased", f"\n- {side} is new"),
                verify=[verify],
            )
            for side, module in (("left", "json"), ("right", "os"))
        )
    )
    repo.commit()


def lost(tree: Tree) -> list[str]:
    found = (*tree.events("attempt_failed"), *tree.events("goes_again"))
    return [event["text"] for event in found]


def test_what_does_not_contradict_is_merged_without_another_run(repo: Repo, tree: Tree) -> None:
    both(repo)

    tree.begin().wait_exit(0)

    assert Counter(repo.merged("feature/ALPHA")) == {"ALPHA/left": 1, "ALPHA/right": 1}
    assert lost(tree) == []
    assert repo.show("feature/ALPHA", "app.py").splitlines()[:4] == [
        "import abc",
        "import json",
        "import os",
        "import sys",
    ]
    entries = repo.show("feature/ALPHA", "CHANGELOG.md").splitlines()
    assert sorted(line for line in entries if line.startswith("-")) == [
        "- left is new",
        "- right is new",
    ]
    told = tree.events("conflict_resolved")
    assert sorted(event["text"].partition(":")[0] for event in told) == ["CHANGELOG.md", "app.py"]
    (resolved,) = {event["story"] for event in told}
    evidence = tree.result(resolved)["evidence"]
    assert "verified on the merged tree" in evidence
    assert "resolved by themselves in CHANGELOG.md (changelog), app.py (imports)" in evidence


def test_without_reconciliation_the_second_one_goes_again(repo: Repo, tree: Tree) -> None:
    both(repo)

    tree.begin("start", "--no-reconcile").wait_exit(0)

    assert Counter(repo.merged("feature/ALPHA")) == {"ALPHA/left": 1, "ALPHA/right": 1}
    (reason,) = lost(tree)
    assert "conflicts in" in reason
    assert tree.events("conflict_resolved") == []


def test_without_a_fallback_a_conflict_fails_the_story(repo: Repo, tree: Tree) -> None:
    both(repo)

    tree.begin("start", "--no-reconcile", "--no-fallback").wait_exit(1)

    assert len(repo.merged("feature/ALPHA")) == 1
    states = Counter(each["state"] for each in tree.prd()["stories"].values())
    assert states["done"] == 1
    (failed,) = (each for each in tree.prd()["stories"].values() if each["state"] != "done")
    assert "conflicts in" in failed["reason"]


def test_a_type_check_that_a_resolution_breaks_sends_its_story_again(
    repo: Repo, tree: Tree
) -> None:
    # Red as soon as both are there, which only the resolved merge has before anybody goes again.
    check = "! { grep -q json app.py && grep -q '^import os' app.py && test ! -e $HOME/../twice; }"
    repo.configure(merge={"checks": [f"{check} || {{ touch $HOME/../twice; false; }}"]})
    both(repo)

    tree.begin().wait_exit(0)

    (reason,) = lost(tree)
    assert "resolved themselves, but not well" in reason
    assert Counter(repo.merged("feature/ALPHA")) == {"ALPHA/left": 1, "ALPHA/right": 1}


def test_a_type_check_that_is_red_before_blames_nobody(repo: Repo, tree: Tree) -> None:
    repo.configure(merge={"checks": ["false"]})
    both(repo)

    tree.begin().wait_exit(0)

    assert lost(tree) == []
    assert len(tree.events("conflict_resolved")) == 2


def formatter(repo: Repo, text: str) -> str:
    """A script of the repository that formats what it is given."""
    path = repo.put("tidy.sh", f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    repo.configure(merge={"formatters": ["./tidy.sh"]})
    return str(path)


def test_a_formatter_goes_over_what_was_resolved_and_over_nothing_else(
    repo: Repo, tree: Tree
) -> None:
    formatter(repo, 'for file; do echo "# tidy" >> "$file"; done; echo >> tidy.sh; touch litter')
    both(repo, verify="grep -q tidy app.py || ! { grep -q json app.py && grep -q os app.py; }")

    tree.begin().wait_exit(0)

    assert lost(tree) == []
    for name in ("app.py", "CHANGELOG.md"):
        assert repo.show("feature/ALPHA", name).splitlines()[-1] == "# tidy"
    assert repo.show("feature/ALPHA", "tidy.sh") == repo.show("main", "tidy.sh")
    assert "litter" not in repo.git("ls-tree", "--name-only", "feature/ALPHA").split()
    (told,) = tree.events("formatted")
    assert told["text"] == "CHANGELOG.md, app.py: formatted after the merge"


def test_a_formatter_that_fails_changes_nothing_and_holds_nobody_up(repo: Repo, tree: Tree) -> None:
    formatter(repo, 'for file; do echo "# tidy" >> "$file"; done; echo broken; exit 3')
    both(repo)

    tree.begin().wait_exit(0)

    assert lost(tree) == []
    assert "# tidy" not in repo.show("feature/ALPHA", "app.py")
    (told,) = tree.events("format_failed")
    assert "broken" in told["text"]


def test_a_check_that_cannot_be_run_is_told_and_holds_nobody_up(repo: Repo, tree: Tree) -> None:
    repo.configure(merge={"checks": ["./no-such-check"]})
    both(repo)

    tree.begin().wait_exit(0)

    assert lost(tree) == []
    (told,) = tree.events("check_ignored")
    assert "./no-such-check` exited with 127" in told["text"]
    assert "red without" in told["text"]
