from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

# On develop's merge, which alone is checked out by the landing, the verify command waits once.
WAITS_IN_DEVELOP = (
    'git log -1 --format=%s | grep -q "^Merge ALPHA" || exit 0; touch "$TMPDIR/there"; '
    'until [ -e "$TMPDIR/go" ]; do sleep 0.02; done'
)


def landing(repo: Repo, **merge: object) -> None:
    """PRDs go into develop, which nobody has checked out unless the test does."""
    repo.configure(merge={"auto": True, "base": "develop", **merge})


def prepare(repo: Repo) -> str:
    """Commit everything, with develop beside main."""
    base = repo.commit()
    repo.git("branch", "develop")
    return base


def test_two_prds_go_into_a_branch_one_after_the_other_verified_on_the_merged_tree(
    repo: Repo, tree: Tree
) -> None:
    landing(repo)
    # The second one has to see the first one's file, and each its own.
    check = "ls *-1.txt; test -s A-1.txt || test -s B-1.txt"
    repo.prd(story("A-1", verify=[check]))
    repo.prd(story("B-1", verify=[check]), name="tasks/b.json", project="BETA")
    prepare(repo)
    repo.seal()
    repo.disown("refs/heads/develop")

    out = tree.begin().wait_exit(0)

    assert {"A-1.txt", "B-1.txt"} <= set(repo.git("ls-tree", "--name-only", "develop").split())
    first = repo.git("log", "--first-parent", "--format=%s", "develop").splitlines()
    assert sorted(first[:2]) == ["Merge ALPHA: ALPHA", "Merge BETA: BETA"]
    assert len(first) == 3
    logs = [
        (repo.state / "prds" / prd / "landing" / "verify.landing.log").read_text()
        for prd in ("ALPHA", "BETA")
    ]
    seen = [{"A-1.txt", "B-1.txt"} & set(log.splitlines()) for log in logs]
    assert sorted(map(len, seen)) == [1, 2]
    assert all("landed in develop" in tree.prd(prd)["landed"] for prd in ("ALPHA", "BETA"))
    assert "git merge" not in out
    assert "ALPHA landing | $ " in tree.run("logs", "ALPHA", code=0).out


def theirs(repo: Repo, name: str, text: str) -> str:
    """Let somebody else commit to develop, which he has checked out for a moment only."""
    folder = repo.path.parent / "theirs"
    repo.git("worktree", "add", "-q", str(folder), "develop")
    (folder / name).write_text(text)
    repo.git("add", "-A", cwd=folder)
    repo.git("commit", "-qm", "theirs", cwd=folder)
    repo.git("worktree", "remove", str(folder))
    return repo.git("rev-parse", "develop")


def test_a_red_landing_leaves_the_branch_alone_and_the_prd_is_completed(
    repo: Repo, tree: Tree
) -> None:
    landing(repo)
    check = "test ! -e theirs.txt || { echo 'not beside theirs'; exit 3; }"
    repo.prd(story("A-1", HOLD, write("A-1.txt", "x\n"), verify=[check]))
    prepare(repo)
    run = tree.begin()
    tree.wait_event("attempt_started")
    head = theirs(repo, "theirs.txt", "x\n")
    repo.seal()
    tree.go()

    out = run.wait_exit(0)

    assert repo.git("rev-parse", "develop") == head
    alpha = tree.prd()
    assert alpha["state"] == "completed"
    assert alpha["landed"].startswith("not landed: on top of develop")
    assert "not beside theirs" in alpha["landed"]
    assert alpha["landed"] in out
    assert "git merge feature/ALPHA" in out


def test_a_conflict_with_what_others_did_meanwhile_is_told(repo: Repo, tree: Tree) -> None:
    landing(repo)
    repo.prd(story("A-1", HOLD, write("README", "ours\n"), verify=[]))
    prepare(repo)
    run = tree.begin()
    tree.wait_event("attempt_started")
    head = theirs(repo, "README", "theirs\n")
    repo.seal()
    tree.go()

    run.wait_exit(0)

    assert repo.git("rev-parse", "develop") == head
    told = "not landed: it conflicts with develop in README; "
    told += "merge develop into feature/ALPHA by hand first"
    assert tree.prd()["landed"] == told
    assert run.output.count(told) == 3, "two events and the report"

    # What is told helps.
    repo.check_seal()
    side = str(repo.path.parent / "side")
    repo.git("worktree", "add", "-q", side, "feature/ALPHA")
    repo.git("-C", side, "merge", "-q", "-X", "theirs", "--no-edit", "develop")
    repo.git("worktree", "remove", side)
    tree.begin("start", "ALPHA").wait_exit(0)
    assert tree.prd()["landed"].startswith("landed in develop")
    repo.seal()


@pytest.mark.parametrize("verb", ["resume", "start"])
def test_what_was_killed_on_its_way_into_the_branch_goes_on(
    repo: Repo, tree: Tree, verb: str
) -> None:
    landing(repo)
    repo.prd(story("A-1", verify=[WAITS_IN_DEVELOP]))
    base = prepare(repo)
    repo.seal()
    repo.disown("refs/heads/develop")
    run = tree.begin()
    tree.wait((repo.path.parent / "tmp" / "there").exists, "the landing")
    assert "is verified on top of develop" in tree.prd()["note"]
    for process in tree.everybody():
        kill(process.pid)
    run.wait_exit(None)
    tree.wait_gone()
    assert repo.git("rev-parse", "develop") == base

    tree.go()
    tree.begin(verb).wait_exit(0)

    assert repo.git("log", "--first-parent", "--format=%s", "develop").count("Merge ALPHA") == 1
    assert len(tree.events("merged")) == 1


def test_a_stop_on_the_way_is_no_end_and_a_resume_lands(repo: Repo, tree: Tree) -> None:
    repo.configure(grace_s=5, merge={"auto": True, "base": "develop"})
    repo.prd(story("A-1", verify=[WAITS_IN_DEVELOP]))
    base = prepare(repo)
    repo.seal()
    repo.disown("refs/heads/develop")
    run = tree.begin()
    tree.wait((repo.path.parent / "tmp" / "there").exists, "the landing")

    tree.run("stop", code=0)

    run.wait_exit(75)
    assert repo.git("rev-parse", "develop") == base
    assert tree.prd()["state"] == "stopped"
    assert tree.prd()["reasons"] == ["all is done, but it is not in develop yet"]
    tree.go()
    tree.begin("resume").wait_exit(0)
    assert repo.has("develop", "A-1.txt")


def test_a_checkout_with_changes_is_not_touched_and_told(repo: Repo, tree: Tree) -> None:
    landing(repo)
    repo.prd(story("A-1"))
    base = prepare(repo)
    other = repo.path.parent / "other"
    repo.git("worktree", "add", "-q", str(other), "develop")
    (other / "README").write_text("my own words\n")

    tree.begin().wait_exit(0)

    assert repo.git("rev-parse", "develop") == base
    assert (other / "README").read_text() == "my own words\n"
    told = tree.prd()["landed"]
    assert told == (
        f"not landed: develop: it is checked out in {other} with changes that are not committed"
    )

    # Once the changes are committed, the same PRD lands on top of them.
    repo.git("commit", "-qam", "my own words", cwd=other)
    assert "`prd-supervise start ALPHA` tries to land again" in tree.run("status").out
    repo.seal()
    repo.disown("refs/heads/develop")
    tree.begin("start", "ALPHA").wait_exit(0)
    assert repo.show("develop", "README") == "my own words\n"
    assert (other / "A-1.txt").exists()


def test_a_clean_checkout_is_brought_along(repo: Repo, tree: Tree) -> None:
    landing(repo)
    repo.prd(story("A-1"))
    prepare(repo)
    other = repo.path.parent / "other"
    repo.git("worktree", "add", "-q", str(other), "develop")
    repo.seal()
    repo.disown("refs/heads/develop")

    tree.begin().wait_exit(0)

    assert (other / "A-1.txt").read_text() == "A-1\n"
    assert repo.git("status", "--porcelain", cwd=other) == ""
    assert f"{other} was brought along" in tree.prd()["landed"]


def test_a_protected_branch_is_warned_of_at_the_start_and_kept(repo: Repo, tree: Tree) -> None:
    repo.configure(merge={"auto": True})
    repo.prd(story("A-1"))
    repo.commit()

    out = tree.begin().wait_exit(0)

    line = next(
        number
        for number, line in enumerate(
            (repo.path / "prd-supervise.toml").read_text().splitlines(), start=1
        )
        if line.startswith("auto")
    )
    assert f"prd-supervise.toml:{line}:1: warning: merge.auto: main is protected" in out
    assert tree.prd()["landed"].startswith("not landed: main is protected")
    done = tree.run("check", code=0)
    assert "merge.auto: main is protected" in done.out


def test_a_branch_is_pushed_with_a_lease_and_a_refusal_is_told(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    landing(repo, push=True)
    repo.prd(story("A-1"))
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    prepare(repo)
    remote = tmp_path / "remote.git"
    repo.git("init", "-q", "--bare", str(remote))
    repo.git("remote", "add", "origin", str(remote))
    repo.git("push", "-q", "origin", "develop")
    repo.seal()
    repo.disown("refs/heads/develop")
    repo.disown("refs/remotes/origin/develop")

    tree.begin("start", "ALPHA").wait_exit(0)

    assert repo.git("rev-parse", "develop", cwd=remote) == repo.git("rev-parse", "develop")
    assert tree.prd()["landed"].endswith("pushed to origin")

    # Somebody else pushes: what we have seen is no longer there.
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "-b", "develop", str(remote), str(clone), cwd=tmp_path)
    (clone / "theirs.txt").write_text("x\n")
    repo.git("add", "-A", cwd=clone)
    words = ("-c", "user.name=O", "-c", "user.email=o@example.org", "commit", "-qm", "theirs")
    repo.git(*words, cwd=clone)
    repo.git("push", "-q", "origin", "develop", cwd=clone)
    theirs = repo.git("rev-parse", "develop", cwd=remote)

    tree.begin("start", "BETA").wait_exit(0)

    assert repo.git("rev-parse", "develop", cwd=remote) == theirs
    beta = tree.prd("BETA")
    assert beta["state"] == "completed"
    assert "not pushed to origin" in beta["landed"]
    assert "stale info" in beta["landed"]
    assert repo.has("develop", "B-1.txt")
    (event,) = tree.events("not_pushed", prd="BETA")
    assert "stale info" in event["text"]


def test_the_user_s_own_clean_checkout_goes_along_where_that_is_allowed(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(merge={"auto": True, "allow_protected": True})
    repo.prd(story("A-1"))
    repo.commit()
    stash = repo.git("stash", "list")

    tree.begin().wait_exit(0)

    assert (repo.path / "A-1.txt").read_text() == "A-1\n"
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("symbolic-ref", "--short", "HEAD") == "main"
    assert repo.git("stash", "list") == stash
    assert repo.flags("main") == [True]
    assert repo.subjects("main")[0] == "Merge ALPHA: ALPHA"
    repo.seal()  # what has changed was asked for


def test_a_push_that_nobody_answers_ends_in_time_and_nothing_is_undone(
    repo: Repo, tree: Tree
) -> None:
    landing(repo, push=True, push_timeout_s=1.0)
    repo.prd(story("A-1"))
    prepare(repo)
    repo.git("remote", "add", "origin", "ssh://robot:s3cret@nowhere.example/x.git")
    repo.git("config", "core.sshCommand", "sleep 600; false")
    repo.seal()
    repo.disown("refs/heads/develop")

    out = tree.begin().wait_exit(0)

    assert repo.has("develop", "A-1.txt")
    assert tree.prd()["landed"].endswith("; not pushed to origin: no answer in time")
    assert "s3cret" not in out
    tree.wait_gone()


@pytest.mark.parametrize("is_good", [True, False])
def test_what_two_prds_both_import_is_joined_where_the_second_one_lands(
    repo: Repo, tree: Tree, *, is_good: bool
) -> None:
    both = "grep -q json app.py && grep -q '^import os' app.py"
    landing(repo, checks=[both if is_good else f"! {{ {both}; }}"])
    repo.put("app.py", "import abc\nimport sys\n\nprint(abc, sys)\n")
    for prd, name in (("one", "json"), ("two", "os")):
        new = f"import abc\nimport {name}\n"
        step = {"replace": {"path": "app.py", "old": "import abc\n", "new": new}}
        repo.prd(
            story(f"{prd}-1", step, verify=["test -s app.py"]),
            name=f"tasks/{prd}.json",
            project=prd,
        )
    prepare(repo)
    repo.seal()
    repo.disown("refs/heads/develop")

    tree.begin().wait_exit(0)

    (told,) = tree.events("conflict_resolved")
    assert "app.py: both sides' changes are joined by themselves (imports)" in told["text"]
    words = [str(tree.prd(prd)["landed"]) for prd in ("one", "two")]
    (second,) = [text for text in words if "conflicts resolved by themselves in app.py" in text]
    assert second.startswith("landed in develop" if is_good else "not landed: on top of develop")
    imports = {"import json", "import os"} & set(repo.show("develop", "app.py").splitlines())
    assert len(imports) == (2 if is_good else 1)
